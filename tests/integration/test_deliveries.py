"""A delivery's life in the real database: claimed once, taken over, retried, ended; and shared out fairly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from conftest import Caller
from sqlalchemy import func, select, text, update

from db import deliveries, delivery_history, delivery_outcomes, delivery_turns, endpoints, events, secrets
from db.delivery_outcomes import Try
from db.delivery_turns import Claim
from db.engine import app_session, system_session
from db.events import TYPES
from db.tables import Delivery, Endpoint, Event

GOOD = Try(succeeded=True, latency_ms=5, status=200, response="ok")
BAD = Try(succeeded=False, latency_ms=5, status=500, error="status 500", retry_in=timedelta(minutes=5))
LAST = Try(succeeded=False, latency_ms=5, status=500, error="status 500")


@pytest.fixture(autouse=True)
def quiet(database: object) -> Iterator[None]:
    """What a test leaves due is nobody else's business."""
    yield
    with system_session() as session:
        tenants = session.scalars(text("SELECT id FROM tenants")).all()
    for tenant_id in tenants:
        with app_session(tenant_id) as session:
            session.execute(text("DELETE FROM endpoints"))


def endpoint(tenant: Caller, wanted: tuple[str, ...] = TYPES) -> UUID:
    with app_session(tenant.tenant_id) as session:
        return endpoints.create(session, "http://127.0.0.1:9/hook", wanted, "")[0].id


def record(tenant: Caller, type: str = "upload.ended") -> UUID:
    with app_session(tenant.tenant_id) as session:
        return events.record(session, type, {"upload_id": "1"})


def only_delivery(tenant: Caller) -> UUID:
    with app_session(tenant.tenant_id) as session:
        return session.scalars(select(Delivery.id)).one()


def claim(tenant: Caller, delivery_id: UUID) -> Claim | None:
    with app_session(tenant.tenant_id) as session:
        return delivery_turns.begin(session, delivery_id)


def finish(tenant: Caller, claimed: Claim | None, made: Try) -> bool:
    """Whether the only try of a claim is on record."""
    assert claimed is not None
    with app_session(tenant.tenant_id) as session:
        return bool(delivery_outcomes.record(session, claimed, [made]))


def state(tenant: Caller, delivery_id: UUID) -> delivery_history.Sent:
    with app_session(tenant.tenant_id) as session:
        sent = delivery_history.find(session, delivery_id)
    assert sent is not None
    return sent


def receiver(tenant: Caller, endpoint_id: UUID) -> endpoints.Receiver:
    with app_session(tenant.tenant_id) as session:
        found = endpoints.find(session, endpoint_id)
    assert found is not None
    return found


def set_back(tenant: Caller, column: str, by: timedelta, table: str = "deliveries") -> None:
    """Let time pass: the database's clock cannot be moved, its time stamps can."""
    with app_session(tenant.tenant_id) as session:
        session.execute(text(f"UPDATE {table} SET {column} = {column} - :by"), {"by": by})


def test_an_event_is_owed_to_the_endpoints_that_want_it(tenant: Caller, other_tenant: Caller) -> None:
    wanting, _ = endpoint(tenant, ("upload.ended",)), endpoint(tenant, ("screening.ended",))
    disabled = endpoint(tenant)
    endpoint(other_tenant)
    with app_session(tenant.tenant_id) as session:
        endpoints.disable(session, disabled, "owner")
    record(tenant)
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Delivery.endpoint_id)).all() == [wanting]
    with app_session(other_tenant.tenant_id) as session:
        assert session.scalars(select(Delivery.id)).all() == []


