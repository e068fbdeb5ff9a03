"""Bulk uploads over HTTP: an outcome for every row, bad ones costing no good one, and all of it or nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from api.app import app
from api.settings import settings
from db import erasure, uploads
from db.engine import app_session
from db.intake import BATCH_ROWS, Intake
from db.rows import ResumeRow
from db.tables import Event, Job, Resume, Upload, UploadRow

CSV, NDJSON, JSON = "text/csv", "application/x-ndjson", "application/json"
OUTCOMES = ("accepted", "duplicate", "rejected", "pending")


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as client:
        yield client


@pytest.fixture
def pool(api: TestClient) -> str:
    made: str = api.post("/v1/pools", json={"name": "Spring"}).json()["id"]
    return made


def upload(
    api: TestClient, where: str, content: bytes | str, media_type: str, status: int = 201, **headers: str
) -> Any:
    path = "/v1/jobs" if where == "jobs" else f"/v1/pools/{where}/resumes"
    answer = api.post(path, content=content, headers={"Content-Type": media_type, **headers})
    assert answer.status_code == status, answer.text
    told = answer.json()
    if status == 201:
        assert answer.headers["Location"] == f"/v1/uploads/{told['id']}"
        assert sum(told["counts"][outcome] for outcome in OUTCOMES) == told["counts"]["total"]
    return told


def outcomes(told: Any) -> list[tuple[int, str, str | None]]:
    return sorted((row["number"], row["outcome"], row["code"]) for row in told["rows"])


def ndjson(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def count(tenant: Caller, table: type) -> int:
    with app_session(tenant.tenant_id) as session:
        return session.scalars(select(func.count()).select_from(table)).one()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ('[{"external_id": "a", "text": "One"}, {"external_id": "b", "text": "Two"}]', JSON),
        ('{"resumes": [{"external_id": "a", "text": "One"}, {"external_id": "b", "text": "Two"}]}', JSON),
        ('{"external_id": "a", "text": "One"}\n{"external_id": "b", "text": "Two"}', NDJSON),
        ("external_id,text\na,One\nb,Two\n", CSV),
    ],
)
def test_the_same_rows_in_every_form(api: TestClient, pool: str, content: str, media_type: str) -> None:
    told = upload(api, pool, content, media_type)
    assert outcomes(told) == [(1, "accepted", None), (2, "accepted", None)]
    assert told["state"] == "ended"
    first = api.get(f"/v1/resumes/{told['rows'][0]['id']}").json()
    assert (first["external_id"], first["text"], first["pool_id"]) == ("a", "One", pool)
    assert api.get(f"/v1/pools/{pool}").json()["resumes"] == 2


def test_duplicates_and_conflicts_inside_an_upload_and_across(api: TestClient, pool: str) -> None:
    row = {"external_id": "a", "text": "One"}
    told = upload(api, pool, ndjson(row, row, {**row, "text": "Other"}), NDJSON)
    expected = [(1, "accepted", None), (2, "duplicate", None), (3, "rejected", "external_id_conflict")]
    assert outcomes(told) == expected
    assert told["rows"][0]["number"] == 3  # what was rejected comes first
    again = upload(api, pool, ndjson(row, row, {**row, "text": "Other"}), NDJSON)
    assert outcomes(again) == [(1, "duplicate", None), *expected[1:]]
    by_number = {row["number"]: row["id"] for row in again["rows"]}
    assert by_number[1] == by_number[2] == next(row["id"] for row in told["rows"] if row["number"] == 1)


def test_the_same_external_id_in_another_pool_is_another_resume(api: TestClient, pool: str) -> None:
    other = api.post("/v1/pools", json={"name": "Autumn"}).json()["id"]
    for where, words in ((pool, "One"), (other, "Two")):
        assert outcomes(upload(api, where, ndjson({"external_id": "a", "text": words}), NDJSON)) == [
            (1, "accepted", None)
        ]


def test_a_job_is_replaced_by_its_external_id(api: TestClient) -> None:
    cook = {"external_id": "cook", "title": "Cook", "description": "You cook."}
    first = upload(api, "jobs", json.dumps({"jobs": [cook, cook]}), JSON)
    assert outcomes(first) == [(1, "accepted", None), (2, "duplicate", None)]
    second = upload(api, "jobs", ndjson({**cook, "skills": "Soup"}, cook, {**cook, "skills": "Soup"}), NDJSON)
    assert outcomes(second) == [
        (1, "accepted", None), (2, "rejected", "external_id_conflict"), (3, "duplicate", None)
    ]  # fmt: skip
    [job] = api.get("/v1/jobs").json()["jobs"]
    assert (job["id"], job["skills"]) == (first["rows"][0]["id"], "Soup")
    assert job["updated_at"] > job["created_at"]


def test_bad_rows_are_told_apart_and_good_ones_kept(api: TestClient, pool: str) -> None:
    content = b"\n".join(
        [
            b'{"external_id": "a", "text": "One"}',
            b"not json",
            b'{"external_id": "b"}',
            b'{"external_id": "c", "text": "a\\u0000b"}',
            b'{"external_id": "d", "text": "\xff"}',
            b'{"external_id": "e", "text": "a", "salary": 5}',
            b'{"external_id": "f", "text": "' + b"x" * 500_001 + b'"}',
            b'{"external_id": "g", "text": "Two"}',
        ]
    )
    told = upload(api, pool, content, NDJSON)
    assert [code for _, _, code in outcomes(told)] == [
        None, "invalid_json", "no_text", "invalid_character", "not_utf8", "unknown_column", "too_long", None,
    ]  # fmt: skip
    assert all(row["reason"] for row in told["rows"] if row["outcome"] == "rejected")
    assert told["counts"] == {"total": 8, "accepted": 2, "duplicate": 0, "rejected": 6, "pending": 0}


def test_a_csv_with_a_broken_row_in_the_middle(api: TestClient, pool: str) -> None:
    told = upload(api, pool, 'external_id,text\na,One\nb,"unclosed\nc,"Three"\nd,Four\n', CSV)
    assert outcomes(told) == [
        (1, "accepted", None), (2, "rejected", "broken_row"), (3, "accepted", None), (4, "accepted", None)
    ]  # fmt: skip


def test_a_job_without_a_description(api: TestClient) -> None:
    told = upload(api, "jobs", "external_id,title,description\na,Cook,\nb,Baker,You bake.\n", CSV)
    assert outcomes(told) == [(1, "rejected", "job_without_description"), (2, "accepted", None)]
    assert "description" in told["rows"][0]["reason"]


def test_one_file_of_the_public_sets_form_holds_resumes_and_jobs(api: TestClient, pool: str, tenant: Caller) -> None:
    header = [
        "skills",
        "responsibilities",
        "job_position_name",
        "educationaL_requirements",
        "responsibilities.1",
        "matched_score",
    ]
    grid = [
        [f"['Skill {resume}', None]", f"Duty {job}", f"Job {job}", "Any degree", f"Duty {job}", "0.5"]
        for resume in range(4)
        for job in range(3)
    ]
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows([header, *grid])
    told = upload(api, pool, sheet.getvalue(), CSV)
    assert told["counts"] == {"total": 24, "accepted": 7, "duplicate": 17, "rejected": 0, "pending": 0}
    assert (count(tenant, Resume), count(tenant, Job)) == (4, 3)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"", CSV, 422, "empty_body"),
        (b"", "application/pdf", 422, "empty_body"),
        (b"external_id,text\n", CSV, 422, "empty_body"),
        (b"[]", JSON, 422, "empty_body"),
        (b"{", JSON, 422, "invalid_json"),
        (b"external_id,salary\n1,2\n", CSV, 422, "unknown_column"),
        ("größe\n".encode("latin-1"), CSV, 422, "not_utf8"),
        (b"GIF89a", "image/gif", 415, "unsupported_media_type"),
        (b"a", "application/octet-stream", 415, "unsupported_media_type"),
        (b"--x\r\n", "multipart/form-data; boundary=x", 422, "invalid_form"),
    ],
)
def test_requests_that_are_refused_as_a_whole(
    api: TestClient, pool: str, tenant: Caller, content: bytes, media_type: str, status: int, code: str
) -> None:
    problem = upload(api, pool, content, media_type, status)
    assert problem["code"] == code
    assert problem["detail"]
    assert (count(tenant, Upload), count(tenant, UploadRow)) == (0, 0)


@pytest.fixture
def tight_limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WINNOW_MAX_UPLOAD_MB", "1")
    monkeypatch.setenv("WINNOW_MAX_ROWS", "2")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("tight_limits")
def test_bodies_over_the_limits(api: TestClient, pool: str, tenant: Caller) -> None:
    assert upload(api, pool, b"[" + b" " * 17_000_000, JSON, 413)["code"] == "too_large"
    assert upload(api, pool, ndjson({"text": "x" * 1_100_000}), NDJSON, 413)["code"] == "too_large"
    assert upload(api, pool, "text\na\nb\nc\n", CSV, 422)["code"] == "too_many_rows"
    assert count(tenant, Resume) == 0


def test_more_rows_than_a_batch_and_a_page(api: TestClient, pool: str) -> None:
    rows = [{"external_id": f"a{number}", "text": f"Resume {number}" if number % 500 else ""} for number in range(2500)]
    told = upload(api, pool, ndjson(*rows), NDJSON)
    assert told["counts"] == {"total": 2500, "accepted": 2495, "duplicate": 0, "rejected": 5, "pending": 0}
    assert len(told["rows"]) == 1000
    assert [row["outcome"] for row in told["rows"][:6]] == ["rejected"] * 5 + ["accepted"]
    assert [row["number"] for row in pages(api, told["rows_url"], limit=900)] == list(range(1, 2501))
    rejected = pages(api, told["rows_url"], limit=2, outcome="rejected")
    assert [row["external_id"] for row in rejected] == ["a0", "a500", "a1000", "a1500", "a2000"]
    listed = pages(api, f"/v1/pools/{pool}/resumes", "resumes", limit=1000)
    assert len({row["external_id"] for row in listed}) == len(listed) == 2495


def pages(api: TestClient, path: str, member: str = "rows", **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = api.get(path, params={**query, **({"cursor": cursor} if cursor else {})}).json()
        found += page[member]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_several_files_of_rows_in_one_form(api: TestClient, pool: str) -> None:
    files = [
        ("files", ("a.csv", b"external_id,text\na,One\n")),
        ("files", ("b.ndjson", b'{"external_id":"b"}\n{"text":"c"}')),
    ]
    told = api.post(f"/v1/pools/{pool}/resumes", files=files).json()
    assert outcomes(told) == [(1, "accepted", None), (2, "rejected", "no_text"), (3, "accepted", None)]
    assert [row["source"] for row in told["rows"]] == ["b.ndjson, line 1", "a.csv, line 2", "b.ndjson, line 2"]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ('attachment; filename="../ada.txt"', "ada.txt"),
        ("attachment; filename*=UTF-8''Ren%C3%A9%00.txt", "René.txt"),
        ('attachment; filename="René.txt"', "René.txt"),
        ("attachment", ""),
    ],
)
def test_a_body_is_named_by_its_header(api: TestClient, pool: str, told: str, name: str) -> None:
    headers = [(b"Content-Type", b"text/plain"), (b"Content-Disposition", told.encode())]
    answer = api.post(f"/v1/pools/{pool}/resumes", content=b"Ada Example", headers=headers)
    assert answer.json()["filename"] == name


def test_files_wait_to_be_parsed(api: TestClient, pool: str) -> None:
    files = [("files", ("a.txt", b"Ada Example")), ("files", ("b.pdf", b"")), ("files", ("c.zip", b"PK"))]
    answer = api.post(f"/v1/pools/{pool}/resumes", files=files)
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    told = answer.json()
    assert outcomes(told) == [(1, "pending", None), (2, "rejected", "empty_file"), (3, "pending", None)]
    assert [row["kind"] for row in told["rows"]] == ["resume", "resume", "archive"]
    assert (told["state"], told["ended_at"]) == ("parsing", None)
    assert api.get(f"/v1/pools/{pool}").json()["parsing"] == 1


def test_the_same_form_again_under_another_boundary_is_the_same_request(api: TestClient, pool: str) -> None:
    sent = [
        api.post(f"/v1/pools/{pool}/resumes", files={"files": ("a.txt", words)}, headers={"Idempotency-Key": "k"})
        for words in (b"Ada", b"Ada", b"Bob")
    ]
    assert sent[0].request.headers["Content-Type"] != sent[1].request.headers["Content-Type"]
    assert sent[0].json() == sent[1].json()
    assert [answer.status_code for answer in sent] == [202, 202, 422]


def test_an_upload_that_ends_is_an_event(api: TestClient, pool: str, tenant: Caller) -> None:
    told = upload(api, pool, ndjson({"text": "One"}, {}), NDJSON)
    with app_session(tenant.tenant_id) as session:
        [event] = session.scalars(select(Event))
    assert event.type == "upload.ended"
    assert event.payload == {
        "upload_id": told["id"], "pool_id": pool, "accepted": 1, "duplicate": 0, "rejected": 1
    }  # fmt: skip


def test_an_interrupted_upload_leaves_nothing(pool: str, tenant: Caller) -> None:
    def rows() -> Iterator[ResumeRow]:
        for number in range(BATCH_ROWS + 1):
            yield ResumeRow(number, "", f"a{number}", "", "One", "{}", "hash", 1)
        with app_session(tenant.tenant_id) as watching:  # the first batch is written, but not seen by anyone
            assert watching.scalars(select(func.count()).select_from(Resume)).one() == 0
        raise ConnectionError

    with suppress(ConnectionError), app_session(tenant.tenant_id) as session:
        intake = Intake(session, uploads.begin(session, UUID(pool), "", NDJSON), UUID(pool))
        intake.write(rows())
    assert intake.counts["accepted"] == BATCH_ROWS
    assert (count(tenant, Upload), count(tenant, UploadRow), count(tenant, Resume)) == (0, 0, 0)


def test_no_resume_is_erased_under_an_upload_that_may_give_way_to_it(
    api: TestClient, pool: str, tenant: Caller
) -> None:
    known = UUID(upload(api, pool, ndjson({"external_id": "a", "text": "One"}), NDJSON)["rows"][0]["id"])

    def erase() -> None:
        with app_session(tenant.tenant_id) as session:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            erasure.erase_resume(session, known)

    with app_session(tenant.tenant_id) as session:
        uploads.begin(session, UUID(pool), "", NDJSON)
        with pytest.raises(OperationalError, match="lock timeout"):
            erase()


def test_uploads_of_the_same_rows_at_once_keep_each_row_once(api: TestClient, pool: str, tenant: Caller) -> None:
    rows = [{"external_id": f"a{number:04}", "text": f"Resume {number}"} for number in range(BATCH_ROWS + 500)]

    def send(order: int) -> int:
        path = f"/v1/pools/{pool}/resumes"
        while True:  # one of two that lock each other out is asked to try again
            answer = api.post(path, content=ndjson(*rows[::order]), headers={"Content-Type": NDJSON})
            if answer.status_code != 503:
                return answer.status_code
            assert answer.json()["code"] == "crossed_requests"

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(send, [1, -1, 1, -1])) == {201}
    assert count(tenant, Resume) == len(rows)
    with app_session(tenant.tenant_id) as session:
        accepted = select(func.count()).where(UploadRow.outcome == "accepted")
        assert session.scalars(accepted).one() == len(rows)
