"""Watch one screening while it runs and write down every moment at which what must always hold did not."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from types import TracebackType
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError

from client.answers import Screening
from db.engine import app_session

OUTCOMES = ("scored", "errored", "canceled")

# One statement is one snapshot: counters and the rows they count are read at the same instant.
SNAPSHOT = text("""
    SELECT total, state, screenings.scored, screenings.errored, screenings.canceled,
           counted.scored AS scored_rows, counted.errored AS errored_rows, counted.canceled AS canceled_rows
    FROM screenings, LATERAL (
        SELECT count(*) FILTER (WHERE scores.state = 'scored') AS scored,
               count(*) FILTER (WHERE scores.state = 'errored') AS errored,
               count(*) FILTER (WHERE scores.state = 'canceled') AS canceled
        FROM scores WHERE scores.tenant_id = screenings.tenant_id AND scores.screening_id = screenings.id
    ) AS counted
    WHERE screenings.id = :screening
""")


@dataclass(slots=True)
class Findings:
    """How often was looked, and what was wrong; an empty list is the only good one.

    `refused` counts polls that the API answered with a proper 503, `unanswered` those that nobody answered.
    """

    polls: int = 0
    refused: int = 0
    unanswered: int = 0
    violations: list[str] = field(default_factory=list)


class RefusedError(Exception):
    """The API says that it cannot answer now, and when to ask again."""


class UnansweredError(Exception):
    """Nobody is there to answer."""


class Watch:
    """Polls the API's answer and the database's snapshot until left, each poll a look at both."""

    def __init__(
        self, tenant_id: UUID, screening_id: UUID, poll_api: Callable[[], Screening], seconds: float = 0.1
    ) -> None:
        self.findings = Findings()
        self.ended = 0
        self._tenant_id, self._screening_id = tenant_id, screening_id
        self._poll_api, self._seconds = poll_api, seconds
        self._highest = dict.fromkeys(OUTCOMES, 0)
        self._left = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="invariants")

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()
        if self._error:  # a watch that could not look has seen nothing, which must not read as nothing wrong
            raise self._error

    def _run(self) -> None:
        try:
            while not self._left.wait(self._seconds):
                self._look()
                self.findings.polls += 1
        except Exception as error:
            self._error = error

    def _look(self) -> None:
        with suppress(OperationalError, InterfaceError):  # a database that is away cannot be looked into
            self._look_at_database()
        try:
            self._look_at_api()
        except RefusedError:
            self.findings.refused += 1
        except UnansweredError:
            self.findings.unanswered += 1

    def _look_at_database(self) -> None:
        with app_session(self._tenant_id) as session:
            row = session.execute(SNAPSHOT, {"screening": self._screening_id}).mappings().one()
        for outcome in OUTCOMES:
            if row[outcome] != row[f"{outcome}_rows"]:
                self._note(f"{outcome} says {row[outcome]}, rows are {row[f'{outcome}_rows']}")
        if (row["state"] == "ended") != (sum(row[outcome] for outcome in OUTCOMES) == row["total"]):
            self._note(f"state {row['state']} with {[row[outcome] for outcome in OUTCOMES]} of {row['total']}")

    def _look_at_api(self) -> None:
        screening = self._poll_api()
        counts = asdict(screening.counts)
        self.ended = screening.counts.ended
        if sum(counts.values()) != screening.total:
            self._note(f"API counts {counts} do not sum to {screening.total}")
        for outcome in OUTCOMES:
            if counts[outcome] < self._highest[outcome]:
                self._note(f"API {outcome} fell from {self._highest[outcome]} to {counts[outcome]}")
            self._highest[outcome] = max(self._highest[outcome], counts[outcome])

    def _note(self, violation: str) -> None:
        self.findings.violations.append(violation)
