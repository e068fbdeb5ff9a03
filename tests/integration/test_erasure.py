"""What a customer deletes is gone from every table; screenings still count and export a line an item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_packs, check_counts, found
from sqlalchemy import func, insert, select, text

from api.app import app
from db import chunks
from db.engine import app_session
from db.tables import Base, Chunk, Document, Passages, Resume, Score
from local.deployment import Deployment

PERSON = "Zebulon Quist"
EXTERNAL_ID = "zebulon-quist-17"
JOB = {"external_id": "java-1", "title": "Java developer", "description": "Spring services."}


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Screened:
    """A pool with two applicants, and a screening of them."""

    pool_id: str
    resume_id: str
    job_id: str
    screening_id: str


def screened(api: TestClient, tenant: Caller, *, end: bool = True) -> Screened:
    """Uploaded and screened, with the person's words wherever they may stand."""
    pool = api.post("/v1/pools", json={"name": "spring"}).json()["id"]
    rows = [
        {"external_id": EXTERNAL_ID, "name": PERSON, "text": f"{PERSON} knows Java."},
        {"external_id": "other", "name": "Other", "text": "Somebody else."},
    ]
    uploaded = api.post(f"/v1/pools/{pool}/resumes", json=rows).json()
    resume_id = uploaded["rows"][0]["id"]
    job_id = api.post("/v1/jobs", json=[JOB]).json()["rows"][0]["id"]
    request = {"pool_id": pool, "job_ids": [job_id], "options": {"reuse": False}}
    screening_id = api.post("/v1/screenings", json=request).json()["id"]
    if end:
        finish(tenant, screening_id, resume_id, job_id)
    with app_session(tenant.tenant_id) as session:
        brought = insert(Document).values(
            tenant_id=tenant.tenant_id, upload_id=uploaded["id"], number=9, kind="resume", filename=f"{PERSON}.pdf",
            content=PERSON.encode(), state="done",
        )  # fmt: skip
        document_id = session.scalars(brought.returning(Document.id)).one()
        session.execute(
            text("UPDATE resumes SET document_id = :id WHERE name = :name"), {"id": document_id, "name": PERSON}
        )
        session.execute(
            text("UPDATE upload_rows SET source = :file WHERE number = 1 AND kind = 'resume'"),
            {"file": f"{PERSON}.pdf"},
        )
    return Screened(pool, resume_id, job_id, screening_id)


def finish(tenant: Caller, screening_id: str, resume_id: str, job_id: str) -> None:
    with app_session(tenant.tenant_id) as session:
        chunk_id = session.scalars(select(Chunk.id).where(Chunk.screening_id == UUID(screening_id))).one()
        claim = chunks.claim(session, chunk_id, "test")
    assert claim is not None
    findings = found(tenant.tenant_id, claim)
    quoted = replace(
        findings,
        scores=[_told(score, resume_id, explanation={"quote": PERSON}) for score in findings.scores],
        assessments=[_told(row, resume_id, flags=[{"passage": PERSON}]) for row in findings.assessments],
    )
    with app_session(tenant.tenant_id) as session:
        assert chunks.finish(session, claim, quoted) == 2
        key = {"tenant_id": tenant.tenant_id, "screening_id": UUID(screening_id), "job_id": UUID(job_id)}
        passages = {"resume_id": UUID(resume_id), "state": "done", "found": {"quote": PERSON}}
        session.execute(insert(Passages).values(**key, **passages))


def _told(row: Mapping[str, Any], resume_id: str, **words: Any) -> dict[str, Any]:
    """The row, with these words if it is about this resume."""
    return {**row, **(words if row["resume_id"] == UUID(resume_id) else {})}


def traces(tenant: Caller) -> set[str]:
    """The tables in which anything of the person stands."""
    words = {"name": f"%{PERSON}%", "id": f"%{EXTERNAL_ID}%", "file": f"%{PERSON.encode().hex()}%"}
    found = set()
    with app_session(tenant.tenant_id) as session:
        for table in Base.metadata.sorted_tables:
            row = f"{table.name}::text"
            said = text(f"{row} LIKE :name OR {row} LIKE :id OR {row} LIKE :file")
            if session.scalar(select(func.count()).select_from(table).where(said), words):
                found.add(table.name)
    return found


