"""While a deployment is upgraded two versions of the program run on the same tables, so migrations only add.

What would take something from the version before, or hold a lock for as long as a table is large, is refused here. A
migration that must do so all the same says why, in a constant `NOT_ADDITIVE` that maps the beginning of the statement
to the reason.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from db.admin import ROOT

SHIPPED_BEFORE = "0005"
"""Up to here migrations were made without this rule."""

TAKES_AWAY = {
    r"DROP (TABLE|COLUMN|FUNCTION|VIEW|TYPE|POLICY|SCHEMA)\b": "the version before still uses it",
    r"ALTER TABLE \S+ DROP (?!CONSTRAINT)": "the version before still reads the column",
    r"ALTER TABLE .* RENAME\b": "the version before knows it by the old name",
    r"ALTER TABLE .* ALTER COLUMN \S+ (TYPE|SET DATA TYPE)\b": "the table is rewritten under a lock",
    r"ALTER TABLE .* SET NOT NULL": "the table is read under a lock, and the version before may write NULL",
    r"ALTER TABLE .* DROP DEFAULT": "the version before writes no value",
    r"ALTER TABLE .* ADD COLUMN (?=.* NOT NULL)(?!.* (DEFAULT|GENERATED) )": "rows there are have no value",
    r"ALTER TABLE .* ADD CONSTRAINT (?!.* NOT VALID)": "the table is read under a lock: NOT VALID first, then VALIDATE",
    r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)": "the table is read under a lock: CONCURRENTLY, in an autocommit block",
    r"DROP INDEX (?!CONCURRENTLY)": "needs a lock, and the version before may count on it: CONCURRENTLY",
    r"REVOKE (?!ALL ON FUNCTION)": "the version before may need the right",
    r"(UPDATE|DELETE FROM|TRUNCATE)\b": "rows are locked for as long as it takes: do it in steps, outside migrations",
    r"LOCK TABLE": "everybody waits",
}


def revisions() -> list[ModuleType]:
    scripts = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    return [script.module for script in scripts.walk_revisions() if script.revision > SHIPPED_BEFORE]


def statements(upgrade: ModuleType) -> Iterator[str]:
    """What a migration would run, a statement a line, without a database."""
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": buffer})
    with Operations.context(context):
        upgrade.upgrade()
    for statement in re.split(r";\s*\n", buffer.getvalue()):
        if told := " ".join(statement.split()):
            yield told


def objections(statements: list[str], allowed: dict[str, str]) -> list[str]:
    """What is wrong with these statements, but for those on a table that they make themselves, and those allowed."""
    made = set(re.findall(r"CREATE TABLE (\S+)", " ".join(statements)))
    found = []
    for statement in statements:
        table = re.search(r"(?:ALTER TABLE|INDEX (?:CONCURRENTLY )?\S+ ON|UPDATE|DELETE FROM) (\S+)", statement)
        if (table and table[1] in made) or any(statement.startswith(start) for start in allowed):
            continue
        found += [f"{statement[:90]}: {why}" for rule, why in TAKES_AWAY.items() if re.match(rule, statement)]
    return found


@pytest.mark.parametrize("migration", revisions(), ids=lambda module: module.revision)
def test_a_migration_only_adds(migration: ModuleType) -> None:
    allowed: dict[str, str] = getattr(migration, "NOT_ADDITIVE", {})
    assert all(len(reason) > 20 for reason in allowed.values()), "say why"
    run = list(statements(migration))
    assert [start for start in allowed if not any(one.startswith(start) for one in run)] == [], "allowed, but not done"
    assert objections(run, allowed) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE jobs",
        "ALTER TABLE jobs DROP COLUMN title",
        "ALTER TABLE jobs RENAME title TO name",
        "ALTER TABLE jobs ALTER COLUMN tokens TYPE BIGINT",
        "ALTER TABLE jobs ALTER COLUMN weights SET NOT NULL",
        "ALTER TABLE jobs ADD COLUMN city TEXT NOT NULL",
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_tokens CHECK (tokens > 0)",
        "CREATE INDEX ix_jobs_title ON jobs (title)",
        "DROP INDEX ix_scores_rank",
        "REVOKE SELECT (packs) ON screenings FROM winnow_system",
        "UPDATE jobs SET city = ''",
    ],
)
def test_what_takes_away_is_refused_unless_it_says_why(statement: str) -> None:
    assert len(objections([statement], {})) == 1
    assert objections([statement], {statement: "nothing reads it since 0004"}) == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE jobs ADD COLUMN city TEXT",
        "ALTER TABLE jobs ADD COLUMN city TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_tokens CHECK (tokens > 0) NOT VALID",
        "ALTER TABLE jobs VALIDATE CONSTRAINT ck_jobs_tokens",
        "CREATE INDEX CONCURRENTLY ix_jobs_title ON jobs (title)",
        "GRANT SELECT (low) ON screenings TO winnow_system",
    ],
)
def test_what_only_adds_may_be_done(statement: str) -> None:
    assert objections([statement], {}) == []


def test_a_table_that_a_migration_makes_itself_is_its_own() -> None:
    assert objections(["CREATE TABLE notes ( id UUID NOT NULL )", "CREATE INDEX ix_notes ON notes (id)"], {}) == []
