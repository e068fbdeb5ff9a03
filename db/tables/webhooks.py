"""Events, the endpoints that want them, the deliveries owed and every try made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Identified, Owned
from db.tables.uploads import UNFINISHED


class Event(Base, Identified):
    """Something that happened. `payload` is the body sent, without the envelope."""

    __tablename__ = "events"

    type: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Endpoint(Base, Identified):
    """A URL of the tenant's that wants some event types; its secrets are encrypted with the deployment's key.

    While `previous_until` lies ahead both secrets sign, so that a receiver can change over. `failing_since` is the
    first failure with no success after it; `slow` tells of the last answer; until `paused_until` the receiver asked to
    be left alone.
    """

    __tablename__ = "endpoints"

    url: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    events: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    slow: Mapped[bool] = mapped_column(server_default=false())
    paused_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]


class Delivery(Base, Identified):
    """One event owed to one endpoint.

    `attempt` counts every try begun; `tries` those since the delivery was recorded or last resent, so it tells the
    place in the table of retries. Until `published_until` a message is on its way, and until `lease_until` a worker
    holds the delivery, in a turn with others of its endpoint.
    """

    __tablename__ = "deliveries"

    event_id: Mapped[UUID]
    endpoint_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default="due")
    attempt: Mapped[int] = mapped_column(server_default="0")
    tries: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    published_until: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    turn_id: Mapped[UUID | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "event_id", "endpoint_id"),
        ForeignKeyConstraint(["tenant_id", "event_id"], ["events.tenant_id", "events.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant_id", "endpoint_id"], ["endpoints.tenant_id", "endpoints.id"], ondelete="CASCADE"),
        CheckConstraint("state IN ('due', 'leased', 'succeeded', 'failed')", "state"),
        Index(None, "tenant_id", "endpoint_id", "id"),
        Index(None, "tenant_id", "endpoint_id", "due_at", postgresql_where=UNFINISHED),
        Index(None, "published_until", postgresql_where=text("published_until IS NOT NULL")),
        Index(None, "lease_until", postgresql_where=text("lease_until IS NOT NULL")),
    )


class Attempt(Base, Owned):
    """One try: the receiver's status and trimmed answer, or the error that came instead.

    Written when the try begins, so one whose worker died stays visible, with neither status nor error.
    """

    __tablename__ = "attempts"

    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    status: Mapped[int | None]
    latency_ms: Mapped[int | None]
    error: Mapped[str | None]
    response: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "delivery_id"], ["deliveries.tenant_id", "deliveries.id"], ondelete="CASCADE"
        ),
    )
