"""No tenant sees, counts or affects another's rows: held by the catalogue for every table there is or will be."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from db.engine import app_engine, app_session, system_session
from db.keys import create_key, find_owner
from db.tables import Base, Pool, Score, Tenant
from local.deployment import Deployment

# Belong to the deployment, not to a tenant.
SHARED = {"packs", "pack_releases", "postings", "alembic_version"}


@pytest.fixture(scope="module")
def catalogue(database: Deployment) -> Iterator[Connection]:
    engine: Engine = create_engine(database.environment()["DATABASE_OWNER_URL"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _tables(catalogue: Connection, condition: str) -> set[str]:
    query = f"SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND {condition}"
    return set(catalogue.scalars(text(query)))


def test_every_tenant_table_and_partition_is_closed(catalogue: Connection) -> None:
    everything = _tables(catalogue, "relkind IN ('r', 'p')")
    closed = _tables(catalogue, "relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity")
    assert everything - closed == SHARED
    assert {"scores", "assessments"} < closed


def test_each_policy_of_the_working_role_compares_the_tenant(catalogue: Connection) -> None:
    rows = catalogue.execute(
        text("SELECT tablename, qual, with_check FROM pg_policies WHERE 'winnow_app' = ANY (roles)")
    ).all()
    assert {row.tablename for row in rows} == {table.name for table in Base.metadata.sorted_tables} - SHARED
    for row in rows:
        key = "id" if row.tablename == "tenants" else "tenant_id"
        expected = f"({key} = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"
        assert (row.qual, row.with_check) == (expected, expected)


def test_partitions_grant_nothing_to_anyone(catalogue: Connection) -> None:
    partitions = _tables(catalogue, "relispartition AND relkind = 'r'")
    assert len(partitions) >= 4
    owner_only = _tables(
        catalogue,
        "relispartition AND relkind = 'r' AND NOT EXISTS (SELECT FROM aclexplode(relacl) WHERE grantee <> relowner)",
    )
    assert owner_only == partitions


def test_keys_and_foreign_keys_begin_with_the_tenant(catalogue: Connection) -> None:
    query = """
        SELECT conrelid::regclass::text || ' ' || conname FROM pg_constraint
        JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype IN ('p', 'u', 'f') AND connamespace = 'public'::regnamespace
          AND attname <> 'tenant_id'
          AND conrelid::regclass::text NOT IN ('tenants', 'packs', 'pack_releases', 'postings', 'alembic_version')
    """
    assert list(catalogue.scalars(text(query))) == []


def test_the_working_roles_own_nothing_and_bypass_nothing(catalogue: Connection) -> None:
    query = """
        SELECT rolname FROM pg_roles WHERE rolname LIKE 'winnow%' AND (rolsuper OR rolbypassrls OR rolcreaterole
          OR (rolname <> 'winnow_owner' AND EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)))
    """
    assert list(catalogue.scalars(text(query))) == []


def test_the_system_role_reads_nothing_that_people_wrote(database: Deployment) -> None:
    for column in ("resumes.text", "documents.content", "scores.probability", "endpoints.secret", "jobs.description"):
        table, name = column.split(".")
        with pytest.raises(ProgrammingError, match="permission denied"), system_session() as session:
            session.execute(text(f"SELECT {name} FROM {table}"))


@pytest.fixture
def two_tenants(database: Deployment) -> tuple[UUID, UUID]:
    return create_key("one", "test")[0], create_key("two", "test")[0]


def test_rows_of_another_tenant_are_invisible_and_untouchable(two_tenants: tuple[UUID, UUID]) -> None:
    one, two = two_tenants
    with app_session(one) as session:
        session.add(Pool(tenant_id=one, name="mine"))
    with app_session(two) as session:
        assert session.scalars(select(Pool)).all() == []
        assert session.execute(text("UPDATE pools SET name = 'taken'")).rowcount == 0  # type: ignore[attr-defined]
        assert session.execute(text("DELETE FROM tenants WHERE id = :one"), {"one": one}).rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(ProgrammingError, match="row-level security"), app_session(two) as session:
        session.add(Pool(tenant_id=one, name="planted"))


def test_a_pooled_connection_forgets_the_tenant(two_tenants: tuple[UUID, UUID]) -> None:
    with app_session(two_tenants[0]) as session:
        assert session.scalars(select(Tenant.id)).all() == [two_tenants[0]]
    with app_engine().connect() as connection:
        assert connection.scalars(select(Tenant.id)).all() == []


def test_partitions_cannot_be_read_around_their_parent(two_tenants: tuple[UUID, UUID], catalogue: Connection) -> None:
    partition = next(name for name in _tables(catalogue, "relispartition AND relkind = 'r'") if "scores" in name)
    with pytest.raises(ProgrammingError, match="permission denied"), app_session(two_tenants[0]) as session:
        session.execute(text(f"SELECT * FROM {partition}"))


def test_a_score_without_a_partition_is_refused_not_misplaced(two_tenants: tuple[UUID, UUID]) -> None:
    early = UUID(int=7)
    with pytest.raises(DBAPIError, match="no partition"), app_session(two_tenants[0]) as session:
        session.add(
            Score(tenant_id=two_tenants[0], screening_id=early, job_id=early, resume_id=early, state="canceled")
        )


def test_a_key_is_found_by_its_hash_and_speaks_for_its_tenant(database: Deployment) -> None:
    tenant_id, key = create_key("one", "second")
    owner = find_owner(key)
    assert owner is not None
    assert owner.tenant_id == tenant_id
    assert find_owner(key + "x") is None
