"""What is asked of a loaded database: the functions that the API, the relay and KEDA call, as they call them."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice
from uuid import UUID

from sqlalchemy.orm import Session

from benchmarks.scale.loading import Loaded
from benchmarks.scale.uploads import LongUploads
from db import due, export, results, screenings, uploads
from db.results import Filters, Place

LIMIT = 100
"""Rows of a page, as the API gives when it is not told."""
CATEGORY = "Java_Developer"
POLLED_ROWS = 20
EXPORTED = 5_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What one question is about: an ended screening, and two long uploads of the same tenant."""

    screening: Loaded
    uploads: LongUploads


Ask = Callable[[Session, Subject], object]


def page(filters: Callable[[Subject], Filters], after: float | None = None) -> Ask:
    """A page of results; `after` is the probability that the page before ended with."""

    def ask(session: Session, subject: Subject) -> object:
        wanted = filters(subject)
        job = wanted.job_id or subject.screening.job_ids[0]
        place = None if after is None else Place(after, job, UUID(int=0))
        return results.page(session, subject.screening.id, wanted, place, LIMIT)

    return ask


def a_job(subject: Subject) -> UUID:
    """One of the screening's jobs."""
    return subject.screening.job_ids[-1]


def _export(session: Session, subject: Subject, rows: int) -> object:
    return deque(islice(chain.from_iterable(export.results(session, subject.screening.id, ())), rows), maxlen=0)


def _poll_upload(session: Session, upload_id: UUID) -> object:
    state = uploads.get(session, upload_id)
    assert state is not None
    return uploads.first_rows(session, state, POLLED_ROWS)


QUESTIONS: dict[str, Ask] = {
    "page of all": page(lambda _: Filters()),
    "page of all, half way": page(lambda _: Filters(), after=0.5),
    "page of a job": page(lambda one: Filters(job_id=a_job(one))),
    "page of a job, half way": page(lambda one: Filters(job_id=a_job(one)), after=0.5),
    "page from a score on": page(lambda _: Filters(min_score=0.99)),
    "page of a job from a score on": page(lambda one: Filters(job_id=a_job(one), min_score=0.9)),
    "page of the errored": page(lambda _: Filters(state="errored")),
    "page of the flagged": page(lambda _: Filters(flagged=True)),
    "page of a category": page(lambda _: Filters(category=CATEGORY)),
    "export, first row": lambda session, one: _export(session, one, 1),
    f"export, {EXPORTED:,} rows": lambda session, one: _export(session, one, EXPORTED),
    "poll of a screening": lambda session, one: screenings.find(session, one.screening.id),
    "list of screenings": lambda session, _: screenings.page(session, None, LIMIT),
    "poll of an upload, rejected at its end": lambda session, one: _poll_upload(session, one.uploads.few_rejected),
    "poll of an upload, half rejected": lambda session, one: _poll_upload(session, one.uploads.half_rejected),
}
SYSTEM_QUESTIONS: dict[str, Callable[[Session], object]] = {
    "relay: due screenings": lambda session: due.screenings(session, 10),
    "relay: due documents": lambda session: due.documents(session, 10),
}
