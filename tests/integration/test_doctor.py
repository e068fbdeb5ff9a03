"""`winnow doctor`, check by check: each fault is made for real, found, and said to be mended by what is then done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from alembic import command
from alembic.config import Config
from conftest import Caller
from cryptography.fernet import Fernet
from redis import Redis
from screening_rows import add_screening
from sqlalchemy import func, insert, text, update

import db.engine
from admin.checks.case import Case, Check, Finding, here
from admin.doctor import State, checks, exit_code, run
from benchmarks.tiny_packs import write_tiny_packs
from db import endpoints, events
from db.admin import ROOT
from db.engine import app_session, system_session
from db.leader import lead
from db.tables import Document, Endpoint, Pool, Screening, Upload
from local.deployment import Deployment
from local.ports import free_port
from workers.settings import worker_settings

RESIDENTS = ("relay", "screening workers", "parse workers", "delivery workers", "interactive workers")
"""Checks that want processes, which nobody has started here."""


@pytest.fixture(scope="module")
def packs(database: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with registered packs, to be spoilt."""
    root = tmp_path_factory.mktemp("packs")
    write_tiny_packs(root)
    replace(database, settings=(("WINNOW_PACKS", str(root / "packs")),)).administer("register-packs")
    return root / "packs"


@pytest.fixture
def case(packs: Path) -> Iterator[Case]:
    worker_settings.cache_clear()
    yield replace(here(None), packs=packs, max_upload=1, patience=0.0)
    worker_settings.cache_clear()


def found(name: str, case: Case) -> str:
    """All that a check says is wrong, and what to do, as one text; empty when it is well."""
    [checked] = run({name: checks()[name]}, case)
    assert checked.state != State.UNKNOWN, checked.reason
    assert all(finding.wrong.endswith(".") and finding.do for finding in checked.findings)
    return " ".join(f"{finding.wrong} {finding.do}" for finding in checked.findings)


def as_superuser(database: Deployment, *statements: str) -> None:
    address = database.servers.postgres.url(database=database.database).replace("+psycopg2", "")
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()
    db.engine.dispose()  # settings of a database or role hold from the next connection on


def aged(tenant: Caller, *tables: type) -> None:
    """Everything of the tenant's has waited for two minutes."""
    with app_session(tenant.tenant_id) as session:
        for table in tables:
            session.execute(update(table).values(created_at=func.now() - text("interval '2 minutes'")))


def test_a_deployment_without_its_processes_lacks_nothing_else(case: Case) -> None:
    for checked in run(checks(), case):
        expected = State.WRONG if checked.check in RESIDENTS else State.WELL
        assert checked.state == expected, (checked.check, checked.findings, checked.reason)


@pytest.mark.parametrize(
    ("name", "fault", "mend", "told"),
    [
        ("roles", "ALTER ROLE winnow_app BYPASSRLS", "ALTER ROLE winnow_app NOBYPASSRLS", "winnow_app bypasses"),
        (
            "roles",
            "CREATE TABLE mine (); ALTER TABLE mine OWNER TO winnow_app",
            "DROP TABLE mine",
            "winnow_app owns 1",
        ),
        (
            "roles",
            "ALTER TABLE resumes NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE resumes FORCE ROW LEVEL SECURITY",
            "off for resumes",
        ),
        (
            "database",
            "ALTER ROLE winnow_system SET log_min_error_statement = 'error'",
            "ALTER ROLE winnow_system RESET log_min_error_statement",
            "log_min_error_statement is error",
        ),
        (
            "database",
            "ALTER ROLE winnow_system SET log_statement = 'all'",
            "ALTER ROLE winnow_system RESET log_statement",
            "log_statement is all",
        ),
        ("migrations", "UPDATE alembic_version SET version_num = '9999'", "", "9999, which is newer than this program"),
    ],
)
def test_faults_of_the_database(case: Case, database: Deployment, name: str, fault: str, mend: str, told: str) -> None:
    newest = "UPDATE alembic_version SET version_num = (SELECT max(version_num) FROM kept)"
    as_superuser(database, "CREATE TABLE kept AS TABLE alembic_version", fault)
    try:
        assert told in found(name, case)
    finally:
        as_superuser(database, mend or newest, "DROP TABLE kept")
    assert found(name, case) == ""


