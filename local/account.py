"""The unprivileged account that the servers run under when root started us, as Postgres refuses to run as root."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_SHARED = Path("/var/tmp")  # every account may enter it, and it survives a reboot


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its group, by number."""

    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> Account | None:
        """`nobody` when we are root; None (ourselves) otherwise."""
        if os.geteuid() != 0:
            return None
        entry = pwd.getpwnam("nobody")
        return cls(entry.pw_uid, entry.pw_gid)

    def reaches(self, path: Path) -> bool:
        """Whether every folder on the way to `path`, itself included, may be entered by everyone."""
        path = path.resolve()
        return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def reachable_home(directory: Path, account: Account | None) -> Path:
    """`directory`, or its twin under /var/tmp where `account` cannot reach it (a checkout below /root, say)."""
    directory.mkdir(parents=True, exist_ok=True)
    if account is None or account.reaches(directory):
        return directory.resolve()
    return _own_folder(f"data-{_digest(directory)}")


def temporary_home(account: Account | None) -> Path:
    """A new folder that `account` can reach; the caller deletes it."""
    home = Path(tempfile.mkdtemp(prefix="winnow-", dir=_SHARED if account else None))
    home.chmod(0o711)
    return home


def reachable_copy(trees: Iterable[Path], account: Account | None) -> Path:
    """The folder that holds `trees` side by side: where they lie, or a copy under /var/tmp that `account` can reach."""
    trees = list(trees)
    if account is None or all(account.reaches(tree) for tree in trees):
        return trees[0].parent
    age = "-".join(str(tree.stat().st_mtime_ns) for tree in trees)
    copy = _own_folder("programs") / f"{_digest(trees[0])}-{hashlib.sha256(age.encode()).hexdigest()[:8]}"
    if not copy.exists():
        _copy_at_once(trees, copy)
    return copy


def _copy_at_once(trees: Iterable[Path], copy: Path) -> None:
    """Copy beside the goal and rename, so that an interrupted or concurrent copy never looks complete."""
    partial = copy.with_name(f"{copy.name}.{os.getpid()}")
    for tree in trees:
        shutil.copytree(tree, partial / tree.name, symlinks=True)
    partial.chmod(0o755)
    try:
        partial.rename(copy)
    except OSError:
        shutil.rmtree(partial)
        if not copy.exists():
            raise


def _own_folder(name: str) -> Path:
    """A folder of ours below /var/tmp; refused when somebody else made one of that name there first."""
    base = _SHARED / f"winnow-{os.geteuid()}"
    for folder in (base, base / name):
        folder.mkdir(mode=0o711, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise PermissionError(f"{folder} belongs to somebody else; remove it or start from another folder")
        folder.chmod(0o711)
    return base / name


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
