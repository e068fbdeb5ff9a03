"""This machine: room for uploads and data."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from admin.checks.case import MIB, Case, Finding


def disk(case: Case) -> Iterator[Finding]:
    """Free space where uploads are spooled, where a local deployment keeps its data, and where packs are fetched to."""
    yield from _room(case.spool, case.max_upload, "uploads are spooled here: make room, or set TMPDIR to a larger disk")
    if case.data is not None:
        yield from _room(case.data, case.max_upload, "the database lies here: make room, or move it to a larger disk")
    if case.fetches_packs:
        yield from _room(case.packs, 200 * MIB, "packs are fetched to here: make room")


def _room(folder: Path, needed: int, told: str) -> Iterator[Finding]:
    if not folder.is_dir():
        yield Finding(f"The folder {folder} is not there.", f"Make it ({told}).")
        return
    free = shutil.disk_usage(folder).free
    if free < needed:
        wrong = f"{folder} has {free // MIB:,} MB free; the largest upload takes {needed // MIB:,}."
        yield Finding(wrong, f"{told[0].upper()}{told[1:]}.")
