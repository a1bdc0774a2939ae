"""Ids that carry the time they were made, as Discord's do."""

from datetime import UTC, datetime, timedelta

from bot.core.clock import Clock

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
SEQUENCE_BITS = 22


class Snowflakes:
    """Gives ever larger ids, stamped by the stand-in's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """Give an id that was never given before and is larger than all of them."""
        since = self._clock.now() - DISCORD_EPOCH
        stamped = int(since / timedelta(milliseconds=1)) << SEQUENCE_BITS
        self._last = max(stamped, self._last + 1)
        return str(self._last)


def made_at(snowflake: str) -> datetime:
    """Read the moment an id was made."""
    return DISCORD_EPOCH + timedelta(milliseconds=int(snowflake) >> SEQUENCE_BITS)
