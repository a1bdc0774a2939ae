"""Why the store cannot do its work; refusals of orders are `bot.core.problems.Refused`."""


class StoreError(Exception):
    """Nothing was written: the disk is full, the file is read-only, locked, or the store closed."""

    @classmethod
    def of(cls, error: Exception) -> "StoreError":
        """Name SQLite's own error; Python's own errors have no such name."""
        name = getattr(error, "sqlite_errorname", None) or type(error).__name__
        return cls(f"{name}: {error}")


class InUse(StoreError):
    """Another process holds this database."""


class Unusable(StoreError):
    """The file is no sound database of ours; it is never repaired by guessing."""