def test_an_event_of_a_transaction_that_fails_never_was(tenant: Caller) -> None:
    endpoint(tenant)

    def break_off() -> None:
        with app_session(tenant.tenant_id) as session:
            events.record(session, "upload.ended", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with app_session(tenant.tenant_id) as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0


def test_unknown_types_and_thick_payloads_are_refused(tenant: Caller) -> None:
    with pytest.raises(ValueError, match="no event type"), app_session(tenant.tenant_id) as session:
        events.record(session, "upload.began", {})
    with pytest.raises(ValueError, match="below 20000 bytes"), app_session(tenant.tenant_id) as session:
        events.record(session, "upload.ended", {"text": "x" * 20_000})


def test_a_delivery_is_claimed_once_and_succeeds(tenant: Caller) -> None:
    endpoint(tenant)
    event_id = record(tenant)
    delivery_id = only_delivery(tenant)
    claimed = claim(tenant, delivery_id)
    assert claimed is not None
    (message,) = claimed.messages
    assert (message.event_id, message.attempt, message.tries) == (event_id, 1, 1)
    assert claim(tenant, delivery_id) is None
    assert finish(tenant, claimed, GOOD)
    assert claim(tenant, delivery_id) is None
    assert not finish(tenant, claimed, BAD)
    sent = state(tenant, delivery_id)
    assert (sent.state, sent.attempt) == ("succeeded", 1)
    assert sent.finished_at is not None
    with app_session(tenant.tenant_id) as session:
        (tried,) = delivery_history.attempts(session, delivery_id)
    assert (tried.status, tried.response, tried.latency_ms) == (200, "ok", 5)


def test_a_failed_try_waits_for_its_retry(tenant: Caller) -> None:
    endpoint_id = endpoint(tenant)
    record(tenant)
    delivery_id = only_delivery(tenant)
    assert finish(tenant, claim(tenant, delivery_id), BAD)
    assert state(tenant, delivery_id).state == "due"
    assert receiver(tenant, endpoint_id).failing_since is not None
    assert claim(tenant, delivery_id) is None  # however often a message says so
    set_back(tenant, "due_at", timedelta(minutes=5))
    assert finish(tenant, claim(tenant, delivery_id), LAST)
    assert (state(tenant, delivery_id).state, state(tenant, delivery_id).attempt) == ("failed", 2)


def test_the_retry_is_timed_by_the_databases_clock(tenant: Caller) -> None:
    endpoint(tenant)
    record(tenant)
    finish(tenant, claim(tenant, only_delivery(tenant)), BAD)
    with app_session(tenant.tenant_id) as session:
        wait = session.scalar(select(Delivery.due_at - func.now()))
    assert wait is not None
    assert timedelta(minutes=4, seconds=55) < wait <= timedelta(minutes=5)


def test_a_dead_workers_try_is_made_again_and_its_late_end_changes_nothing(tenant: Caller) -> None:
    endpoint(tenant)
    record(tenant)
    delivery_id = only_delivery(tenant)
    dead = claim(tenant, delivery_id)
    assert claim(tenant, delivery_id) is None
    set_back(tenant, "lease_until", delivery_turns.LEASE)
    second = claim(tenant, delivery_id)
    assert dead is not None
    assert second is not None
    (message,), (again,) = dead.messages, second.messages
    assert (again.attempt, again.event_id, again.body) == (2, message.event_id, message.body)
    assert not finish(tenant, dead, LAST)
    assert state(tenant, delivery_id).state == "leased"
    assert finish(tenant, second, GOOD)
    with app_session(tenant.tenant_id) as session:
        tried = delivery_history.attempts(session, delivery_id)
    assert [(one.number, one.status, one.error) for one in tried] == [(1, None, None), (2, 200, None)]


def test_gone_disables_at_once_and_the_owners_others_are_told(tenant: Caller, other_tenant: Caller) -> None:
    gone = endpoint(tenant, ("upload.ended",))
    record(tenant)
    record(tenant)
    told, strange = endpoint(tenant), endpoint(other_tenant)
    with app_session(tenant.tenant_id) as session:
        first = session.scalars(select(Delivery.id).limit(1)).one()
    finish(tenant, claim(tenant, first), Try(succeeded=False, latency_ms=5, status=410, gone=True))
    assert receiver(tenant, gone).disabled_reason == "gone"
    with app_session(tenant.tenant_id) as session:
        by_endpoint = session.execute(
            select(Delivery.endpoint_id, Delivery.state, Event.type).join_from(
                Delivery, Event, Delivery.event_id == Event.id
            )
        ).all()
    assert Counter(by_endpoint) == {
        (gone, "failed", "upload.ended"): 2,
        (told, "due", "endpoint.disabled"): 1,
    }
    assert receiver(other_tenant, strange).disabled_at is None


def test_five_days_of_failures_without_a_break_disable(tenant: Caller) -> None:
    endpoint_id = endpoint(tenant)
    record(tenant)
    delivery_id = only_delivery(tenant)
    finish(tenant, claim(tenant, delivery_id), BAD)
    set_back(tenant, "failing_since", timedelta(days=4, hours=23), "endpoints")
    set_back(tenant, "due_at", timedelta(hours=1))
    finish(tenant, claim(tenant, delivery_id), BAD)
    assert receiver(tenant, endpoint_id).disabled_at is None
    set_back(tenant, "failing_since", timedelta(hours=1), "endpoints")
    set_back(tenant, "due_at", timedelta(hours=1))
    finish(tenant, claim(tenant, delivery_id), BAD)
    assert receiver(tenant, endpoint_id).disabled_reason == "failing"
    assert state(tenant, delivery_id).state == "failed"


def test_what_the_old_url_answers_says_nothing_of_the_new_one(tenant: Caller) -> None:
    endpoint_id = endpoint(tenant)
    record(tenant)
    claimed = claim(tenant, only_delivery(tenant))
    with app_session(tenant.tenant_id) as session:
        endpoints.change(session, endpoint_id, url="http://127.0.0.1:9/new")
    gone = Try(succeeded=False, latency_ms=5, status=410, gone=True, retry_in=timedelta(0))
    assert finish(tenant, claimed, gone)
    assert receiver(tenant, endpoint_id).disabled_at is None
    assert receiver(tenant, endpoint_id).failing_since is None
    again = claim(tenant, only_delivery(tenant))
    assert again is not None
    assert again.url == "http://127.0.0.1:9/new"


def test_one_success_is_a_break(tenant: Caller) -> None:
    endpoint_id = endpoint(tenant)
    record(tenant)
    delivery_id = only_delivery(tenant)
    finish(tenant, claim(tenant, delivery_id), BAD)
    set_back(tenant, "due_at", timedelta(hours=1))
    finish(tenant, claim(tenant, delivery_id), GOOD)
    assert receiver(tenant, endpoint_id).failing_since is None


def test_a_pause_holds_for_the_whole_endpoint(tenant: Caller) -> None:
    endpoint_id = endpoint(tenant)
    record(tenant)
    record(tenant)
    with app_session(tenant.tenant_id) as session:
        first, second = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    hour = timedelta(hours=1)
    finish(tenant, claim(tenant, first), Try(succeeded=False, latency_ms=5, status=429, retry_in=hour, pause=hour))
    assert claim(tenant, second) is None
    with system_session() as session:
        assert deliveries.due(session) == []
    set_back(tenant, "paused_until", hour, "endpoints")
    assert receiver(tenant, endpoint_id).paused_until is not None
    with system_session() as session:
        assert deliveries.due(session) == [(tenant.tenant_id, second)]
    assert claim(tenant, second) is not None


def test_what_is_published_is_not_published_again_until_the_message_must_be_lost(tenant: Caller) -> None:
    endpoint(tenant)
    record(tenant)
    expected = [(tenant.tenant_id, only_delivery(tenant))]
    with system_session() as session:
        assert deliveries.due(session) == expected
    with system_session() as session:
        assert deliveries.due(session) == []
    set_back(tenant, "published_until", deliveries.PUBLISHED_FOR)
    with system_session() as session:
        assert deliveries.due(session) == expected


def test_a_lease_that_ran_out_is_published_again(tenant: Caller) -> None:
    endpoint(tenant)
    record(tenant)
    delivery_id = only_delivery(tenant)
    claim(tenant, delivery_id)
    set_back(tenant, "lease_until", delivery_turns.LEASE)
    with system_session() as session:
        assert deliveries.due(session) == [(tenant.tenant_id, delivery_id)]
    assert finish(tenant, claim(tenant, delivery_id), GOOD)


def chosen_by_endpoint(limit: int = deliveries.SLOTS) -> Counter[UUID]:
    """How many deliveries of each endpoint are published now."""
    with system_session() as session:
        chosen = [delivery_id for _, delivery_id in deliveries.due(session, limit)]
        rows = session.execute(select(Delivery.id, Delivery.endpoint_id)).all()
    endpoint_of = {row.id: row.endpoint_id for row in rows}
    return Counter(endpoint_of[delivery_id] for delivery_id in chosen)


def test_a_backlog_takes_no_more_than_its_share(tenant: Caller, other_tenant: Caller) -> None:
    busy = [endpoint(tenant) for _ in range(6)]
    for _ in range(10):
        record(tenant)
    late = endpoint(other_tenant)
    record(other_tenant)
    chosen = chosen_by_endpoint()
    assert chosen[late] == 1
    assert sum(chosen[one] for one in busy) == deliveries.SLOTS // 2
    assert max(chosen.values()) <= deliveries.PER_ENDPOINT


@pytest.mark.parametrize("column", ["failing_since = now()", "slow = true"])
def test_stragglers_get_one_at_a_time_and_a_quarter_in_all(tenant: Caller, other_tenant: Caller, column: str) -> None:
    stragglers = [endpoint(tenant) for _ in range(12)]
    with app_session(tenant.tenant_id) as session:
        session.execute(text(f"UPDATE endpoints SET {column}"))
    for _ in range(3):
        record(tenant)
    well = endpoint(tenant)
    record(tenant)
    chosen = chosen_by_endpoint()
    assert max(chosen[one] for one in stragglers) == 1
    assert sum(chosen[one] for one in stragglers) == deliveries.SLOTS // 4
    assert chosen[well] == 1
    assert sum(chosen_by_endpoint().values()) == 0  # until one of them comes back


def test_an_answer_that_takes_long_makes_a_straggler_for_as_long_as_it_does(tenant: Caller) -> None:
    endpoint(tenant)
    record(tenant)
    record(tenant)
    with app_session(tenant.tenant_id) as session:
        first, second = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    finish(tenant, claim(tenant, first), Try(succeeded=True, latency_ms=2_001, status=200))
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Endpoint.slow)).one()
    finish(tenant, claim(tenant, second), GOOD)
    with app_session(tenant.tenant_id) as session:
        assert not session.scalars(select(Endpoint.slow)).one()


def test_a_secret_that_cannot_be_decrypted_leaves_the_delivery_due(tenant: Caller) -> None:
    endpoint(tenant)
    record(tenant)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Endpoint).values(secret=b"made with another key"))
    with pytest.raises(secrets.UndecryptableError):
        claim(tenant, only_delivery(tenant))
    assert (state(tenant, only_delivery(tenant)).state, state(tenant, only_delivery(tenant)).attempt) == ("due", 0)


def test_an_endpoint_deleted_while_its_delivery_is_under_way(tenant: Caller) -> None:
    endpoint_id = endpoint(tenant)
    record(tenant)
    claimed = claim(tenant, only_delivery(tenant))
    with app_session(tenant.tenant_id) as session:
        assert endpoints.remove(session, endpoint_id)
    assert not finish(tenant, claimed, GOOD)
