"""KEDA's queries, as the manifests hold them, on Postgres under the role that they are asked with."""

from __future__ import annotations

import pytest
from conftest import Caller
from manifests import VARIANTS, manifests, of_kind
from screening_rows import add_packs, add_screening
from sqlalchemy import insert, select, text, update

from db import chunks
from db.engine import app_session, system_session
from db.tables import Chunk, Document, Screening, Upload
from local.deployment import Deployment


def query(target: str, variant: str = "cpu") -> str:
    """The one query that scales a deployment."""
    (scaled,) = [
        one for one in of_kind(manifests(variant), "ScaledObject") if one["spec"]["scaleTargetRef"]["name"] == target
    ]
    (trigger,) = scaled["spec"]["triggers"]
    assert trigger["metadata"]["userName"] == "winnow_system"
    return str(trigger["metadata"]["query"])


def due(target: str) -> float:
    with system_session() as session:
        return float(session.scalars(text(query(target))).one())


@pytest.fixture(scope="module")
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.mark.usefixtures("packs")
def test_chunks_count_from_their_screening_s_beginning_to_its_end(tenant: Caller, other_tenant: Caller) -> None:
    """Over all tenants; waiting or in hand, and not those that are done or whose screening is canceled or over."""
    before = due("screen")
    mine = add_screening(tenant.tenant_id, "mine", [30_000] * 3)
    theirs = add_screening(other_tenant.tenant_id, "theirs", [30_000] * 2)
    assert due("screen") == before + 5

    with app_session(tenant.tenant_id) as session:
        first = session.scalars(select(Chunk.id).where(Chunk.screening_id == mine).order_by(Chunk.seq)).first()
        assert first is not None
        assert chunks.claim(session, first, "a worker") is not None
    assert due("screen") == before + 5, "a claimed chunk keeps its worker"

    with app_session(tenant.tenant_id) as session:
        session.execute(update(Chunk).where(Chunk.id == first).values(state="done"))
    assert due("screen") == before + 4

    with app_session(other_tenant.tenant_id) as session:
        session.execute(update(Screening).where(Screening.id == theirs).values(state="canceling"))
    assert due("screen") == before + 2


def test_documents_count_until_they_are_parsed(tenant: Caller) -> None:
    before = due("parse")
    with app_session(tenant.tenant_id) as session:
        values = {"tenant_id": tenant.tenant_id, "media_type": "application/pdf", "state": "parsing"}
        upload = session.scalars(insert(Upload).values(values).returning(Upload.id)).one()
        rows = [
            {"tenant_id": tenant.tenant_id, "upload_id": upload, "number": number, "kind": "resume", "state": state}
            for number, state in enumerate(("due", "leased", "done"))
        ]
        session.execute(insert(Document), [{**row, "filename": "a.pdf", "content": b"%PDF"} for row in rows])
    assert due("parse") == before + 2


def test_both_variants_ask_the_same() -> None:
    for target in ("screen", "parse"):
        assert len({query(target, variant) for variant in VARIANTS}) == 1
