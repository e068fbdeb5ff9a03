"""File systems of a few megabytes that can be full: tmpfs, where we may mount one."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TRIES = 50
PAGE = 4096  # bytes; a size of none would mean no limit


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A folder that is a file system of its own; where mounting is not possible, a folder as any other."""

    folder: Path
    megabytes: int

    @property
    def mounted(self) -> bool:
        """Whether it can be full."""
        return self.folder.is_mount()

    @contextmanager
    def full(self) -> Iterator[None]:
        """While in the block, it is no larger than what lies there."""
        for _ in range(TRIES):  # whoever writes meanwhile makes the new size too small, which is refused
            if self._resized(str(max(shutil.disk_usage(self.folder).used, PAGE))):
                break
            time.sleep(0.01)
        else:
            raise RuntimeError(f"{self.folder} cannot be made full")
        try:
            yield
        finally:
            self._resized(f"{self.megabytes}m")

    def _resized(self, size: str) -> bool:
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Make the folder, on a tmpfs if that is allowed; unmounted when left."""
    folder.mkdir()
    disk = SmallDisk(folder, megabytes)
    if not mounts("-t", "tmpfs", "-o", f"size={megabytes}m,mode=1777", "tmpfs", str(folder)):
        yield disk
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def mounts(*arguments: str) -> bool:
    """Run mount(8); False where that is not allowed, as for anybody but root, and for root in most containers."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
