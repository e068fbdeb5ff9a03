"""Results over HTTP: their order, pages that hold still, filters, and exports of one line an item."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_packs, add_screening, found
from sqlalchemy import select, update

import db.export
from api import cursor as cursors
from api.app import app
from db import chunks, results
from db.chunks import Claim, Findings
from db.engine import app_session
from db.packs import SCORING
from db.tables import Chunk, Resume
from local.deployment import Deployment


@pytest.fixture(scope="module", autouse=True)
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.fixture
def client(database: Deployment, tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as running:
        yield running


def _claims(caller: Caller, screening_id: UUID) -> list[Claim]:
    with app_session(caller.tenant_id) as session:
        ids = session.scalars(select(Chunk.id).where(Chunk.screening_id == screening_id).order_by(Chunk.seq)).all()
        claims = [chunks.claim(session, id, "worker") for id in ids]
    return [claim for claim in claims if claim is not None]


def _finish(caller: Caller, claim: Claim, **options: Any) -> None:
    """Record scores 0.0, 0.1 and so on (many ties), the labels and flags of every second resume."""
    findings = found(caller.tenant_id, claim, **options)
    scores = [
        {**row, "probability": (number * 7 % 10) / 10, "matched": False} for number, row in enumerate(findings.scores)
    ]
    flag = {"kind": "spam", "score": 0.9, "threshold": 0.5, "passage": "buy now", "start": 0, "end": 7}
    assessments = [
        {**row, "labels": ["HR"] if number % 2 else [], "flags": [flag] * (number % 2), "flagged": bool(number % 2)}
        for number, row in enumerate(findings.assessments)
    ]
    with app_session(caller.tenant_id) as session:
        chunks.finish(session, claim, Findings(scores, assessments, findings.errors))


def _pages(client: TestClient, screening_id: UUID, limit: int, **filters: Any) -> list[list[dict[str, Any]]]:
    pages, cursor = [], None
    while True:
        query = {"limit": limit, **filters} | ({"cursor": cursor} if cursor else {})
        answer = client.get(f"/v1/screenings/{screening_id}/results", params=query)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["results"])
        if (cursor := answer.json()["next_cursor"]) is None:
            return pages


def _key(result: dict[str, Any]) -> tuple[Any, ...]:
    return result["probability"] is None, -(result["probability"] or 0), result["job_id"], result["resume_id"]


@pytest.fixture
def screening_id(tenant: Caller) -> UUID:
    """12 resumes, 2 jobs, scored but for one resume that cannot be."""
    screening_id: UUID = add_screening(tenant.tenant_id, "pool", [500] * 12, jobs=2)
    (claim,) = _claims(tenant, screening_id)
    _finish(tenant, claim, failing={claim.resume_ids[3]: "no readable text"})
    return screening_id


@pytest.mark.parametrize("limit", [1, 5, 11, 24, 1000])
def test_pages_hold_every_item_once_in_rank_order(client: TestClient, screening_id: UUID, limit: int) -> None:
    results = [result for page in _pages(client, screening_id, limit) for result in page]
    assert len(results) == 24
    assert results == sorted(results, key=_key)
    assert [result["state"] for result in results] == ["scored"] * 22 + ["errored"] * 2
    assert results[-1]["reason"] == "no readable text"
    assert results[-1]["resume_external_id"] == "resume-3"


def test_one_result_reads_as_on_its_page(client: TestClient, screening_id: UUID) -> None:
    [page] = _pages(client, screening_id, 1000)
    for result in (page[0], page[-1]):
        pair = f"/v1/screenings/{screening_id}/results/{result['job_id']}/{result['resume_id']}"
        assert client.get(pair).json() == result
    strange = f"/v1/screenings/{screening_id}/results/{page[0]['resume_id']}/{page[0]['job_id']}"
    assert client.get(strange).status_code == 404


def test_pages_hold_still_while_scores_are_added(client: TestClient, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "growing", [40_000] * 6, jobs=3)
    claims = _claims(tenant, screening_id)
    for claim in claims[:3]:
        _finish(tenant, claim)
    before = [result for page in _pages(client, screening_id, 100) for result in page]
    first = client.get(f"/v1/screenings/{screening_id}/results", params={"limit": 4}).json()
    for claim in claims[3:]:
        _finish(tenant, claim)
    seen = list(first["results"])
    cursor = first["next_cursor"]
    while cursor:
        page = client.get(f"/v1/screenings/{screening_id}/results", params={"limit": 4, "cursor": cursor}).json()
        seen += page["results"]
        cursor = page["next_cursor"]
    keys = [_key(result) for result in seen]
    assert keys == sorted(set(keys))
    assert {_key(result) for result in before} <= set(keys)


@pytest.mark.parametrize("few", [results.FEW, 0], ids=["few resumes", "many resumes"])
def test_filters(client: TestClient, screening_id: UUID, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FEW", few)
    everything = [result for page in _pages(client, screening_id, 1000) for result in page]
    job_id = everything[0]["job_id"]

    def kept(**filters: Any) -> list[dict[str, Any]]:
        return [result for page in _pages(client, screening_id, 3, **filters) for result in page]

    assert kept(job_id=job_id) == [one for one in everything if one["job_id"] == job_id]
    assert kept(min_score=0.6) == [one for one in everything if (one["probability"] or 0) >= 0.6]
    assert kept(category="HR") == [one for one in everything if "HR" in (one["labels"] or [])]
    assert kept(flagged=True) == [one for one in everything if one["flagged"]]
    assert kept(state="errored") == [one for one in everything if one["state"] == "errored"]
    assert kept(flagged=True)[0]["flags"][0]["passage"] == "buy now"
    assert kept(min_score=1e-300) == [one for one in everything if one["probability"] is not None]
    out_of_range = [cursors.encode(probability, UUID(int=0), UUID(int=0)) for probability in ("1e300", "nan", "-1")]
    wrongs: tuple[dict[str, Any], ...] = (
        {"min_score": 2},
        {"state": "lost"},
        {"category": "\0"},
        {"cursor": "nonsense"},
    )
    for wrong in (*wrongs, *({"cursor": cursor} for cursor in out_of_range)):
        assert client.get(f"/v1/screenings/{screening_id}/results", params=wrong).status_code == 422


def test_a_page_says_what_it_was_made_with(client: TestClient, screening_id: UUID) -> None:
    page = client.get(f"/v1/screenings/{screening_id}/results").json()
    assert page["packs"] == dict.fromkeys(SCORING, "1")
    assert (page["format"], page["threshold"], page["state"]) == ("torch-fp32", None, "ended")
    assert "A person decides" in page["notice"]


def test_exports_hold_one_line_an_item_in_rank_order(client: TestClient, screening_id: UUID) -> None:
    results = _pages(client, screening_id, 1000)[0]
    answer = client.get(f"/v1/screenings/{screening_id}/export")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [{name: line[name] for name in results[0]} for line in lines] == results
    assert "A person decides" in lines[0]["notice"]
    answer = client.get(f"/v1/screenings/{screening_id}/export", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["resume_id"] for row in rows] == [result["resume_id"] for result in results]
    assert [float(row["probability"]) if row["probability"] else None for row in rows] == [
        result["probability"] for result in results
    ]


def test_an_export_is_read_in_portions(tenant: Caller, screening_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.export, "ROWS", 3)
    with app_session(tenant.tenant_id) as session:
        portions = [len(rows) for rows in db.export.results(session, screening_id, ())]
    assert len(portions) > 1
    assert portions[:-1] == [3] * (len(portions) - 1)


def test_a_csv_export_runs_no_formula(client: TestClient, tenant: Caller, screening_id: UUID) -> None:
    for dangerous in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1"):
        with app_session(tenant.tenant_id) as session:
            session.execute(update(Resume).values(name=dangerous))
        answer = client.get(f"/v1/screenings/{screening_id}/export", params={"format": "csv"})
        assert {row["resume_name"] for row in csv.DictReader(io.StringIO(answer.text))} == {"'" + dangerous}


def test_only_an_ended_screening_is_exported(client: TestClient, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "unfinished", [1_000])
    answer = client.get(f"/v1/screenings/{screening_id}/export")
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "not_ended", "in_progress")
