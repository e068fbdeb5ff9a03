"""Deletes what is older than the deployment keeps it, every hour, beside the relay that leads."""

import logging
import threading
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from db import retention
from db.settings import KeptFor

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
FIRST_SECONDS = 60.0
"""After the start, so that a relay that keeps ending does not keep deleting."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Works in a thread of its own, as a sweep takes longer than a relay may be silent; only while `leading` is set."""

    kept: KeptFor
    stop: threading.Event
    leading: threading.Event

    def start(self) -> None:
        """Begin; it ends with the process."""
        threading.Thread(target=self._run, name="retention", daemon=True).start()

    def _run(self) -> None:
        wait = FIRST_SECONDS
        while not self.stop.wait(wait):
            wait = EVERY_SECONDS
            try:
                self.sweep()
            except DBAPIError as error:
                logger.warning("retention put off", extra={"error": type(error).__name__})

    def sweep(self) -> None:
        """Delete all that is due, as long as this process leads, and log what was."""
        deleted: Counter[tuple[str, UUID | None]] = Counter()
        for one in retention.sweep(self.kept):
            deleted[one.what, one.tenant_id] += one.count
            if self.stop.is_set() or not self.leading.is_set():
                break
        for (what, tenant_id), count in deleted.items():
            logger.info("deleted", extra={"what": what, "tenant": tenant_id and str(tenant_id), "count": count})
