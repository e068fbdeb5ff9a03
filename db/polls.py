"""Polls: what many clients ask again and again, answered in one round trip with the look at the key that asks."""

from uuid import UUID

from db import keys, screenings
from db.engine import app_session
from db.keys import KeyOwner
from db.screenings import ScreeningView


def screening(key: str, id: UUID) -> tuple[KeyOwner, ScreeningView | None] | None:
    """Whose key it is, and the owner's screening of this id, or None; None in place of both when it opens nothing."""
    found = keys.read(key, screenings.one(), id=id)
    if found is None:
        return None
    owner, row = found
    if row is None:
        return owner, None
    if row.followed:  # scores may be stale: few ever are
        with app_session(owner.tenant_id) as session:
            return owner, screenings.find(session, id)
    return owner, screenings.from_row(row, {})
