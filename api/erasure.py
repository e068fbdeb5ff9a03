"""Deleting what a customer put in, with all that was found out about it."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from api.auth import Caller
from api.problems import Problem
from db.engine import app_session
from db.erasure import InProgressError

RETRY_SECONDS = "5"


def erase(caller: Caller, erasing: Callable[[Session, UUID], bool], id: UUID, missing: Problem) -> None:
    """Delete it in one transaction. Raises Problem: `missing`, or 409 while a screening in progress needs it."""
    try:
        with app_session(caller.tenant_id) as session:
            found = erasing(session, id)
    except InProgressError as error:
        detail = "A screening that has not ended needs it. Wait for its end, or POST /v1/screenings/{id}/cancel first."
        raise Problem(409, "in_progress", "Screening in progress", detail, {"Retry-After": RETRY_SECONDS}) from error
    if not found:
        raise missing
