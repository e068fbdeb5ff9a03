"""What becomes of rows is counted with the transaction that did it, and with no other."""

from __future__ import annotations

from uuid import UUID

import pytest
from conftest import Caller
from prometheus_client import REGISTRY
from screening_rows import add_packs, add_screening, found
from sqlalchemy import func, insert, select, update

from db import chunks, delivery_turns, documents, uploads
from db.chunks import Claim
from db.engine import app_session
from db.tables import Chunk, Delivery, Document, Endpoint, Event
from local.deployment import Deployment


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"winnow_{name}_total", labels) or 0.0


def _claim(caller: Caller, chunk_id: UUID) -> Claim | None:
    with app_session(caller.tenant_id) as session:
        return chunks.claim(session, chunk_id, "worker", 0)


def _only_chunk(caller: Caller) -> UUID:
    add_screening(caller.tenant_id, "pool", [100] * 3)
    with app_session(caller.tenant_id) as session:
        return session.scalars(select(Chunk.id)).one()


def test_items_are_counted_as_they_end_and_a_rollback_counts_nothing(tenant: Caller) -> None:
    claim = _claim(tenant, _only_chunk(tenant))
    assert claim is not None
    findings = found(tenant.tenant_id, claim, {claim.resume_ids[0]: "it has no text"})
    before = [counted("items_ended", state=state) for state in ("scored", "errored")]
    with app_session(tenant.tenant_id) as session:
        chunks.finish(session, claim, findings)
        session.rollback()
    assert [counted("items_ended", state=state) for state in ("scored", "errored")] == before
    for _ in range(2):  # the second time nothing is held any more
        with app_session(tenant.tenant_id) as session:
            chunks.finish(session, claim, findings)
    assert counted("items_ended", state="scored") == before[0] + 2
    assert counted("items_ended", state="errored") == before[1] + 1


def test_a_lease_that_ran_out_and_the_split_that_follows_are_counted(tenant: Caller) -> None:
    chunk_id = _only_chunk(tenant)
    expired, split = counted("leases_expired", kind="chunk"), counted("chunks_split")
    claim = _claim(tenant, chunk_id)
    assert claim is not None
    with app_session(tenant.tenant_id) as session:
        assert chunks.take_in_hand(session, claim, claim.resume_ids)
        session.execute(update(Chunk).values(lease_until=func.now()))
    assert (counted("leases_expired", kind="chunk"), counted("chunks_split")) == (expired, split)
    assert _claim(tenant, chunk_id) is None
    assert (counted("leases_expired", kind="chunk"), counted("chunks_split")) == (expired + 1, split + 1)


def test_documents_taken_over_and_rows_of_uploads_are_counted(tenant: Caller) -> None:
    before = counted("leases_expired", kind="document"), counted("upload_rows", outcome="rejected")
    with app_session(tenant.tenant_id) as session:
        upload_id = uploads.begin(session, None, "job.txt", "text/plain")
        uploads.close(session, upload_id, {"pending": 1, "rejected": 2})
        values = {"tenant_id": tenant.tenant_id, "upload_id": upload_id, "number": 1, "kind": "job"}
        made = insert(Document).values(**values, filename="job.txt", content=b"", state="due")
        document_id = session.scalars(made.returning(Document.id)).one()
    for _ in range(2):
        with app_session(tenant.tenant_id) as session:
            assert documents.claim(session, document_id) is not None
            session.execute(update(Document).values(lease_until=func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 1)))
    assert counted("leases_expired", kind="document") == before[0] + 1
    assert counted("upload_rows", outcome="rejected") == before[1] + 2


def test_deliveries_taken_over_are_counted(tenant: Caller) -> None:
    before = counted("leases_expired", kind="delivery")
    own = {"tenant_id": tenant.tenant_id}
    with app_session(tenant.tenant_id) as session:
        endpoint = insert(Endpoint).values(**own, url="http://127.0.0.1:9", events=["upload.ended"], secret=b"")
        event = insert(Event).values(**own, type="upload.ended", payload={})
        owed = {
            "endpoint_id": session.scalars(endpoint.returning(Endpoint.id)).one(),
            "event_id": session.scalars(event.returning(Event.id)).one(),
        }
        delivery_id = session.scalars(insert(Delivery).values(**own, **owed).returning(Delivery.id)).one()
    for _ in range(2):
        with app_session(tenant.tenant_id) as session:
            assert delivery_turns.begin(session, delivery_id) is not None
            session.execute(update(Delivery).values(lease_until=func.now()))
    assert counted("leases_expired", kind="delivery") == before + 1
