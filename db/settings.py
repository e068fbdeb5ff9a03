"""What every process may read from its environment: where the database is, in three roles, and what it is to do."""

import math
import os
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

DRIVER = "postgresql+psycopg2://"


class SettingsError(Exception):
    """The environment does not say what is needed, or says it in a form we refuse."""

    for_operators = True  # what it says may stand in a log (telemetry.logs): it quotes no secret


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


def whole_number(name: str, default: int) -> int:
    """The number that an environment variable names, 0 at least. Raises SettingsError."""
    told = os.environ.get(name) or str(default)
    if not (told.isascii() and told.isdecimal()):
        raise SettingsError(f"{name} is {told!r}: set it to a whole number, 0 at least.")
    return int(told)


def seconds(name: str, default: float) -> float:
    """The seconds that an environment variable names, 0 at least. Raises SettingsError."""
    told = os.environ.get(name) or str(default)
    try:
        found = float(told)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise SettingsError(f"{name} is {told!r}: set it to a number of seconds, 0 at least.")
    return found


def progress_interval() -> timedelta:
    """Least time between two `screening.progressed` of one screening: WINNOW_PROGRESS_SECONDS, 30 when not set."""
    return timedelta(seconds=seconds("WINNOW_PROGRESS_SECONDS", 30))


FORMATS = ("torch-fp32", "torch-bf16", "torch-fp16", "torch-int8")
"""Numeric formats of `scoring.formats`; new screenings are scored in the first unless WINNOW_FORMAT names another."""


def scoring_format() -> str:
    """The numeric format that new screenings and calls are scored in. Raises SettingsError."""
    name = os.environ.get("WINNOW_FORMAT") or FORMATS[0]
    if name not in FORMATS:
        raise SettingsError(f"WINNOW_FORMAT is {name!r}: set it to one of {', '.join(FORMATS)}.")
    return name


@dataclass(frozen=True, slots=True)
class KeptFor:
    """How long what has ended is kept; None: until somebody deletes it."""

    results: timedelta | None
    resumes: timedelta | None
    uploads: timedelta | None
    events: timedelta | None


def kept_for() -> KeptFor:
    """From WINNOW_KEEP_RESULTS_DAYS and its like. Raises SettingsError."""
    return KeptFor(
        results=_days("WINNOW_KEEP_RESULTS_DAYS"),
        resumes=_days("WINNOW_KEEP_RESUMES_DAYS"),
        uploads=_days("WINNOW_KEEP_UPLOADS_DAYS", "90"),
        events=_days("WINNOW_KEEP_EVENTS_DAYS", "90"),
    )


def _days(name: str, default: str = "") -> timedelta | None:
    told = os.environ.get(name) or default
    if not told or told == "forever":
        return None
    if not told.isdecimal() or int(told) < 1:
        raise SettingsError(f"{name} is {told!r}: set it to a number of days, 1 at least, or to forever.")
    return timedelta(days=int(told))


@lru_cache(maxsize=1)
def database_settings() -> DatabaseSettings:
    """Read the settings; raises SettingsError."""
    return DatabaseSettings(database_url("DATABASE_URL"), database_url("DATABASE_SYSTEM_URL"))
