"""What came of the tries of a claim, recorded in one transaction with what follows from it for the endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from db import endpoints
from db.delivery_turns import Claim, Message

SLOW = timedelta(seconds=2)
WORN_OUT = timedelta(days=5)  # of failures without a break disable an endpoint


@dataclass(frozen=True, slots=True)
class Try:
    """What came of a try. `retry_in` is None when no further one is wanted; `pause` is asked for by the receiver."""

    succeeded: bool
    latency_ms: int
    status: int | None = None
    error: str | None = None
    response: str | None = None
    retry_in: timedelta | None = None
    pause: timedelta | None = None
    gone: bool = False

    @property
    def slow(self) -> bool:
        """Whether the receiver took so long that it gets one message at a time."""
        return timedelta(milliseconds=self.latency_ms) > SLOW


@dataclass(frozen=True, slots=True)
class _Health:
    """Of an endpoint before the tries are recorded; `unmoved` when its URL still is the one they were made at."""

    disabled: bool
    unmoved: bool
    failing: bool
    worn_out: bool
    slow: bool


_LOCK = text(
    """
    SELECT disabled_at IS NOT NULL, url = :url, failing_since IS NOT NULL,
        coalesce(failing_since <= now() - :worn_out, false), slow
    FROM endpoints WHERE id = :id FOR NO KEY UPDATE
    """
)
# By keys, whatever Postgres believes of a table that was just written: hence the ids once more, and the upsert.
_END = text(
    """
    WITH made AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:attempts AS integer[]), CAST(:succeeded AS boolean[]),
            CAST(:retries AS interval[]), CAST(:statuses AS integer[]), CAST(:latencies AS integer[]),
            CAST(:errors AS text[]), CAST(:responses AS text[])
        ) AS made (id, attempt, succeeded, retry_in, status, latency_ms, error, response)
    ), ended AS (
        UPDATE deliveries d
        SET state = CASE WHEN made.succeeded THEN 'succeeded' WHEN made.retry_in IS NULL THEN 'failed' ELSE 'due' END,
            finished_at = CASE WHEN made.succeeded OR made.retry_in IS NULL THEN now() END,
            due_at = CASE WHEN made.succeeded OR made.retry_in IS NULL THEN d.due_at ELSE now() + made.retry_in END,
            lease_until = NULL, turn_id = NULL
        FROM made
        WHERE d.id = ANY (CAST(:ids AS uuid[])) AND d.id = made.id
            AND d.turn_id = :turn_id AND d.attempt = made.attempt
        RETURNING d.tenant_id, made.*
    )
    INSERT INTO attempts (tenant_id, delivery_id, number, status, latency_ms, error, response)
    SELECT tenant_id, id, attempt, status, latency_ms, error, response FROM ended
    ON CONFLICT (tenant_id, delivery_id, number) DO UPDATE
    SET status = excluded.status, latency_ms = excluded.latency_ms, error = excluded.error, response = excluded.response
    RETURNING delivery_id
    """
)
_GIVE_BACK = text(
    """
    WITH untried AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[])) AS untried (id, attempt)
    ), back AS (
        UPDATE deliveries d
        SET state = 'due', attempt = d.attempt - 1, tries = d.tries - 1, lease_until = NULL, turn_id = NULL
        FROM untried
        WHERE d.id = ANY (CAST(:ids AS uuid[])) AND d.id = untried.id
            AND d.turn_id = :turn_id AND d.attempt = untried.attempt
        RETURNING untried.*
    )
    DELETE FROM attempts a USING back
    WHERE a.delivery_id = ANY (CAST(:ids AS uuid[])) AND a.delivery_id = back.id AND a.number = back.attempt
    """
)


def record(session: Session, claim: Claim, made: Sequence[Try]) -> frozenset[UUID]:
    """Record the tries of the claim's first messages and what follows from them; the others were not tried and are due.

    Returns the deliveries whose try is on record: not those that another worker has taken over, which stay as they are.
    """
    endpoint = _lock_endpoint(session, claim)  # first, always: whoever disables it waits for nobody who waits for it
    if endpoint is None:
        return frozenset()
    reason = _reason(made, endpoint)
    recorded = _end(session, claim, made, again=not endpoint.disabled and reason is None)
    _give_back(session, claim, claim.messages[len(made) :])
    if endpoint.unmoved:
        known = [one for message, one in zip(claim.messages, made, strict=False) if message.delivery_id in recorded]
        _note(session, claim.endpoint_id, known, endpoint)
    if reason and recorded:
        endpoints.give_up(session, claim.endpoint_id, reason)
    elif endpoint.disabled:
        endpoints.fail_due(session, claim.endpoint_id)
    return recorded


def _lock_endpoint(session: Session, claim: Claim) -> _Health | None:
    told = {"url": claim.url, "worn_out": WORN_OUT, "id": claim.endpoint_id}
    row = session.execute(_LOCK, told).one_or_none()
    return _Health(*row) if row else None


def _reason(made: Sequence[Try], endpoint: _Health) -> str | None:
    """Why the endpoint is to be disabled, if it is."""
    if endpoint.disabled or not endpoint.unmoved:
        return None
    if any(one.gone for one in made):
        return "gone"
    return "failing" if endpoint.worn_out and made and not any(one.succeeded for one in made) else None


def _note(session: Session, endpoint_id: UUID, made: Sequence[Try], endpoint: _Health) -> None:
    """Keep what the tries tell of the receiver's health, in their order, where it is not as it was."""
    failing, slow = endpoint.failing, endpoint.slow
    for one in made:
        if one.succeeded == failing or one.slow != slow or one.pause:
            endpoints.note(session, endpoint_id, one.succeeded, one.slow, one.pause)
        failing, slow = not one.succeeded, one.slow


def _end(session: Session, claim: Claim, made: Sequence[Try], again: bool) -> frozenset[UUID]:
    if not made:
        return frozenset()
    ended = {
        **_tries(claim, claim.messages[: len(made)]),
        "succeeded": [one.succeeded for one in made],
        "retries": [one.retry_in if again else None for one in made],
        "statuses": [one.status for one in made],
        "latencies": [one.latency_ms for one in made],
        "errors": [one.error for one in made],
        "responses": [one.response for one in made],
    }
    return frozenset(session.scalars(_END, ended))


def _give_back(session: Session, claim: Claim, untried: Sequence[Message]) -> None:
    if untried:
        session.execute(_GIVE_BACK, _tries(claim, untried))


def _tries(claim: Claim, messages: Sequence[Message]) -> dict[str, Any]:
    ids = [str(one.delivery_id) for one in messages]
    return {"turn_id": claim.turn_id, "ids": ids, "attempts": [one.attempt for one in messages]}
