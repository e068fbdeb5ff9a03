"""What keeps a deployment from working, in words."""

from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.engine import app_engine
from db.packs import SCORING, active_versions

_ROOT = Path(__file__).parent.parent


def faults() -> list[str]:
    """Everything that must be put right before requests can be served; empty when ready.

    Raises sqlalchemy.exc.OperationalError when the database cannot be reached. Belongs to no tenant.
    """
    with Session(app_engine()) as session:
        found, needed = session.scalar(text("SELECT version_num FROM alembic_version")), newest_migration()
        if found != needed:
            return [
                f"The tables are at migration {found}, this program needs {needed}: run `python -m db.admin migrate`."
            ]
        missing = sorted(set(SCORING) - set(active_versions(session)))
    return [f"No active pack {', '.join(missing)}: run `python -m db.admin register-packs`."] if missing else []


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """The revision that this program's tables are written for."""
    return str(ScriptDirectory.from_config(Config(str(_ROOT / "alembic.ini"))).get_current_head())
