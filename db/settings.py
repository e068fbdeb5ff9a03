"""Where the database is: three roles, three addresses, read once from the environment."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

DRIVER = "postgresql+psycopg2://"


class SettingsError(Exception):
    """The environment does not say where the database is, or says it in a form we refuse."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Addresses of the same database under its roles (docs/decisions/row-level-security.md)."""

    app_url: str
    system_url: str


def database_url(name: str) -> str:
    """The address named by an environment variable, with the driver made explicit.

    SQLAlchemy 2.1 reads a bare `postgresql://` as psycopg 3, which is not installed here, so it is rewritten.
    Raises SettingsError when the variable is missing or names another database system.
    """
    url = os.environ.get(name, "")
    if url.startswith("postgresql://"):
        url = DRIVER + url.removeprefix("postgresql://")
    if not url.startswith(DRIVER):
        raise SettingsError(f"Set {name} to the address of the Postgres database: {DRIVER}ROLE:PASSWORD@HOST:PORT/NAME")
    return url


def progress_interval() -> timedelta:
    """Least time between two `screening.progressed` of one screening: WINNOW_PROGRESS_SECONDS, 30 when not set."""
    return timedelta(seconds=float(os.environ.get("WINNOW_PROGRESS_SECONDS", 30)))


@lru_cache(maxsize=1)
def database_settings() -> DatabaseSettings:
    """Read the settings; raises SettingsError."""
    return DatabaseSettings(database_url("DATABASE_URL"), database_url("DATABASE_SYSTEM_URL"))
