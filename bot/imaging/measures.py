"""How large a picture may be: what people read of it, and what the child goes by."""

SIDE_MIN = 64
SIDE_MAX = 8192
RATIO_MAX = 8
PIXELS_MAX = 40_000_000
PIXELS_MAX_INTERLACED = 12_000_000  # these cannot be read row by row: the whole is in memory


def pixels_max(*, interlaced: bool) -> int:
    """Give how many pixels are decoded at most."""
    return PIXELS_MAX_INTERLACED if interlaced else PIXELS_MAX


def may_be_reference(width: int, height: int, *, interlaced: bool) -> bool:
    """Tell whether an order may work from a picture of this size."""
    short, long = sorted((width, height))
    return SIDE_MIN <= short <= long <= min(
        SIDE_MAX, short * RATIO_MAX
    ) and width * height <= pixels_max(interlaced=interlaced)