def test_a_migration_that_is_missing(case: Case, database: Deployment) -> None:
    config = Config(str(ROOT / "alembic.ini"))
    command.downgrade(config, "-1")
    assert "python -m db.admin migrate" in found("migrations", case)
    command.upgrade(config, "head")
    assert found("migrations", case) == ""


def test_a_partition_that_is_missing(case: Case, database: Deployment) -> None:
    next_month = "to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM')"
    as_superuser(database, f"DO $$ BEGIN EXECUTE 'DROP TABLE scores_' || {next_month}; END $$")
    assert "There is no partition scores_" in found("partitions", case)
    with system_session() as session:
        session.execute(text("SELECT ensure_partitions(2)"))
    assert found("partitions", case) == ""


@pytest.fixture
def redis(case: Case) -> Iterator[Redis]:
    """The servers' own Redis, set as it was when the test has ended."""
    kept = {name: case.redis.config_get(name)[name] for name in ("maxmemory", "maxmemory-policy", "save", "appendonly")}
    yield case.redis
    for name, value in kept.items():
        case.redis.config_set(name, str(value))
    case.redis.config_resetstat()
    case.redis.flushall()


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("maxmemory-policy", "allkeys-lru", "maxmemory-policy is allkeys-lru"),
        ("save", "900 1", "writes to disk"),
        ("appendonly", "yes", "writes to disk"),
        ("maxmemory", "1000", "nearly full"),
    ],
)
def test_faults_of_redis(case: Case, redis: Redis, setting: str, value: str, told: str) -> None:
    assert found("redis", case) == ""
    redis.config_set(setting, value)
    assert told in found("redis", case)


def test_a_redis_that_has_evicted(case: Case, redis: Redis) -> None:
    used = redis.info("memory")["used_memory"]
    redis.config_set("maxmemory-policy", "allkeys-random")
    redis.config_set("maxmemory", used + 500_000)
    for number in range(20):
        redis.set(f"filler:{number}", b"x" * 100_000)
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", 0)
    assert "has evicted" in found("redis", case)


def test_a_redis_that_is_away_is_one_fault_and_hides_no_other(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    worker_settings.cache_clear()
    states = {checked.check: checked.state for checked in run(checks(), case)}
    assert states["redis"] == State.WRONG
    assert states["clocks"] == State.UNKNOWN
    assert states["packs"] == State.WELL


def test_a_database_that_is_away_is_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_SYSTEM_URL"):
        monkeypatch.setenv(name, "postgresql+psycopg2://nobody:hunter2@127.0.0.1:1/nothing")
    db.engine.dispose()
    checked = {one.check: one for one in run(checks(), case)}
    db.engine.dispose()
    assert checked["database"].state == State.WRONG
    assert "does not answer" in checked["database"].findings[0].wrong
    assert checked["redis"].state == State.WELL
    assert "hunter2" not in str(checked)


def test_a_relay_leads_or_not(case: Case) -> None:
    assert "python -m workers.relay" in found("relay", case)
    with lead("relay") as leader:
        assert leader is not None
        assert found("relay", case) == ""


def test_work_that_nobody_is_there_for(case: Case, tenant: Caller) -> None:
    add_screening(tenant.tenant_id, "waiting", [40_000] * 3)
    assert "chunks" not in found("screening workers", case)  # it has only just begun to wait
    aged(tenant, Screening)
    assert "No screen worker is there: 3 chunks of screenings have waited" in found("screening workers", case)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Screening).values(state="canceling"))


