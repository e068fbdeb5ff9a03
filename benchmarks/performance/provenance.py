"""Where and when figures come from: the machine, how busy it was, and the commit."""

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.machine import describe

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Provenance:
    """`load`: the average of running processes in the minute before; near 0 on a machine that does nothing else."""

    machine: str
    load: float
    date: str
    commit: str

    @classmethod
    def now(cls) -> "Provenance":
        """To be asked before the measuring begins."""
        return cls(describe(), round(os.getloadavg()[0], 1), f"{datetime.now(UTC):%Y-%m-%d %H:%M}", _commit())


def _commit() -> str:
    """The commit, with a + when files differ from it; `unknown` outside of a repository."""
    try:
        commit = _git("rev-parse", "--short=9", "HEAD").strip()
        return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout
