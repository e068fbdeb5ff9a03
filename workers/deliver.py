"""Delivers webhooks: `python -m workers.deliver`. A message of the relay opens a turn at a delivery's endpoint.

A turn posts what is due there, message after message over one connection, for about a second. POSTs are made outside of
transactions, under leases; one transaction records what came of a few of them and claims the next few.
"""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from prometheus_client import Counter, Histogram

from db import crash_points, delivery_outcomes, delivery_turns
from db.deliveries import SLOTS
from db.delivery_outcomes import Try
from db.delivery_turns import Claim, Message
from db.engine import app_session
from workers import consumer, process
from workers.celery_app import DELIVER, DELIVER_DELIVERY, app
from workers.post import Line, Sender, UnreachableError
from workers.retries import judge, unanswered
from workers.signature import headers

logger = logging.getLogger(__name__)

TURN_SECONDS = 1.0
"""Then another endpoint may be waiting for the place."""
AT_ONCE = 8
"""Messages claimed and recorded together at most: so many go out twice when the worker dies between POST and record."""
CLAIM_SECONDS = 0.5
"""No more is claimed than the receiver takes in such a time; the rest is for the other turns at its endpoint."""

ATTEMPT_SECONDS = Histogram(
    "winnow_delivery_attempt_seconds",
    "Attempts at deliveries until their answer, or until there was none, by what came of them",
    ["outcome"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20),
)
RETRIES = Counter("winnow_delivery_retries_total", "Attempts at deliveries that had failed before")


def deliver(tenant_id: UUID, delivery_id: UUID, sender: Sender) -> None:
    """Take a turn at a delivery's endpoint, if the delivery is due and nobody else has it."""
    with app_session(tenant_id) as session:
        claim = delivery_turns.begin(session, delivery_id)
    until = time.monotonic() + TURN_SECONDS  # from here on, so that a slow database does not use the time up
    with sender.line() as line:
        while claim:
            made = list(_attempts(claim, line, until))
            crash_points.reached("deliver.posted")
            goes_on = len(made) == len(claim.messages) and _well(made[-1]) and time.monotonic() < until
            with app_session(tenant_id) as session:
                recorded = delivery_outcomes.record(session, claim, made)
                following = delivery_turns.go_on(session, claim, _most(made)) if goes_on else None
            _tell(tenant_id, claim, made, recorded)
            claim = following


def _attempts(claim: Claim, line: Line, until: float) -> Iterator[Try]:
    """Try the messages one after another, until one is not well received, or time is up."""
    for message in claim.messages:
        if consumer.stopping.is_set() or time.monotonic() >= until:
            return
        made = attempt(claim, message, line)
        yield made
        if not _well(made):
            return


def attempt(claim: Claim, message: Message, line: Line) -> Try:
    """Sign and send one message; whatever becomes of it is the try's outcome."""
    signed = headers(str(message.event_id), claim.timestamp, message.body, claim.secrets)
    told = {"content-type": "application/json", "user-agent": "Winnow-Webhooks/1.0", **signed}
    begun = time.monotonic()
    try:
        reply = line.post(claim.url, told, message.body)
    except UnreachableError as error:
        return unanswered(str(error), _milliseconds(begun), message.tries)
    return judge(reply, _milliseconds(begun), message.tries, datetime.fromtimestamp(claim.timestamp, UTC))


def _well(made: Try) -> bool:
    """Whether its receiver may get another message at once."""
    return made.succeeded and not made.slow


def _most(made: list[Try]) -> int:
    """How many messages the receiver takes in CLAIM_SECONDS, by how long these took."""
    seconds = sum(one.latency_ms for one in made) / len(made) / 1000
    return max(1, min(AT_ONCE, int(CLAIM_SECONDS / max(seconds, 0.001))))


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _tell(tenant_id: UUID, claim: Claim, made: list[Try], recorded: frozenset[UUID]) -> None:
    """Log and count the tries."""
    for message, one in zip(claim.messages, made, strict=False):
        told = {
            "tenant": str(tenant_id),
            "endpoint": str(claim.endpoint_id),
            "delivery": str(message.delivery_id),
            "attempt": message.attempt,
            "status": one.status,
            "latency_ms": one.latency_ms,
            "error": one.error,
            "recorded": message.delivery_id in recorded,
        }
        logger.info("delivered" if one.succeeded else "not delivered", extra=told)
        RETRIES.inc(message.tries > 1)
        ATTEMPT_SECONDS.labels(_outcome(one)).observe(one.latency_ms / 1000)


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
    consumer.run(DELIVER, SLOTS)
