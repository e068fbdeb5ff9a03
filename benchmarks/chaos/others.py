"""The relay, the delivery worker, the parse worker and the API killed in the middle of what they do."""

import tempfile
import zipfile
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.chaos.rows import Costs, Row
from benchmarks.chaos.stage import Stage, resumes
from benchmarks.chaos.watched import progress, screening, until
from db.engine import app_session
from db.tables import Delivery, Resume

DOCUMENTS = 24
ROWS = 2_500
"""More than the API writes at once, so that it dies between the first rows and the last."""


def relay(stage: Stage) -> list[Row]:
    """Between postponing rows and hinting at them, so that the hints are lost."""
    with screening(stage, copies=2) as watched:
        took = []
        for _ in range(2):
            _wait_until_taken(stage.arm("relay.publishing"))
            took.append(progress(watched))
    return [Row("SIGKILL of the relay before it hints", 2, watched.costs, tuple(took), 30.0)]


def deliver(stage: Stage) -> list[Row]:
    """Between the POST and its record: the message goes out again under the same id."""
    with screening(stage) as watched:
        _wait_until_taken(stage.arm("deliver.posted"))
        took = until(lambda: not _held(stage))
    return [Row("SIGKILL of the delivery worker between POST and record", 1, watched.costs, (took,), 45.0)]


def parse(stage: Stage) -> list[Row]:
    """With a document in hand, while a ZIP of documents is read."""
    client = stage.client
    pool = client.pools.create("documents")
    with tempfile.TemporaryDirectory() as folder:
        upload = client.pools.upload(pool.id, _archive(Path(folder) / "documents.zip"))
    _wait_until_taken(stage.arm("parse.parsing"))
    took = until(lambda: client.uploads.get(upload.id).state == "ended")
    accepted = client.uploads.get(upload.id).counts.accepted
    costs = Costs(lost=DOCUMENTS - accepted, doubled=_resumes(stage, pool.id) - accepted)
    return [Row("SIGKILL of the parse worker", 1, costs, (took,), 60.0)]


def api(stage: Stage) -> list[Row]:
    """In the middle of an upload, which the client sends again: had it left anything, that would now be a duplicate."""
    client, rows = stage.client, resumes(ROWS)
    pool = client.pools.create("interrupted")
    with screening(stage) as watched:
        armed = stage.arm("intake.written")
        took = until(lambda: client.pools.upload(pool.id, rows, idempotency_key="interrupted"))
        upload = client.pools.upload(pool.id, rows, idempotency_key="interrupted")
    kept = _resumes(stage, pool.id)
    costs = watched.costs + Costs(lost=max(0, ROWS - kept), doubled=max(0, kept - ROWS) + upload.counts.duplicate)
    wrong = ("the API was not killed",) if armed.exists() else ()
    notes = f"{watched.unanswered()} polls unanswered meanwhile"
    return [Row("SIGKILL of the API in the middle of an upload", 1, costs, (took,), 45.0, notes, wrong)]


def _wait_until_taken(armed: Path) -> None:
    until(lambda: not armed.exists())


def _held(stage: Stage) -> int:
    query = select(func.count()).select_from(Delivery).where(Delivery.state == "leased")
    with app_session(stage.running.tenant_id) as session:
        return session.scalars(query).one()


def _resumes(stage: Stage, pool_id: str) -> int:
    query = select(func.count()).select_from(Resume).where(Resume.pool_id == UUID(pool_id))
    with app_session(stage.running.tenant_id) as session:
        return session.scalars(query).one()


def _archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, row in enumerate(resumes(DOCUMENTS)):
            archive.writestr(f"{number}.txt", row["text"])
    return path
