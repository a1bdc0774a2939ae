"""What the commands say of themselves: a line for each option, and the help page."""

IMAGINE_OPTIONS = {
    "prompt": "What you would like to see; leave it out to write it in a form",
    "aspect": "The pictures' shape; square if you don't say",
    "size": "How large; 1K if you don't say",
    "count": "How many pictures, 1 to 10",
    "model": "Which model paints; shows its price and how many you can afford",
    "format": "The file format; PNG if you don't say, WebP at 4K",
    "enhance": "Let the model's provider expand your prompt",
    "thinking": "How long the model may think",
    "private": "Show the pictures to you only",
    "spoiler": "Hide the pictures until somebody presses on them",
}

BUDGET_OPTIONS = {
    "scope": "Whose limit it is",
    "amount": "Dollars like 5 or 0.25, or: unlimited, blocked, unset",
    "period": "How long the amount lasts; a day if you don't say",
    "person": "Who it is, if the limit is one person's",
    "reason": "Why, for the record",
}

HELP = """
Write `/imagine` and what you would like to see. Leave `prompt` out for a form with room for \
several lines. `aspect`, `size` and `count` have choices, and `model` shows what a picture costs \
and how many you can afford. With `private` only you see the pictures.

**Money.** The most your order can cost is held before it is sent. You are charged what the image \
service bills, never more than was held, and the rest comes back at once. No picture, no charge. \
`/quota` shows what you have left.

**For managers.** `/budget view` shows this server's limits. `/budget set` changes them for each \
person, for one person or for the whole server.
""".strip().split("\n\n")
