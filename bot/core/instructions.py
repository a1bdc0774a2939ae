"""Instructions: what a model is told to do with pictures when nobody wrote it themselves."""

from bot.core.catalogue import Task

PROMPTS = {
    Task.VARY: (
        "Paint a variation of this picture: the same subject, style and composition, with "
        "different details."
    ),
    Task.BLEND: "Blend these pictures into one harmonious picture.",
    Task.UPSCALE: (
        "Reproduce this picture exactly as it is, at a higher resolution, sharper and with finer "
        "detail. Change nothing else."
    ),
    Task.CUT_OUT: (
        "Cut out the main subject exactly as it is and remove the background completely, so that "
        "everything around the subject is transparent."
    ),
}
RESHAPE = (
    "Extend this picture to fill the new shape. Keep everything that is in it as it is and "
    "continue the scene naturally."
)
