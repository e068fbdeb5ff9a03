"""The relay, the delivery worker, the parse worker and the API killed in the middle of what they do."""

import tempfile
import time
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.chaos.rows import Costs, Row
from benchmarks.chaos.stage import RELAYS, Stage, resumes
from benchmarks.chaos.watched import EFFECTS_PATIENCE, Watched, screening, until
from db.engine import app_session
from db.tables import Delivery, Resume

DOCUMENTS = 24
ROWS = 2_500
"""More than the API writes at once, so that it dies between the first rows and the last."""


def processes(stage: Stage) -> list[Row]:
    """All while the same screenings run: what one leaves behind, the others must not notice."""
    parsing = _Parsing.begin(stage)
    leading = _Leading.begin(stage)
    with screening(stage, copies=2) as watched:
        rows = [leading.row(stage)]
        delivering = _Delivering.begin(stage)
        rows += [_api(stage, watched), delivering.row(stage), parsing.row(stage)]
    return [Row(row.fault, row.injected, row.costs + watched.costs, row.recovered, row.within, row.notes, row.wrong)
            for row in rows]  # fmt: skip


def _led(stage: Stage) -> int:
    """How often a relay began to lead."""
    return sum(stage.log(name).count("leading") for name in RELAYS)


def _api(stage: Stage, watched: Watched) -> Row:
    """In the middle of an upload, which the client sends again: had it left anything, that would now be a duplicate."""
    client, rows = stage.client, resumes(ROWS)
    pool = client.pools.create("interrupted")
    armed = stage.arm("intake.written")
    begun = time.monotonic()
    upload = client.pools.upload(pool.id, rows, idempotency_key="interrupted")
    took = time.monotonic() - begun
    kept = _resumes(stage, pool.id)
    costs = Costs(lost=max(0, ROWS - kept), doubled=max(0, kept - ROWS) + upload.counts.duplicate)
    wrong = ("the API was not killed",) if armed.exists() else ()
    notes = f"{watched.unanswered()} polls unanswered meanwhile"
    return Row("SIGKILL of the API in the middle of an upload", 1, costs, (took,), 45.0, notes, wrong)


@dataclass(frozen=True, slots=True)
class _Leading:
    """A relay that dies between postponing rows and hinting at them, so that the hints are lost; twice.

    Its death waits for it before there is work, as later all of it may have been hinted at; the next one's waits for
    its first hint.
    """

    armed: Path
    led: int

    @classmethod
    def begin(cls, stage: Stage) -> "_Leading":
        led = _led(stage)
        return cls(stage.arm("relay.publishing"), led)

    def row(self, stage: Stage) -> Row:
        took, armed = [], self.armed
        for deaths in (1, 2):
            _wait_until_taken(armed)
            if deaths == 1:
                armed = stage.arm("relay.publishing")
            took.append(until(partial(self._led_again, stage, deaths)))
        return Row("SIGKILL of the relay before it hints", 2, Costs(), tuple(took), 10.0)

    def _led_again(self, stage: Stage, times: int) -> bool:
        return _led(stage) >= self.led + times


@dataclass(frozen=True, slots=True)
class _Delivering:
    """A delivery worker that died between POST and record: the message goes out again under the same id."""

    at: float
    held: frozenset[UUID]

    @classmethod
    def begin(cls, stage: Stage) -> "_Delivering":
        _wait_until_taken(stage.arm("deliver.posted"))
        return cls(time.monotonic(), _unended(stage))

    def row(self, stage: Stage) -> Row:
        until(lambda: not self.held & _unended(stage))
        took = time.monotonic() - self.at
        return Row("SIGKILL of the delivery worker between POST and record", 1, Costs(), (took,), 45.0)


@dataclass(frozen=True, slots=True)
class _Parsing:
    """A parse worker that died with a document in hand, while a ZIP of documents is read."""

    at: float
    pool: str
    upload: str

    @classmethod
    def begin(cls, stage: Stage) -> "_Parsing":
        pool = stage.client.pools.create("documents")
        armed = stage.arm("parse.parsing")
        with tempfile.TemporaryDirectory() as folder:
            upload = stage.client.pools.upload(pool.id, _archive(Path(folder) / "documents.zip"))
        _wait_until_taken(armed)
        return cls(time.monotonic(), pool.id, upload.id)

    def row(self, stage: Stage) -> Row:
        client, tenant_id, id = stage.client, stage.running.tenant_id, UUID(self.upload)
        until(lambda: client.uploads.get(self.upload).state == "ended")
        took = time.monotonic() - self.at
        until(lambda: stage.effects.missing(tenant_id, id) == 0, EFFECTS_PATIENCE)
        accepted = client.uploads.get(self.upload).counts.accepted
        costs = Costs(
            lost=DOCUMENTS - accepted,
            doubled=_resumes(stage, self.pool) - accepted,
            effects_lost=stage.effects.missing(tenant_id, id),
            effects_doubled=stage.effects.doubled(id),
        )
        return Row("SIGKILL of the parse worker with a document in hand", 1, costs, (took,), 60.0)


def _wait_until_taken(armed: Path) -> None:
    until(lambda: not armed.exists())


def _unended(stage: Stage) -> frozenset[UUID]:
    """Deliveries under lease, or due again."""
    with app_session(stage.running.tenant_id) as session:
        return frozenset(session.scalars(select(Delivery.id).where(Delivery.state.in_(("leased", "due")))))


def _resumes(stage: Stage, pool_id: str) -> int:
    query = select(func.count()).select_from(Resume).where(Resume.pool_id == UUID(pool_id))
    with app_session(stage.running.tenant_id) as session:
        return session.scalars(query).one()


def _archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, row in enumerate(resumes(DOCUMENTS)):
            archive.writestr(f"{number}.txt", row["text"])
    return path
