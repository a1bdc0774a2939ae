"""Which file system a folder is on: SQLite's locks and its log need a disk of this machine."""

import re
from pathlib import Path

from bot.store.errors import Unusable

MOUNTS = Path("/proc/self/mountinfo")  # Linux's; elsewhere nobody can be asked

_REMOTE = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "prl_fs", "smb", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs"),
    }
)
_LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.mergerfs"})


def check_local(folder: Path, mounts: Path = MOUNTS) -> None:
    """Refuse what other machines, or a virtual machine's host, may write to as well.

    Raises:
        Unusable: naming the file system and what to use instead.
    """
    if not mounts.exists():
        return
    kind = _kind_of(folder.resolve(), mounts.read_text(encoding="utf-8", errors="replace"))
    if kind in _REMOTE or (kind.split(".")[0] == "fuse" and kind not in _LOCAL_FUSE):
        raise Unusable(
            f"{folder} is on a shared file system ({kind}), where SQLite can lose what it wrote; "
            "put the database on a local disk, or in a named volume of the container"
        )


def _kind_of(folder: Path, table: str) -> str:
    """Find the mount that holds a folder: the longest path, and of equals the last."""
    found, length = "", -1
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(_unescaped(before.split(" ")[4]))
        if folder.is_relative_to(point) and len(point.parts) >= length:
            found, length = after.split(" ")[0], len(point.parts)
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), text)
