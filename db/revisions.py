"""Which migration the tables are at, and which one this program was written for.

Migrations only add (docs/OPERATIONS.md, Upgrade), so a program works on tables that are newer than itself.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.engine import app_engine

_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Tables:
    """The revision that the tables are `at` (None: there are none yet), and the one that this program `needs`."""

    at: str | None
    needs: str

    @property
    def behind(self) -> bool:
        """Whether migrations are missing that this program counts on."""
        return self.at is None or (self.at != self.needs and self.at in known())

    @property
    def ahead(self) -> bool:
        """Whether a newer program has migrated them, to a revision that this one does not know."""
        return self.at is not None and self.at not in known()


def tables(session: Session) -> Tables:
    """How the tables stand. Needs the working role and no tenant. Raises sqlalchemy.exc.OperationalError."""
    made = session.scalar(text("SELECT to_regclass('public.alembic_version') IS NOT NULL"))
    return Tables(session.scalar(text("SELECT version_num FROM alembic_version")) if made else None, needed())


def deployed() -> Tables:
    """The same, read in a transaction of its own."""
    with Session(app_engine()) as session:
        return tables(session)


@lru_cache(maxsize=1)
def needed() -> str:
    """The revision that this program's tables are written for."""
    return str(_scripts().get_current_head())


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """Every revision that this program has a migration to."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(str(_ROOT / "alembic.ini")))