def test_documents_and_deliveries_that_nobody_is_there_for(case: Case, tenant: Caller) -> None:
    key = {"tenant_id": tenant.tenant_id}
    with app_session(tenant.tenant_id) as session:
        upload = insert(Upload).values(**key, media_type="application/pdf", state="parsing", total=1, pending=1)
        upload_id = session.scalars(upload.returning(Upload.id)).one()
        session.execute(
            insert(Document).values(**key, upload_id=upload_id, number=1, kind="job", filename="a.pdf", content=b"")
        )
        receiver, _ = endpoints.create(session, "https://ats.example/hook", ["upload.ended"], "")
        events.record(session, "upload.ended", {})
        session.execute(text("UPDATE deliveries SET due_at = now() - interval '2 minutes'"))
    aged(tenant, Document)
    assert "1 documents have waited" in found("parse workers", case)
    assert "1 webhook deliveries have waited" in found("delivery workers", case)
    with app_session(tenant.tenant_id) as session:
        endpoints.disable(session, receiver.id, "owner")
        session.execute(update(Document).values(state="done"))
    assert "waited" not in found("delivery workers", case)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda pack: (pack / "head.safetensors").write_bytes(b"x"), "damaged"),
        (lambda pack: shutil.rmtree(pack), "cannot read the manifest"),
        (
            lambda pack: (pack / "manifest.json").write_text(
                (pack / "manifest.json").read_text().replace('"kind"', '"tilted": 1, "kind"')
            ),
            "differs from the one that was registered",
        ),
    ],
)
def test_faults_of_packs(case: Case, tmp_path: Path, spoil: Callable[[Path], object], told: str) -> None:
    copy = replace(case, packs=tmp_path / "packs")
    shutil.copytree(case.packs, copy.packs)
    assert found("packs", copy) == ""
    spoil(copy.packs / "categories" / "1")
    assert told in found("packs", copy)


def test_a_pack_in_use_that_is_not_here(case: Case, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "pinned", [100])
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Screening).where(Screening.id == screening_id).values(packs={"match": "0"}))
    assert "scored with match 0, which is not in" in found("packs in use", case)
    assert found("packs in use", replace(case, fetches_packs=True)) == ""
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Screening).values(packs={"match": "1"}))


def test_a_disk_without_room(case: Case, tmp_path: Path) -> None:
    full = replace(case, max_upload=10**18)
    assert "the largest upload takes" in found("disk", full)
    assert "is not there" in found("disk", replace(case, spool=tmp_path / "nowhere"))


def test_a_key_that_reads_no_secret_of_before(case: Case, tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    with app_session(tenant.tenant_id) as session:
        endpoints.create(session, "https://ats.example/hook", ["upload.ended"], "")
    assert found("secret key", case) == ""
    monkeypatch.setenv("WINNOW_SECRET_KEY", Fernet.generate_key().decode())
    assert "does not decrypt the secrets of" in found("secret key", case)
    monkeypatch.setenv("WINNOW_SECRET_KEY", "no key")
    assert "is no key" in found("secret key", case)


@pytest.mark.parametrize(
    ("column", "told"), [("failing_since", "have failed for over an hour"), ("disabled_at", "were disabled")]
)
def test_receivers_that_do_not_answer(case: Case, tenant: Caller, column: str, told: str) -> None:
    with app_session(tenant.tenant_id) as session:
        receiver, _ = endpoints.create(session, "https://ats.example/hook", ["upload.ended"], "")
        since = func.now() - text("interval '2 hours'")
        session.execute(update(Endpoint).where(Endpoint.id == receiver.id).values({column: since}))
    assert told in found("webhooks", case)
    with app_session(tenant.tenant_id) as session:
        endpoints.remove(session, receiver.id)


def test_items_that_errored(case: Case, tenant: Caller) -> None:
    screening_id = add_screening(tenant.tenant_id, "broken", [100] * 4)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Screening).where(Screening.id == screening_id).values(errored=3))
    assert "3 of 4 items errored" in found("items", case)
    with app_session(tenant.tenant_id) as session:
        session.execute(text("DELETE FROM pools"))
        assert session.query(Pool).count() == 0
    assert found("items", case) == ""


def test_a_check_that_breaks_says_so_and_hides_no_other(case: Case) -> None:
    def breaks(case: Case) -> Iterator[Finding]:
        yield {"well": Finding("It is wrong.", "Mend it.")}["unexpected"]

    def wrong(case: Case) -> Iterator[Finding]:
        yield Finding("It is wrong.", "Mend it.")

    def well(case: Case) -> Iterator[Finding]:
        yield from ()

    ends: list[tuple[dict[str, Check], int]] = [
        ({"well": well}, 0),
        ({"breaks": breaks, "well": well}, 2),
        ({"breaks": breaks, "wrong": wrong}, 1),
    ]
    for some, code in ends:
        checked = run(some, case)
        assert [one.check for one in checked] == list(some)
        assert exit_code(checked) == code
    assert checked[0].reason == "KeyError: 'unexpected'"
    assert checked[1].findings == (Finding("It is wrong.", "Mend it."),)
