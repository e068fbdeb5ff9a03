"""Claims, deaths, late ends, returns, retries and resends in any order: no delivery goes astray, every try counts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from conftest import Caller
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, text

from db import delivery_history, delivery_outcomes, delivery_turns, endpoints, events
from db.delivery_outcomes import Try
from db.delivery_turns import Claim
from db.engine import app_session
from db.events import TYPES
from db.tables import Attempt, Delivery

HOUR = timedelta(hours=1)


def owed(tenant_id: UUID) -> UUID:
    """A delivery of a new event to a new endpoint."""
    with app_session(tenant_id) as session:
        session.execute(text("DELETE FROM endpoints"))
        endpoints.create(session, "http://127.0.0.1:9/hook", TYPES, "")
        events.record(session, "upload.ended", {})
        return session.scalars(select(Delivery.id)).one()


@dataclass
class Model:
    """What must be so."""

    state: str = "due"
    ready: bool = True
    expired: bool = False
    holder: UUID | None = None
    attempt: int = 0
    tries: int = 0
    recorded: set[int] = field(default_factory=set)


class Interleavings(RuleBasedStateMachine):
    tenant_id: UUID

    def __init__(self) -> None:
        super().__init__()
        self.delivery_id = owed(self.tenant_id)
        self.model = Model()
        self.claims: list[Claim] = []

    @rule()
    def claim(self) -> None:
        with app_session(self.tenant_id) as session:
            claimed = delivery_turns.begin(session, self.delivery_id)
        model = self.model
        free = (model.state == "due" and model.ready) or (model.state == "leased" and model.expired)
        assert (claimed is not None) == free
        if claimed is not None:
            model.state, model.expired, model.holder = "leased", False, claimed.turn_id
            model.attempt, model.tries = model.attempt + 1, model.tries + 1
            (message,) = claimed.messages
            assert (message.attempt, message.tries) == (model.attempt, model.tries)
            self.claims.append(claimed)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), outcome=st.sampled_from(["succeeded", "due", "failed"]))
    def finish(self, data: st.DataObject, outcome: str) -> None:
        claimed = data.draw(st.sampled_from(self.claims))
        retry_in = HOUR if outcome == "due" else None
        made = Try(succeeded=outcome == "succeeded", latency_ms=1, status=200, retry_in=retry_in)
        with app_session(self.tenant_id) as session:
            recorded = delivery_outcomes.record(session, claimed, [made])
        model = self.model
        assert recorded == ({self.delivery_id} if claimed.turn_id == model.holder else set())
        if recorded:
            model.state, model.ready, model.holder = outcome, False, None
            model.recorded.add(model.attempt)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        claimed = data.draw(st.sampled_from(self.claims))
        with app_session(self.tenant_id) as session:
            assert delivery_outcomes.record(session, claimed, []) == set()
        model = self.model
        if claimed.turn_id == model.holder:
            model.state, model.ready, model.holder = "due", True, None
            model.attempt, model.tries = model.attempt - 1, model.tries - 1

    @precondition(lambda self: self.model.state == "leased")
    @rule()
    def the_lease_runs_out(self) -> None:
        self._set("lease_until = now()")
        self.model.expired = True

    @precondition(lambda self: self.model.state == "due")
    @rule()
    def the_retry_is_due(self) -> None:
        self._set("due_at = now()")
        self.model.ready = True

    @rule()
    def resend(self) -> None:
        with app_session(self.tenant_id) as session:
            resent = delivery_history.resend(session, self.delivery_id)
        assert resent == (self.model.state != "leased")
        if resent:
            self.model.state, self.model.ready, self.model.tries = "due", True, 0

    @invariant()
    def the_database_agrees(self) -> None:
        with app_session(self.tenant_id) as session:
            row = session.execute(select(Delivery.state, Delivery.attempt, Delivery.tries, Delivery.finished_at)).one()
            tries = session.execute(select(Attempt.number, Attempt.status).order_by(Attempt.number)).all()
        model = self.model
        assert (row.state, row.attempt, row.tries) == (model.state, model.attempt, model.tries)
        assert (row.finished_at is not None) == (model.state in ("succeeded", "failed"))
        assert [one.number for one in tries] == list(range(1, model.attempt + 1))
        assert {one.number for one in tries if one.status is not None} == model.recorded

    def _set(self, assignment: str) -> None:
        with app_session(self.tenant_id) as session:
            session.execute(text(f"UPDATE deliveries SET {assignment}"))


def test_in_any_order_the_database_does_as_the_model(tenant: Caller) -> None:
    class OfThisTenant(Interleavings):
        tenant_id = tenant.tenant_id

    limits = settings(
        max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(OfThisTenant, settings=limits)


def test_of_several_workers_with_the_same_message_one_delivers(tenant: Caller) -> None:
    delivery_id = owed(tenant.tenant_id)
    workers = 8
    begin = threading.Barrier(workers)
    claimed: list[Claim | None] = []

    def work() -> None:
        begin.wait()
        with app_session(tenant.tenant_id) as session:
            claimed.append(delivery_turns.begin(session, delivery_id))

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in claimed if one is not None]) == 1
    assert len(claimed) == workers
