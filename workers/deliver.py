"""Delivers webhooks: `python -m workers.deliver`. The POST is made outside of transactions, under a lease."""

import logging
import time
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from prometheus_client import Counter, Histogram

from db import crash_points, deliveries
from db.deliveries import Claim, Try
from db.engine import app_session
from workers import consumer, process
from workers.celery_app import DELIVER, DELIVER_DELIVERY, app
from workers.post import Sender, UnreachableError
from workers.retries import judge, unanswered
from workers.signature import headers

logger = logging.getLogger(__name__)

ATTEMPT_SECONDS = Histogram(
    "winnow_delivery_attempt_seconds",
    "Attempts at deliveries until their answer, or until there was none, by what came of them",
    ["outcome"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20),
)
RETRIES = Counter("winnow_delivery_retries_total", "Attempts at deliveries that had failed before")


def deliver(tenant_id: UUID, delivery_id: UUID, sender: Sender) -> None:
    """Try a delivery once, if it is due and nobody else has it, and record what came of it."""
    with app_session(tenant_id) as session:
        claimed = deliveries.claim(session, delivery_id)
    if claimed is None:
        return
    RETRIES.inc(claimed.tries > 1)
    made = attempt(claimed, sender)
    crash_points.reached("deliver.posted")
    with app_session(tenant_id) as session:
        recorded = deliveries.finish(session, claimed, made)
    ATTEMPT_SECONDS.labels(_outcome(made)).observe(made.latency_ms / 1000)
    _log(tenant_id, claimed, made, recorded)


def attempt(claimed: Claim, sender: Sender) -> Try:
    """Sign and send one message; whatever becomes of it is the try's outcome."""
    signed = headers(str(claimed.event_id), claimed.timestamp, claimed.body, claimed.secrets)
    told = {"content-type": "application/json", "user-agent": "Winnow-Webhooks/1.0", **signed}
    begun = time.monotonic()
    try:
        reply = sender.post(claimed.url, told, claimed.body)
    except UnreachableError as error:
        return unanswered(str(error), _milliseconds(begun), claimed.tries)
    return judge(reply, _milliseconds(begun), claimed.tries, datetime.fromtimestamp(claimed.timestamp, UTC))


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _log(tenant_id: UUID, claimed: Claim, made: Try, recorded: bool) -> None:
    told = {
        "tenant": str(tenant_id),
        "endpoint": str(claimed.endpoint_id),
        "delivery": str(claimed.delivery_id),
        "attempt": claimed.attempt,
        "status": made.status,
        "latency_ms": made.latency_ms,
        "error": made.error,
        "recorded": recorded,
    }
    logger.info("delivered" if made.succeeded else "not delivered", extra=told)


def _outcome(made: Try) -> str:
    """What an attempt is counted as: few words, whatever receivers do."""
    if made.succeeded:
        return "succeeded"
    if made.status is not None:
        return f"{made.status // 100}xx"
    return (made.error or "").partition(":")[0]


@lru_cache(maxsize=1)
def _sender() -> Sender:
    return Sender()


@app.task(name=DELIVER_DELIVERY)
def deliver_delivery(tenant_id: str, delivery_id: str) -> None:
    """A message of the relay: this delivery is due."""
    deliver(UUID(tenant_id), UUID(delivery_id), _sender())


if __name__ == "__main__":
    process.begin(DELIVER)
    _sender()  # a wrong setting ends the process at once, not the first message
    consumer.run(DELIVER, deliveries.SLOTS)
