"""Archives: every file in one becomes a document of its upload, in the place of the archive's row."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from db import documents
from db.documents import Claim
from db.engine import app_session
from db.rows import DocumentRow, Kind, RejectedRow, Row
from parsing import sandbox
from parsing.errors import ParseError
from parsing.limits import MIB, ArchiveLimits
from workers import consumer

LIMITS = ArchiveLimits(member_size=20 * MIB)
RENEW_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of the archive: `size` bytes of the spool from `start` on, or why it cannot be used."""

    name: str
    start: int
    size: int
    error: ParseError | None


def expand(tenant_id: UUID, held: Claim) -> bool:
    """Settle an archive in hand; False when it was taken over meanwhile.

    Raises ParseError when nothing in it can be used. Members go through a temporary file, so that memory holds one.
    """
    with tempfile.TemporaryFile() as spool:
        members = list(_members(tenant_id, held, spool))
        if not members:
            raise ParseError("empty_file", "The archive holds no files. Put the documents into it and send it again.")
        with app_session(tenant_id) as session:
            if not documents.finish(session, held, forget=True):
                return False
            first = documents.first_free_number(session, held.upload_id)
            documents.replace_archive(session, held, _rows(held, members, spool, first))
    return True


def _members(tenant_id: UUID, held: Claim, spool: BinaryIO) -> Iterator[_Member]:
    """What the archive holds; the lease is renewed as long as there is more."""
    renewed = time.monotonic()
    try:
        for member in sandbox.expand(held.content, LIMITS):
            consumer.watchdog.got_on()
            start = spool.tell()
            spool.write(member.content)
            yield _Member(member.name, start, len(member.content), member.error)
            if time.monotonic() - renewed > RENEW_SECONDS:
                with app_session(tenant_id) as session:
                    documents.renew(session, held)
                renewed = time.monotonic()
    except ParseError as error:
        if spool.tell() == 0:
            raise
        yield _Member(f"{held.filename} (the rest of it)", 0, 0, error)  # what came before is good


def _rows(held: Claim, members: list[_Member], spool: BinaryIO, first: int) -> Iterator[Row]:
    kind: Kind = "job" if held.pool_id is None else "resume"
    for number, member in enumerate(members, first):
        if member.error is not None:
            yield RejectedRow(number, kind, member.name, None, member.error.code, member.error.message)
        elif member.size == 0:
            yield RejectedRow(number, kind, member.name, None, "empty_file", "The file is empty (0 bytes).")
        else:
            yield DocumentRow(number, kind, member.name, spool, member.start, member.size)
