"""What checks are given, and what they find."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from redis import Redis

from db.admin_packs import packs_folder
from workers.celery_app import redis_client

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that says what is wrong, and one that says what to do."""

    wrong: str
    do: str


@dataclass(frozen=True)
class Case:
    """The deployment that the environment names, and this machine's part of it.

    `data` is where a local deployment keeps its data. `patience` is for how many seconds work that waits may go
    untouched before nobody works on it: hints at it are given again every ten.
    """

    packs: Path
    spool: Path
    data: Path | None
    max_upload: int
    fetches_packs: bool
    patience: float = 15.0

    @cached_property
    def redis(self) -> Redis:
        """Redis, asked once and without patience."""
        return redis_client(read_seconds=3, connect_seconds=3, retries=0)


Check = Callable[[Case], Iterator[Finding]]


def here(data: Path | None) -> Case:
    """By the settings that the processes on this machine read."""
    return Case(
        packs=packs_folder(),
        spool=Path(tempfile.gettempdir()),
        data=data,
        max_upload=int(os.environ.get("WINNOW_MAX_UPLOAD_MB", 2048)) * MIB,
        fetches_packs=os.environ.get("WINNOW_FETCH_PACKS", "0") == "1",
    )
