"""Parses documents: `python -m workers.parse`. Reading is done in the sandbox, under a lease, outside transactions."""

import logging
import time
from pathlib import PurePosixPath
from uuid import UUID

from prometheus_client import Histogram

from db import crash_points, documents, jobs, resumes
from db.documents import Claim, Settlement
from db.engine import app_session
from db.jobs import ParsedJob
from db.resumes import ParsedResume
from db.rows import content_hash, derived_id, estimated_tokens
from parsing import sandbox
from parsing.errors import ParseError, SandboxError
from parsing.limits import Limits
from workers import archives, consumer, process
from workers.celery_app import PARSE, PARSE_DOCUMENT, app

logger = logging.getLogger(__name__)

DOCUMENT_SECONDS = Histogram(
    "winnow_document_seconds",
    "Reading and settling a document, by how that ended",
    ["kind", "outcome"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45),
)

SLOTS = 2
MOST_ATTEMPTS = 3
LIMITS = {"resume": Limits(), "job": Limits(characters=100_000)}
LONGEST_TITLE = 300

TITLE_ALONE = "The file holds one line, which is the job's title. Write the description below it."
GIVEN_UP = "Reading the file broke off every time it was tried. Save it anew, or send its text as a TXT file."


def parse(tenant_id: UUID, document_id: UUID) -> None:
    """Read a document, if it is due and nobody else has it, and settle its row.

    A document whose reader never came back is tried MOST_ATTEMPTS times, then rejected.
    """
    with app_session(tenant_id) as session:
        held = documents.claim(session, document_id)
    if held is None:
        return
    crash_points.reached("parse.parsing")
    begun = time.monotonic()
    try:
        ended = "settled" if _work(tenant_id, held) else "taken over"
    except SandboxError as error:
        with app_session(tenant_id) as session:
            documents.release(session, held)
        ended = "put back"
        logger.warning("sandbox", extra={"document": str(held.id), "error": str(error)})
    DOCUMENT_SECONDS.labels(held.kind, ended.replace(" ", "_")).observe(time.monotonic() - begun)
    _log(tenant_id, held, ended)


def _work(tenant_id: UUID, held: Claim) -> bool:
    if held.attempt > MOST_ATTEMPTS:
        return _reject(tenant_id, held, "parser_failed", GIVEN_UP)
    try:
        if held.kind == "archive":
            return archives.expand(tenant_id, held)
        document = sandbox.extract(held.content, held.filename, LIMITS[held.kind])
    except ParseError as error:
        return _reject(tenant_id, held, error.code, error.message)
    if held.kind == "job" and _is_title(document.text):
        return _reject(tenant_id, held, "job_without_description", TITLE_ALONE)
    return _keep(tenant_id, held, document.text)


def _reject(tenant_id: UUID, held: Claim, code: str, reason: str) -> bool:
    with app_session(tenant_id) as session:
        if not documents.finish(session, held):
            return False
        documents.settle(session, held, Settlement("rejected", code=code, reason=reason))
    return True


def _keep(tenant_id: UUID, held: Claim, text: str) -> bool:
    with app_session(tenant_id) as session:
        if not documents.finish(session, held):
            return False
        if held.pool_id is None:
            job = _job(held.filename, text)
            kept_id, is_new = jobs.keep_parsed(session, job)
            external_id = job.external_id
        else:
            resume = _resume(held.filename, text)
            kept_id, is_new = resumes.keep_parsed(session, held.pool_id, held.id, resume)
            external_id = resume.external_id
        outcome = "accepted" if is_new else "duplicate"
        documents.settle(session, held, Settlement(outcome, external_id, target_id=kept_id))
    return True


def _is_title(text: str) -> bool:
    """Whether a posting is a title that nothing follows."""
    title = text.strip()
    return len(title.splitlines()) == 1 and len(title) <= LONGEST_TITLE


def _resume(filename: str, text: str) -> ParsedResume:
    """Known by its text alone: the same resume under two names is one."""
    hashed = content_hash("", text, "{}")
    return ParsedResume(derived_id(hashed), PurePosixPath(filename).name, text, hashed, estimated_tokens(text))


def _job(filename: str, text: str) -> ParsedJob:
    first = next(line.strip() for line in text.splitlines() if line.strip())
    title = first if len(first) <= LONGEST_TITLE else PurePosixPath(filename).stem
    hashed = content_hash(title, text, "", "", "")
    return ParsedJob(derived_id(hashed), title, text, hashed, estimated_tokens(title, text))


def _log(tenant_id: UUID, held: Claim, ended: str) -> None:
    ids = {"tenant": str(tenant_id), "upload": str(held.upload_id), "document": str(held.id)}
    logger.info(ended, extra={**ids, "attempt": held.attempt})


@app.task(name=PARSE_DOCUMENT)
def parse_document(tenant_id: str, document_id: str) -> None:
    """A message of the relay: this document is due."""
    parse(UUID(tenant_id), UUID(document_id))


if __name__ == "__main__":
    process.begin(PARSE)
    consumer.run(PARSE, SLOTS)
