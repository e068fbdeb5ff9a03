"""How much work waits over all tenants, for the operator's numbers.

Needs the system role, which reads ids, states and times. Asked every few seconds, however much waits: counts come from
the partial indexes of what is unfinished.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

LONGEST = "4s"


@dataclass(frozen=True, slots=True)
class Standing:
    """One kind of work: due and waiting, held by a worker, and held by one that let its lease run out.

    `oldest_seconds` is how long the first of what is due has waited; 0 when nothing does.
    """

    kind: str
    due: int
    leased: int
    expired: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Receivers:
    """Endpoints that want events: how many of them fail now, and how many were disabled."""

    failing: int
    disabled: int


# A chunk waits as long as its screening has; its own due time is put off by every hint. Deliveries to receivers that
# fail or asked for a pause wait for them and not for us, so they are left out.
_STANDINGS = text(
    """
    SELECT 'chunk', unfinished.n - held.n, held.n - held.expired, held.expired,
        coalesce(extract(epoch FROM now() - oldest.created_at), 0)
    FROM (SELECT count(*) AS n FROM chunks WHERE state IN ('due', 'leased')) unfinished,
        (SELECT count(*) AS n, count(*) FILTER (WHERE lease_until <= now()) AS expired
            FROM chunks WHERE state = 'leased') held,
        (SELECT min(s.created_at) AS created_at FROM screenings s CROSS JOIN LATERAL (
            SELECT FROM chunks c WHERE c.tenant_id = s.tenant_id AND c.screening_id = s.id AND c.state = 'due' LIMIT 1
        ) c WHERE s.state = 'in_progress') oldest
    UNION ALL
    SELECT 'document', count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE lease_until > now()),
        count(*) FILTER (WHERE lease_until <= now()),
        coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE state = 'due')), 0)
    FROM documents WHERE state IN ('due', 'leased')
    UNION ALL
    SELECT 'passages', count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE lease_until > now()),
        count(*) FILTER (WHERE lease_until <= now()),
        coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE state = 'due')), 0)
    FROM passages WHERE state IN ('due', 'leased')
    UNION ALL
    SELECT 'delivery', count(*) FILTER (WHERE d.state = 'due'), count(*) FILTER (WHERE d.lease_until > now()),
        count(*) FILTER (WHERE d.lease_until <= now()),
        coalesce(extract(epoch FROM now() - min(d.due_at) FILTER (WHERE d.state = 'due')), 0)
    FROM deliveries d JOIN endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
    WHERE d.state IN ('due', 'leased') AND d.due_at <= now() AND e.disabled_at IS NULL AND e.failing_since IS NULL
        AND (e.paused_until IS NULL OR e.paused_until <= now())
    """
)
_RECEIVERS = text(
    """
    SELECT count(*) FILTER (WHERE failing_since IS NOT NULL AND disabled_at IS NULL),
        count(*) FILTER (WHERE disabled_at IS NOT NULL)
    FROM endpoints
    """
)


def standings(session: Session) -> list[Standing]:
    """Of chunks, documents, passages and deliveries. Raises DBAPIError when it takes longer than LONGEST."""
    session.execute(select(func.set_config("statement_timeout", LONGEST, True)))
    rows = session.execute(_STANDINGS)
    return [Standing(kind, due, leased, expired, float(oldest)) for kind, due, leased, expired, oldest in rows]


def receivers(session: Session) -> Receivers:
    """Of all tenants."""
    return Receivers(*session.execute(_RECEIVERS).one())
