"""Where the servers' account can and cannot go, and what stands in for folders that it cannot enter."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from local import account
from local.account import Account, reachable_copy, reachable_home

NOBODY = Account(65534, 65534)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for /var/tmp."""
    folder = tmp_path / "shared"
    folder.mkdir()
    monkeypatch.setattr(account, "_SHARED", folder)
    return folder


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    return folder


def test_a_folder_below_a_private_one_is_out_of_reach(private: Path) -> None:
    (private / "open").mkdir(mode=0o755)
    assert not NOBODY.reaches(private / "open")
    assert NOBODY.reaches(Path("/usr/bin"))


def test_our_own_account_needs_no_other_home(private: Path) -> None:
    assert reachable_home(private / "data", None) == private / "data"


def test_a_private_home_has_one_twin(private: Path, shared: Path) -> None:
    twin = reachable_home(private / "data", NOBODY)
    assert shared in twin.parents
    assert reachable_home(private / "data", NOBODY) == twin
    assert reachable_home(private / "other", NOBODY) != twin
    assert twin.stat().st_mode & 0o777 == 0o711


def test_private_programs_are_copied_once_and_again_when_they_change(private: Path, shared: Path) -> None:
    trees = [private / "bin", private / "lib"]
    for tree in trees:
        tree.mkdir()
        (tree / "file").write_text(tree.name)
    copy = reachable_copy(trees, NOBODY)
    assert shared in copy.parents
    assert [(copy / name / "file").read_text() for name in ("bin", "lib")] == ["bin", "lib"]
    assert reachable_copy(trees, NOBODY) == copy
    os.utime(trees[1], (0, 0))
    assert reachable_copy(trees, NOBODY) != copy


def test_an_interrupted_copy_counts_as_none(private: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (private / "bin").mkdir()

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copytree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            reachable_copy([private / "bin"], NOBODY)
    assert (reachable_copy([private / "bin"], NOBODY) / "bin").is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_that_somebody_else_laid_out_is_refused(private: Path, shared: Path) -> None:
    trap = shared / f"winnow-{os.geteuid()}"
    trap.mkdir()
    os.chown(trap, NOBODY.uid, NOBODY.gid)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        reachable_home(private / "data", NOBODY)
