"""A document's life: claimed by one worker, taken over from a dead one, settled once, and rejected with a reason."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import parsing_files
import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from api.app import app
from db import documents
from db.documents import Claim, Settlement
from db.engine import app_session
from db.tables import Document, Event, Job, Resume, Upload
from workers.parse import MOST_ATTEMPTS, parse

WORDS = parsing_files.SENTENCE.encode()


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as client:
        yield client


@pytest.fixture
def resumes(api: TestClient) -> str:
    return f"/v1/pools/{api.post('/v1/pools', json={'name': 'Spring'}).json()['id']}/resumes"


def send(api: TestClient, path: str, files: Mapping[str, bytes]) -> str:
    """The address of the new upload."""
    answer = api.post(path, files=[("files", file) for file in files.items()])
    assert answer.status_code in (201, 202), answer.text
    return answer.headers["Location"]


def due(tenant: Caller) -> list[UUID]:
    with app_session(tenant.tenant_id) as session:
        return list(session.scalars(select(Document.id).where(Document.state == "due").order_by(Document.id)))


def work(tenant: Caller) -> None:
    """What the relay and a parse worker do until nothing is due."""
    while found := due(tenant):
        for document_id in found:
            parse(tenant.tenant_id, document_id)


def claim(tenant: Caller, document_id: UUID) -> Claim | None:
    with app_session(tenant.tenant_id) as session:
        return documents.claim(session, document_id)


def let_leases_run_out(tenant: Caller) -> None:
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Document).values(lease_until=func.now() - timedelta(seconds=1)))


def rows(api: TestClient, upload: str) -> dict[str, tuple[str, str | None]]:
    return {row["source"]: (row["outcome"], row["code"]) for row in api.get(upload).json()["rows"]}


def counts(api: TestClient, upload: str) -> dict[str, int]:
    found: dict[str, int] = api.get(upload).json()["counts"]
    return found


def test_files_become_resumes(api: TestClient, resumes: str, tenant: Caller) -> None:
    upload = send(
        api,
        resumes,
        {
            "ada.pdf": parsing_files.pdf([parsing_files.SENTENCE]),
            "bob.docx": parsing_files.simple_docx("Bob Example", "Nurse"),
            "cleo.txt": "Cléo Example\nCook".encode(),
            "again.txt": "Cléo Example\nCook\n".encode(),
        },
    )
    work(tenant)
    told = api.get(upload).json()
    assert told["state"] == "ended"
    assert told["ended_at"] >= told["created_at"]
    assert rows(api, upload) == {
        "ada.pdf": ("accepted", None),
        "bob.docx": ("accepted", None),
        "cleo.txt": ("accepted", None),
        "again.txt": ("duplicate", None),
    }
    by_source = {row["source"]: row for row in told["rows"]}
    assert by_source["again.txt"]["id"] == by_source["cleo.txt"]["id"]
    cleo = api.get(f"/v1/resumes/{by_source['cleo.txt']['id']}").json()
    assert (cleo["name"], cleo["text"]) == ("cleo.txt", "Cléo Example\nCook")


def test_a_text_sent_as_a_row_and_as_a_file_is_one_resume(api: TestClient, resumes: str, tenant: Caller) -> None:
    api.post(resumes, json=[{"text": "Ada Example"}])
    upload = send(api, resumes, {"ada.txt": b"Ada Example"})
    work(tenant)
    assert rows(api, upload) == {"ada.txt": ("duplicate", None)}


def test_a_file_becomes_a_job_titled_by_its_first_line(api: TestClient, tenant: Caller) -> None:
    upload = send(api, "/v1/jobs", {"cook.txt": b"\nHead cook\nYou cook.", "long.txt": b"You cook. " * 100})
    work(tenant)
    assert counts(api, upload)["accepted"] == 2
    jobs = api.get("/v1/jobs").json()["jobs"]
    assert sorted(job["title"] for job in jobs) == ["Head cook", "long"]
    assert "Head cook\nYou cook." in {job["description"] for job in jobs}


def test_a_file_of_a_title_alone_is_no_job(api: TestClient, tenant: Caller) -> None:
    upload = send(api, "/v1/jobs", {"title.txt": b"Head cook\n\n", "cook.txt": b"Pastry cook\nYou bake."})
    work(tenant)
    found = rows(api, upload)
    assert found["title.txt"] == ("rejected", "job_without_description")
    assert found["cook.txt"] == ("accepted", None)


def test_bad_files_cost_no_good_one(api: TestClient, resumes: str, tenant: Caller) -> None:
    whole = parsing_files.pdf([parsing_files.SENTENCE])
    upload = send(
        api,
        resumes,
        {
            "good.pdf": whole,
            "empty.pdf": b"",
            "cut.pdf": whole[: len(whole) // 3],
            "locked.pdf": parsing_files.protected_pdf("secret"),
            "scan.pdf": parsing_files.scanned_pdf(),
            "latin.txt": "Größe".encode("latin-1"),
            "endless.txt": b"word " * 4_000_000,
            "photo.jpg": b"\xff\xd8\xff\xe0",
        },
    )
    work(tenant)
    assert rows(api, upload) == {
        "good.pdf": ("accepted", None),
        "empty.pdf": ("rejected", "empty_file"),
        "cut.pdf": ("rejected", "damaged"),
        "locked.pdf": ("rejected", "password_protected"),
        "scan.pdf": ("rejected", "no_text"),
        "latin.txt": ("rejected", "not_utf8"),
        "endless.txt": ("rejected", "too_long"),
        "photo.jpg": ("rejected", "unsupported_type"),
    }
    assert all(row["reason"] for row in api.get(upload).json()["rows"] if row["outcome"] == "rejected")
    assert counts(api, upload) == {"total": 8, "accepted": 1, "duplicate": 0, "rejected": 7, "pending": 0}


def test_an_archives_files_take_its_place(api: TestClient, resumes: str, tenant: Caller) -> None:
    archive = parsing_files.zipped(
        {
            "north/ada.txt": b"Ada",
            "north/": b"",
            "../süd/bob.txt": b"Bob",
            "empty.txt": b"",
            "x/inner.zip": parsing_files.zipped({"a.txt": b"A"}),
        }
    )
    upload = send(api, resumes, {"all.zip": archive, "cleo.txt": b"Cleo"})
    work(tenant)
    assert rows(api, upload) == {
        "cleo.txt": ("accepted", None),
        "north/ada.txt": ("accepted", None),
        "süd/bob.txt": ("accepted", None),
        "empty.txt": ("rejected", "empty_file"),
        "x/inner.zip": ("rejected", "archive_nested"),
    }
    assert counts(api, upload) == {"total": 5, "accepted": 3, "duplicate": 0, "rejected": 2, "pending": 0}
    assert api.get(upload).json()["state"] == "ended"


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (parsing_files.zipped({"bomb.txt": b"0" * 30_000_000}, zipfile.ZIP_DEFLATED), "archive_bomb"),
        (parsing_files.zipped({}), "empty_file"),
        (b"PK\3\4 cut short", "damaged"),
    ],
)
def test_archives_that_hold_nothing_good(
    api: TestClient, resumes: str, tenant: Caller, archive: bytes, code: str
) -> None:
    upload = send(api, resumes, {"all.zip": archive})
    work(tenant)
    assert [found for _, found in rows(api, upload).values()] == [code]
    assert counts(api, upload) == {"total": 1, "accepted": 0, "duplicate": 0, "rejected": 1, "pending": 0}


def test_a_message_twice_or_early_finds_nothing_to_take(api: TestClient, resumes: str, tenant: Caller) -> None:
    send(api, resumes, {"ada.txt": b"Ada"})
    [document_id] = due(tenant)
    assert claim(tenant, document_id) is not None
    assert claim(tenant, document_id) is None
    parse(tenant.tenant_id, document_id)
    assert count(tenant, Resume) == 0


def test_a_dead_workers_document_is_taken_over_and_its_late_finish_changes_nothing(
    api: TestClient, resumes: str, tenant: Caller
) -> None:
    upload = send(api, resumes, {"ada.txt": b"Ada"})
    [document_id] = due(tenant)
    late = claim(tenant, document_id)
    assert late is not None
    let_leases_run_out(tenant)
    parse(tenant.tenant_id, document_id)
    before = api.get(upload).json()
    assert before["counts"]["accepted"] == 1
    with app_session(tenant.tenant_id) as session:
        assert not documents.renew(session, late)
        assert not documents.finish(session, late)
        documents.release(session, late)
    parse(tenant.tenant_id, document_id)
    assert api.get(upload).json() == before
    assert (count(tenant, Resume), count(tenant, Event)) == (1, 1)


def test_a_document_that_nobody_survives_is_rejected(api: TestClient, resumes: str, tenant: Caller) -> None:
    upload = send(api, resumes, {"poison.txt": b"Ada", "good.txt": b"Bob"})
    poison, good = due(tenant)
    for _ in range(MOST_ATTEMPTS):
        assert claim(tenant, poison) is not None
        let_leases_run_out(tenant)
    parse(tenant.tenant_id, poison)
    parse(tenant.tenant_id, good)
    assert rows(api, upload) == {"poison.txt": ("rejected", "parser_failed"), "good.txt": ("accepted", None)}
    assert api.get(upload).json()["state"] == "ended"


def test_a_settlement_and_its_counts_come_to_be_together(api: TestClient, resumes: str, tenant: Caller) -> None:
    upload = send(api, resumes, {"ada.txt": b"Ada"})
    [document_id] = due(tenant)
    held = claim(tenant, document_id)
    assert held is not None
    with pytest.raises(ConnectionError):
        _die_while_settling(tenant, held)
    assert counts(api, upload)["pending"] == 1
    let_leases_run_out(tenant)
    parse(tenant.tenant_id, document_id)
    assert counts(api, upload) == {"total": 1, "accepted": 1, "duplicate": 0, "rejected": 0, "pending": 0}


def test_counters_equal_the_rows_they_count(api: TestClient, resumes: str, tenant: Caller) -> None:
    archive = parsing_files.zipped({f"{number}.txt": b"Ada" if number % 2 else b"" for number in range(6)})
    upload = send(api, resumes, {"all.zip": archive, "b.txt": b"Bob", "c.pdf": b"%PDF-"})
    while found := due(tenant):
        parse(tenant.tenant_id, found[0])
        told = api.get(upload).json()
        for outcome in ("accepted", "duplicate", "rejected", "pending"):
            assert told["counts"][outcome] == sum(row["outcome"] == outcome for row in told["rows"])
        assert (told["state"] == "ended") == (told["counts"]["pending"] == 0)


def _die_while_settling(tenant: Caller, held: Claim) -> Any:
    with app_session(tenant.tenant_id) as session:
        assert documents.finish(session, held)
        documents.settle(session, held, Settlement("accepted"))
        raise ConnectionError


def count(tenant: Caller, table: type[Resume] | type[Job] | type[Event] | type[Upload]) -> int:
    with app_session(tenant.tenant_id) as session:
        return session.scalars(select(func.count()).select_from(table)).one()