def probabilities(tenant: Caller) -> dict[str, float]:
    with app_session(tenant.tenant_id) as session:
        return {
            str(row.resume_id): row.probability for row in session.execute(select(Score.resume_id, Score.probability))
        }


def test_of_a_resume_nothing_stays_but_lines_without_a_person(api: TestClient, tenant: Caller) -> None:
    made = screened(api, tenant)
    assert traces(tenant) == {"resumes", "documents", "upload_rows", "scores", "assessments", "passages"}
    before = probabilities(tenant)
    assert api.delete(f"/v1/resumes/{made.resume_id}").status_code == 204
    assert traces(tenant) == set()
    assert api.get(f"/v1/resumes/{made.resume_id}").status_code == 404
    assert api.delete(f"/v1/resumes/{made.resume_id}").status_code == 404
    assert check_counts(tenant.tenant_id, UUID(made.screening_id))["scored"] == 2
    results = {
        one["resume_id"]: one for one in api.get(f"/v1/screenings/{made.screening_id}/results").json()["results"]
    }
    line = results[made.resume_id]
    assert (line["resume_name"], line["resume_external_id"], line["categories"], line["flags"]) == (None,) * 4
    assert probabilities(tenant) == before
    assert len(api.get(f"/v1/screenings/{made.screening_id}/export").text.splitlines()) == 2
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Resume.external_id)).all() == ["other"]


def test_a_resume_may_come_again_after_it_was_deleted(api: TestClient, tenant: Caller) -> None:
    made = screened(api, tenant)
    assert api.delete(f"/v1/resumes/{made.resume_id}").status_code == 204
    again = api.post(f"/v1/pools/{made.pool_id}/resumes", json=[{"external_id": EXTERNAL_ID, "text": "Something new."}])
    assert again.json()["rows"][0]["outcome"] == "accepted"


def test_a_pool_goes_with_everything_made_of_it(api: TestClient, tenant: Caller) -> None:
    made = screened(api, tenant)
    assert api.delete(f"/v1/pools/{made.pool_id}").status_code == 204
    assert traces(tenant) == set()
    for path in (f"pools/{made.pool_id}", f"screenings/{made.screening_id}", f"screenings/{made.screening_id}/export"):
        assert api.get(f"/v1/{path}").status_code == 404, path
    assert api.get(f"/v1/jobs/{made.job_id}").status_code == 200


def test_a_screening_goes_with_its_results_and_leaves_the_pool(api: TestClient, tenant: Caller) -> None:
    made = screened(api, tenant)
    assert api.delete(f"/v1/screenings/{made.screening_id}").status_code == 204
    assert traces(tenant) == {"resumes", "documents", "upload_rows"}
    assert api.get(f"/v1/screenings/{made.screening_id}").status_code == 404


def test_nothing_is_deleted_while_it_is_being_screened(api: TestClient, tenant: Caller) -> None:
    made = screened(api, tenant, end=False)
    for path in (f"resumes/{made.resume_id}", f"pools/{made.pool_id}", f"screenings/{made.screening_id}"):
        refused = api.delete(f"/v1/{path}")
        assert (refused.status_code, refused.json()["code"]) == (409, "in_progress"), path
        assert "cancel" in refused.json()["detail"]
    finish(tenant, made.screening_id, made.resume_id, made.job_id)
    assert api.delete(f"/v1/resumes/{made.resume_id}").status_code == 204


def test_a_retry_of_what_was_deleted_is_refused(api: TestClient, tenant: Caller) -> None:
    made = screened(api, tenant)
    with app_session(tenant.tenant_id) as session:
        error = "UPDATE scores SET state = 'errored', probability = NULL WHERE resume_id = :id"
        session.execute(text(error), {"id": made.resume_id})
        session.execute(text("UPDATE screenings SET scored = 1, errored = 1"))
    assert api.delete(f"/v1/resumes/{made.resume_id}").status_code == 204
    refused = api.post(f"/v1/screenings/{made.screening_id}/retry")
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing_errored")
