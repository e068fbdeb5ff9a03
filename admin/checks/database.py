"""Postgres: whether it answers, is of the right kind, and holds what this program needs."""

from collections.abc import Iterator

from sqlalchemy.exc import OperationalError

from admin.checks.case import Case, Finding
from db import condition, partitions, revisions
from db.engine import system_session

OLDEST = 180_000
"""Ids are made with `uuidv7()`, which Postgres has since 18."""
MIGRATE = "Run `python -m db.admin migrate`."


def server(case: Case) -> Iterator[Finding]:
    """Whether it answers; version, encoding, and how much of a failing statement it writes into its log."""
    try:
        told = _settings("server_version_num", "server_version", "server_encoding", *LOGS)
    except OperationalError as error:
        do = "Start it, or put DATABASE_URL and DATABASE_SYSTEM_URL right."
        yield Finding(f"Postgres does not answer ({str(error.orig).strip().rpartition(': ')[2]}).", do)
        return
    if int(told["server_version_num"]) < OLDEST:
        yield Finding(f"Postgres is {told['server_version']}.", "Use Postgres 18 or later.")
    if told["server_encoding"] != "UTF8":
        yield Finding(
            f"The database's encoding is {told['server_encoding']}: some names and texts cannot be kept.",
            "Make the database anew with the encoding UTF8 and restore a dump into it.",
        )
    for name, well in LOGS.items():
        if told[name] not in well:
            yield Finding(
                f"{name} is {told[name]}: Postgres writes statements, and resumes' texts with them, into its log.",
                f"ALTER SYSTEM SET {name} = '{well[0]}'; SELECT pg_reload_conf();",
            )


def _settings(*names: str) -> dict[str, str]:
    with system_session() as session:
        return {name: condition.setting(session, name) for name in names}


LOGS = {
    "log_min_error_statement": ("panic", "fatal", "log"),
    "log_error_verbosity": ("terse",),
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
}
"""Settings by which statements may come into the log, and the values by which none with a text does."""


def migrations(case: Case) -> Iterator[Finding]:
    """Whether tables and program are of one age."""
    tables = revisions.deployed()
    if tables.behind:
        yield Finding(f"The tables are at migration {tables.at}, this program needs {tables.needs}.", MIGRATE)
    if tables.ahead:
        yield Finding(
            f"The tables are at migration {tables.at}, which is newer than this program ({tables.needs}).",
            "Go on with the upgrade: replace this program by the version that migrated the tables.",
        )


def roles(case: Case) -> Iterator[Finding]:
    """Whether row-level security binds the roles that work, and closes every table with tenants' rows."""
    with system_session() as session:
        opened = condition.open_tables(session)
    for role in condition.roles():
        if role.superuser or role.bypasses:
            yield Finding(
                f"The role {role.name} bypasses row-level security: no customer is kept from another's rows.",
                "Run `python -m db.admin bootstrap`, which takes that right away.",
            )
        if role.owned:
            yield Finding(
                f"The role {role.name} owns {role.owned} tables or indexes, which it may open to itself.",
                f"As superuser: REASSIGN OWNED BY {role.name} TO winnow_owner;",
            )
    if opened:
        yield Finding(
            f"Row-level security is off for {', '.join(opened)}.",
            "As winnow_owner, for each: ALTER TABLE ... ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;",
        )


def months(case: Case) -> Iterator[Finding]:
    """Whether there are partitions for the results of this month and the next."""
    with system_session() as session:
        missing = partitions.missing(session)
    if missing:
        yield Finding(
            f"There is no partition {', '.join(missing)}: results of that month would be refused.",
            "Start the relay, which makes them: `python -m workers.relay`.",
        )
