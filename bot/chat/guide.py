"""What the commands say of themselves: a line for each option, and the help page."""

IMAGINE_OPTIONS = {
    "prompt": "What you would like to see; leave it out to write it in a form",
    "aspect": "The pictures' shape; square, or your default, if you don't say",
    "size": "How large; 1K, or your default, if you don't say",
    "count": "How many pictures, 1 to 10",
    "model": "Which model paints; shows its price and how many you can afford",
    "preset": "A style under a name: `/preset list` shows those you can use",
    "format": "The file format; PNG if you don't say, WebP at 4K",
    "enhance": "Let the model's provider expand your prompt",
    "thinking": "How long the model may think",
    "private": "Show the pictures to you only",
    "spoiler": "Hide the pictures until somebody presses on them",
    "image1": "A picture to work from; then a model that can is chosen, and named",
    **{f"image{number}": "One more picture to work from" for number in (2, 3, 4)},
}

_PICTURE = "A PNG, JPEG or WebP file of up to 20 MB"
_MORE = "Another picture to take something from"
EDIT_OPTIONS = {
    "prompt": "What should be different; leave it out to write it in a form",
    "image": _PICTURE,
    "image2": _MORE,
    "image3": _MORE,
    "image4": _MORE,
    "aspect": "The new picture's shape; as the old one if you don't say",
    "size": "How large; what is usual for the model if you don't say",
    "count": "How many pictures, 1 to 10",
    "model": "Which model; one that works from pictures if you don't say",
    "private": "Show the pictures to you only",
}
BLEND_OPTIONS = {
    "image1": "The first picture; leave all out to blend what is in your tray",
    **{f"image{number}": "One more picture" for number in range(2, 6)},
    "prompt": "How to bring them together",
    **{name: EDIT_OPTIONS[name] for name in ("aspect", "size", "count", "private")},
}
_RESULT_ID = "A result's number, with the picture's if it has several: k7f2-2"
UPSCALE_OPTIONS = {
    "image": _PICTURE,
    "receipt_id": _RESULT_ID,
    "to": "How large; the largest there is if you don't say",
    "private": "Show the picture to you only",
}
CUTOUT_OPTIONS = {
    "image": _PICTURE,
    "receipt_id": _RESULT_ID,
    "private": "Show the picture to you only",
}
HISTORY_OPTIONS = {
    "search": "Words that the prompt must have",
    "by": "Whose pictures of this server, for managers; yours if you don't say",
}
SHOW_OPTIONS = {
    "receipt_id": _RESULT_ID,
    "public": "Show it to everybody in this channel",
}

PRESET_OPTIONS = {
    "name": "What it is called, in up to 32 letters",
    "prompt": "Words added to a prompt; {prompt} in them is where the prompt goes",
    "aspect": "The pictures' shape",
    "size": "How large",
    "count": "How many pictures, 1 to 10",
    "model": "Which model paints",
    "format": "The file format",
}
PRESET_NAME = "The preset's name, from the list"
PRESET_USE = {
    "name": PRESET_NAME,
    "prompt": IMAGINE_OPTIONS["prompt"],
}

BUDGET_OPTIONS = {
    "amount": "Dollars like 5 or 0.25 a week, or: unlimited, blocked, unset",
    "period": "How long the amount lasts; a day if you don't say",
    "scope": "Whose limit it is, if it is not one person's, role's, channel's or team's",
    "person": "One person's own limit",
    "role": "Each person who has this role",
    "channel": "Everybody's orders in this channel and its threads, together",
    "team": "A team's members together; with the scope \"each person\", each member's part",
    "reason": "Why, for the record",
}

GRANT_OPTIONS = {
    "person": "Who may spend more",
    "amount": "Dollars like 0.50, on top of the limit in each period; 0 takes it back",
    "expires": "Until the end of today, this week or this month, or for 30 days",
    "reason": "Why, for the record",
}

TEAM_OPTIONS = {
    "name": "What the team is called, in up to 32 letters",
    "amount": "What its members may spend together, like 40 or 10 a week; or unlimited, blocked",
    "period": "How long the amount lasts; a month if you don't say",
    "each_member": "The most that one member may spend of it in that time",
}
MEMBER_OPTIONS = {"team": "The team's name, from the list", "person": "Whom"}

EVENT_OPTIONS = {
    "amount": "What everybody may spend there together, in dollars",
    "hours": "How many hours it lasts, 1 to 72",
    "each_person": "The most that one person may spend of it, in dollars",
    "channel": "Where; this channel if you don't say",
}

ALERT_OPTIONS = {
    "channel": "Where alerts and requests for more are posted",
    "off": "Post them nowhere",
}
MANAGER_OPTIONS = {"role": "Who manages budgets too; leave it out to name nobody"}
STAR_OPTIONS = {
    "channel": "Where starred pictures are shown",
    "off": "Show them nowhere",
}
ZONE_OPTIONS = {"name": "A city's time zone like Europe/Berlin, from the list"}
REPORT_OPTIONS = {"period": "What it is about; this month if you don't say"}

RECEIPT_ID = "The receipt's number, as results and `/quota` show it"

QUOTA_OPTIONS = {"details": "Show every limit that counts for you, and where each was set"}

RESOLVE_OPTIONS = {
    "call": "Which call; `/admin jobs` lists them",
    "outcome": "What the gateway's own list says of it",
    "amount": "What was billed, in dollars, if it was",
    "reason": "How you know, for the record",
}

HELP = """
Write `/imagine` and what you would like to see. Leave `prompt` out for a form with room for \
several lines. `aspect`, `size` and `count` have choices, and `model` shows what a picture costs \
and how many you can afford. With `private` only you see the pictures.

**From pictures.** Reply to a picture and say what should change: `make it night`, `2: add snow` \
for the second one, `1+3: combine`, `again`, `4x`, `wide`, `4k`. Or press the buttons below it, \
attach pictures to `/edit` and `/blend`, or use **Apps** in any message's menu. Whoever asks pays. \
`/history` finds your pictures again.

**Money.** The most your order can cost is held before it is sent. You are charged what the image \
service bills, never more than was held, and the rest comes back at once. No picture, no charge. \
`/quota` shows what you have left. Where that is not enough, buttons order what fits or ask the \
managers for more.

**Your way.** `/settings` chooses what is ordered when you don't say. `/preset save` keeps words \
and options under a name, for the option `preset`; `/preset list` shows yours and this server's.

**For managers.** `/budget view` shows this server's limits, `/budget set` changes them for \
everybody, a role, a person, a channel or the whole server, and `/budget team create` lets people \
share one.
""".strip().split("\n\n")
