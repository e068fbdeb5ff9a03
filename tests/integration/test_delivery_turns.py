"""A turn at an endpoint: message after message over one connection, until one fails or none is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from uuid import UUID

import pytest
from conftest import Caller
from receivers import Answer, Receiver
from sqlalchemy import func, select, text

from db import deliveries, delivery_outcomes, delivery_turns, endpoints, events
from db.delivery_outcomes import Try
from db.delivery_turns import Claim
from db.engine import app_session, system_session
from db.events import TYPES
from db.tables import Attempt, Delivery, Endpoint
from workers import consumer
from workers.addresses import AddressPolicy
from workers.deliver import AT_ONCE, deliver
from workers.post import Sender

GOOD = Try(succeeded=True, latency_ms=5, status=200, response="ok")
BAD = Try(succeeded=False, latency_ms=5, status=500, error="status 500", retry_in=timedelta(minutes=5))


@pytest.fixture(autouse=True)
def quiet(tenant: Caller) -> Iterator[None]:
    """What a test leaves due is nobody else's business."""
    yield
    with app_session(tenant.tenant_id) as session:
        session.execute(text("DELETE FROM endpoints"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(keeps=True) as listening:
        yield listening


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Sender:
    """On a machine that is busy with other things no turn ends before its time."""
    monkeypatch.setattr("workers.deliver.TURN_SECONDS", 600.0)
    monkeypatch.setattr("db.delivery_outcomes.SLOW", timedelta(minutes=10))
    return Sender(AddressPolicy((ip_network("127.0.0.0/8"),)))


def owed(tenant: Caller, count: int, url: str = "http://127.0.0.1:9/hook") -> list[UUID]:
    """Deliveries of new events to a new endpoint, the oldest first."""
    with app_session(tenant.tenant_id) as session:
        endpoints.create(session, url, TYPES, "")
    for number in range(count):
        with app_session(tenant.tenant_id) as session:
            events.record(session, "upload.ended", {"number": number})
    with app_session(tenant.tenant_id) as session:
        return list(session.scalars(select(Delivery.id).order_by(Delivery.id)))


def turn(tenant: Caller, first: UUID, most: int) -> Claim:
    """A turn that began with one delivery, which was taken, and now holds so many others at the most."""
    with app_session(tenant.tenant_id) as session:
        begun = delivery_turns.begin(session, first)
        assert begun is not None
        delivery_outcomes.record(session, begun, [GOOD])
        claim = delivery_turns.go_on(session, begun, most)
    assert claim is not None
    return claim


def record(tenant: Caller, claim: Claim, *made: Try) -> int:
    """How many of the tries are on record now."""
    with app_session(tenant.tenant_id) as session:
        return len(delivery_outcomes.record(session, claim, made))


def states(tenant: Caller) -> list[tuple[str, int, int]]:
    """State, attempt and tries of every delivery, the oldest first."""
    with app_session(tenant.tenant_id) as session:
        rows = session.execute(select(Delivery.state, Delivery.attempt, Delivery.tries).order_by(Delivery.id))
        return [(row.state, row.attempt, row.tries) for row in rows]


def attempts(tenant: Caller) -> int:
    with app_session(tenant.tenant_id) as session:
        return session.scalars(select(func.count()).select_from(Attempt)).one()


def test_a_turn_posts_all_that_is_due_over_one_connection(tenant: Caller, receiver: Receiver, sender: Sender) -> None:
    count = 3 * AT_ONCE
    first, *_ = owed(tenant, count, receiver.url)
    deliver(tenant.tenant_id, first, sender)
    assert states(tenant) == [("succeeded", 1, 1)] * count
    assert attempts(tenant) == count
    numbers = [b'"number":%d}' % number for number in range(count)]
    assert all(number in request.body for number, request in zip(numbers, receiver.received, strict=True))
    assert len(receiver.connections) == 1


def test_a_turn_ends_when_its_time_is_up(
    tenant: Caller, receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = owed(tenant, 3, receiver.url)
    receiver.answers.append(Answer(wait=0.2))
    monkeypatch.setattr("workers.deliver.TURN_SECONDS", 0.1)
    deliver(tenant.tenant_id, first, sender)
    assert len(receiver.received) <= 1
    assert [state for state, *_ in states(tenant)].count("due") >= 2


def test_a_slow_answer_ends_the_turn(
    tenant: Caller, receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = owed(tenant, 3, receiver.url)
    monkeypatch.setattr("db.delivery_outcomes.SLOW", timedelta(milliseconds=-1))
    deliver(tenant.tenant_id, first, sender)
    assert [state for state, *_ in states(tenant)] == ["succeeded", "due", "due"]


def test_the_first_failure_ends_the_turn_and_the_rest_was_not_tried(
    tenant: Caller, receiver: Receiver, sender: Sender
) -> None:
    first, *_ = owed(tenant, 6, receiver.url)
    receiver.answers.extend([Answer(), Answer(), Answer(500)])
    deliver(tenant.tenant_id, first, sender)
    assert len(receiver.received) == 3
    assert states(tenant) == [("succeeded", 1, 1)] * 2 + [("due", 1, 1)] + [("due", 0, 0)] * 3
    assert attempts(tenant) == 3
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Endpoint.failing_since)).one() is not None


def test_a_worker_told_to_end_posts_no_more(
    tenant: Caller, receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = owed(tenant, 3, receiver.url)
    monkeypatch.setattr(consumer, "stopping", receiver.ended)
    receiver.ended.set()
    deliver(tenant.tenant_id, first, sender)
    assert receiver.received == []
    assert states(tenant) == [("due", 0, 0)] * 3
    assert attempts(tenant) == 0


def test_a_turn_counts_as_one_place_whatever_it_holds(tenant: Caller) -> None:
    ids = owed(tenant, 12)
    turn(tenant, ids[0], most=5)
    with system_session() as session:
        published = deliveries.due(session)
    # Of four places the turn has one, and what is published is what it does not hold.
    assert published == [(tenant.tenant_id, id) for id in ids[6:9]]


def test_what_was_published_is_left_to_the_turn_that_it_opens(tenant: Caller) -> None:
    ids = owed(tenant, 8)
    with system_session() as session:
        published = [id for _, id in deliveries.due(session)]
    assert published == ids[:4]
    claim = turn(tenant, ids[0], most=8)
    assert [message.delivery_id for message in claim.messages] == ids[4:]


def test_the_messages_of_a_dead_workers_turn_go_out_again(tenant: Caller) -> None:
    ids = owed(tenant, 4)
    dead = turn(tenant, ids[0], most=3)
    with app_session(tenant.tenant_id) as session:
        assert delivery_turns.begin(session, ids[1]) is None
        session.execute(text("UPDATE deliveries SET lease_until = now() WHERE state = 'leased'"))
    with app_session(tenant.tenant_id) as session:
        again = delivery_turns.begin(session, ids[1])
    assert again is not None
    assert again.messages[0].body == dead.messages[0].body
    assert record(tenant, dead, GOOD, BAD) == 1  # late, and the first of them is no longer its own
    assert states(tenant)[1:] == [("leased", 2, 2), ("due", 1, 1), ("due", 0, 0)]
    assert record(tenant, again, GOOD) == 1
    assert states(tenant)[1] == ("succeeded", 2, 2)


def test_a_success_before_the_failure_is_a_break(tenant: Caller) -> None:
    ids = owed(tenant, 4)
    claim = turn(tenant, ids[0], most=3)
    with app_session(tenant.tenant_id) as session:  # meanwhile another turn has failed, and not for the first time
        session.execute(text("UPDATE endpoints SET failing_since = now() - interval '6 days'"))
    assert record(tenant, claim, GOOD, BAD) == 2
    with app_session(tenant.tenant_id) as session:
        lately = Endpoint.failing_since > func.now() - timedelta(days=1)
        assert session.execute(select(Endpoint.disabled_at, lately)).one() == (None, True)


def test_gone_fails_what_the_turn_held_as_well(tenant: Caller) -> None:
    ids = owed(tenant, 4)
    claim = turn(tenant, ids[0], most=3)
    assert record(tenant, claim, GOOD, Try(succeeded=False, latency_ms=5, status=410, gone=True)) == 2
    assert [state for state, *_ in states(tenant)] == ["succeeded", "succeeded", "failed", "failed"]


def test_what_an_endpoint_disabled_meanwhile_was_still_owed_has_failed(tenant: Caller) -> None:
    ids = owed(tenant, 3)
    claim = turn(tenant, ids[0], most=2)
    with app_session(tenant.tenant_id) as session:
        endpoints.disable(session, claim.endpoint_id, "owner")
    assert record(tenant, claim) == 0
    assert [state for state, *_ in states(tenant)] == ["succeeded", "failed", "failed"]


@pytest.mark.parametrize(
    "change",
    ["url = 'http://127.0.0.1:9/new'", "secret = 'another'", "paused_until = now() + interval '1 hour'"],
)
def test_a_turn_does_not_go_on_at_an_endpoint_that_was_changed(tenant: Caller, change: str) -> None:
    ids = owed(tenant, 4)
    claim = turn(tenant, ids[0], most=1)
    with app_session(tenant.tenant_id) as session:
        session.execute(text(f"UPDATE endpoints SET {change}"))
        assert delivery_turns.go_on(session, claim, 8) is None
        session.rollback()
    with app_session(tenant.tenant_id) as session:
        assert delivery_turns.go_on(session, claim, 8) is not None
