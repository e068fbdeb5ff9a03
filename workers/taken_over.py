"""What earlier screenings know already is copied before anything is computed (`db.reuse`)."""

import logging
import time
from collections.abc import Callable
from uuid import UUID

from db import reuse
from db.engine import app_session
from scoring.program import program
from workers import consumer
from workers.settings import worker_settings

logger = logging.getLogger(__name__)


def take_over(tenant_id: UUID, screening_id: UUID, stopping: Callable[[], bool]) -> bool:
    """Copy what is known of the screening; False when that takes longer than a claim may, or the process is to end."""
    until = time.monotonic() + worker_settings().claim_seconds
    while (items := _some(tenant_id, screening_id)) is not None:
        consumer.watchdog.got_on()
        told = {"tenant": str(tenant_id), "screening": str(screening_id), "items": items}
        logger.info("taken over", extra=told)
        if stopping() or time.monotonic() >= until:
            return False
    return True


def _some(tenant_id: UUID, screening_id: UUID) -> int | None:
    try:
        with app_session(tenant_id) as session:
            return reuse.take_over(session, screening_id, program())
    except reuse.GoneError as error:
        told = {"tenant": str(tenant_id), "screening": str(screening_id), "error": str(error)}
        logger.warning("earlier scores are gone", extra=told)
    with app_session(tenant_id) as session:
        reuse.forbid(session, screening_id)
    return None
