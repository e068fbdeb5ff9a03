"""What keeps a deployment from working, in words."""

from sqlalchemy.orm import Session

from db import revisions
from db.engine import app_engine
from db.packs import SCORING, active_versions


def faults() -> list[str]:
    """Everything that must be put right before requests can be served; empty when ready.

    Tables that a newer program has migrated are no fault: that is how a deployment stands in the middle of an upgrade.
    Raises sqlalchemy.exc.OperationalError when the database cannot be reached. Belongs to no tenant.
    """
    with Session(app_engine()) as session:
        tables = revisions.tables(session)
        if tables.behind:
            at = f"at migration {tables.at}" if tables.at else "missing"
            return [f"The tables are {at}, this program needs {tables.needs}: run `python -m db.admin migrate`."]
        missing = sorted(set(SCORING) - set(active_versions(session)))
    return [f"No active pack {', '.join(missing)}: run `python -m db.admin register-packs`."] if missing else []
