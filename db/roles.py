"""The three Postgres roles: who owns the tables, who works under row-level security, who scans for due work."""

from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, text

OWNER, APP, SYSTEM = "winnow_owner", "winnow_app", "winnow_system"


@dataclass(frozen=True, slots=True)
class RolePasswords:
    """One password a role; all three are secrets."""

    owner: str
    app: str
    system: str


def create_roles(superuser_url: str, database: str, passwords: RolePasswords) -> None:
    """Create or update the roles and the database they use; needs a superuser, and can be run again.

    None of the roles is a superuser or bypasses row-level security.
    """
    engine = create_engine(superuser_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for role, password in ((OWNER, passwords.owner), (APP, passwords.app), (SYSTEM, passwords.system)):
            _create_role(connection, role, password)
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database}):
            connection.execute(text(f"CREATE DATABASE {_identifier(connection, database)} OWNER {OWNER}"))
        connection.execute(text(f"REVOKE ALL ON DATABASE {_identifier(connection, database)} FROM PUBLIC"))
        connection.execute(text(f"GRANT ALL ON DATABASE {_identifier(connection, database)} TO {OWNER}"))
        # TEMPORARY: bulk intake copies into a temporary table, since COPY is refused under row-level security.
        connection.execute(
            text(f"GRANT CONNECT, TEMPORARY ON DATABASE {_identifier(connection, database)} TO {APP}, {SYSTEM}")
        )
    engine.dispose()


def _create_role(connection: Connection, role: str, password: str) -> None:
    exists = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    verb = "ALTER" if exists else "CREATE"
    literal = connection.scalar(text("SELECT quote_literal(:password)"), {"password": password})
    options = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
    connection.exec_driver_sql(f"{verb} ROLE {role} WITH {options} PASSWORD {literal}".replace("%", "%%"))


def _identifier(connection: Connection, name: str) -> str:
    return str(connection.scalar(text("SELECT quote_ident(:name)"), {"name": name}))
