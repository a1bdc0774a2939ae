"""Where a database may stand: on a disk of this machine."""

import re
from pathlib import Path

import pytest

from bot.store.errors import Unusable
from bot.store.mounts import check_local

TABLE = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:21 / {folder} rw - {kind} somewhere rw
24 22 0:22 / {folder}er rw shared:1 master:2 - nfs4 elsewhere rw
"""


def table(tmp_path: Path, kind: str, folder: str = "") -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(TABLE.format(folder=folder or f"{tmp_path}/data", kind=kind))
    return path


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "fuse", "fuse.sshfs", "fuse.rclone"]
)
def test_shared_file_systems_are_refused_with_what_to_do(tmp_path: Path, kind: str) -> None:
    with pytest.raises(Unusable, match=re.escape(f"shared file system ({kind})")) as caught:
        check_local(tmp_path / "data" / "deeper", table(tmp_path, kind))
    assert "local disk" in str(caught.value)
    assert "named volume" in str(caught.value)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "overlay", "tmpfs", "fuseblk", "fuse.mergerfs"])
def test_local_ones_are_not(tmp_path: Path, kind: str) -> None:
    check_local(tmp_path / "data", table(tmp_path, kind))


def test_only_the_mount_that_holds_the_folder_counts(tmp_path: Path) -> None:
    check_local(tmp_path, table(tmp_path, "nfs"))
    check_local(tmp_path / "database", table(tmp_path, "nfs"))


def test_a_mount_over_another_counts(tmp_path: Path) -> None:
    path = table(tmp_path, "ext4")
    over = path.read_text() + f"25 22 0:23 / {tmp_path}/data rw - cifs //nas/share rw\n"
    path.write_text(over)
    with pytest.raises(Unusable, match="cifs"):
        check_local(tmp_path / "data", path)


def test_names_with_spaces_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "my data"
    with pytest.raises(Unusable, match="nfs"):
        check_local(folder, table(tmp_path, "nfs", str(folder).replace(" ", r"\040")))


def test_where_nobody_can_be_asked_all_is_accepted(tmp_path: Path) -> None:
    check_local(tmp_path, tmp_path / "no such table")


def test_the_table_of_this_machine_can_be_read(tmp_path: Path) -> None:
    check_local(tmp_path)
