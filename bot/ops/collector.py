"""Python's garbage collector, set for a process whose loop must not stand still."""

import gc

# Of new objects, until the youngest are looked through: orders come by the thousand.
_EACH = 5_000


def settle() -> None:
    """Set what was loaded so far aside for good; call it once everything is.

    A whole collection looks through every module's objects, which stops the loop for 80 ms; after
    this for 2 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_EACH, *gc.get_threshold()[1:])
