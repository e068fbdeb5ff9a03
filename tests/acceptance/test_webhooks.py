"""Webhooks by the real relay and delivery worker, from the event's transaction to a receiver that verifies them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Caller
from receivers import Answer, Receiver
from sqlalchemy import func, select, text
from standardwebhooks import Webhook

from db import deliveries, endpoints, events
from db.engine import app_session
from db.tables import Attempt, Delivery, Endpoint
from local import child
from local.deployment import Deployment

ROOT = Path(__file__).parents[2]
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start(database: Deployment, tmp_path: Path) -> Iterator[Start]:
    """Starts `python -m workers.NAME`; everything started is stopped in the end."""
    environment = database.environment() | {
        "WINNOW_WEBHOOK_ALLOW": "127.0.0.0/8",
        "WINNOW_RUN_DIR": str(tmp_path),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", f"workers.{name}"]
        process = child.Command(argv, tmp_path / f"{name}.log", environment, ROOT).start()
        started.append(process)
        return process

    yield start
    for process in started:
        child.stop(process, (signal.SIGTERM,), grace=20)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def endpoint(tenant: Caller, url: str) -> str:
    """A new endpoint's secret."""
    with app_session(tenant.tenant_id) as session:
        return endpoints.create(session, url, events.TYPES, "")[1]


def record(tenant: Caller) -> str:
    with app_session(tenant.tenant_id) as session:
        return str(events.record(session, "upload.ended", {"upload_id": "7"}))


def wait_for_states(tenant: Caller, expected: set[str], seconds: float = 120) -> None:
    """Until every delivery is in one of these states."""
    deadline = time.monotonic() + seconds
    states: set[str] = set()
    while time.monotonic() < deadline:
        with app_session(tenant.tenant_id) as session:
            states = set(session.scalars(select(Delivery.state)))
        if states <= expected:
            return
        time.sleep(0.05)
    raise AssertionError(f"deliveries are {states}, not {expected}")


def test_an_event_reaches_the_receiver_and_verifies(tenant: Caller, receiver: Receiver, start: Start) -> None:
    secret = endpoint(tenant, receiver.url)
    event_id = record(tenant)
    start("relay")
    start("deliver")
    (request,) = receiver.wait_for(1)
    assert Webhook(secret).verify(request.body, request.headers)["data"] == {"upload_id": "7"}
    assert request.headers["webhook-id"] == event_id
    wait_for_states(tenant, {"succeeded"})


def test_a_refused_event_comes_again_after_about_five_seconds(tenant: Caller, receiver: Receiver, start: Start) -> None:
    receiver.answers.append(Answer(500))
    secret = endpoint(tenant, receiver.url)
    start("relay")
    start("deliver")
    record(tenant)
    first, second = receiver.wait_for(2)
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    Webhook(secret).verify(second.body, second.headers)
    wait_for_states(tenant, {"succeeded"})
    with app_session(tenant.tenant_id) as session:
        began, again = session.scalars(select(Attempt.started_at).order_by(Attempt.number))
    assert timedelta(seconds=4.4) < again - began < timedelta(minutes=4)  # the next wait would be of five minutes


def test_a_worker_killed_between_post_and_record_delivers_again_under_the_same_id(
    tenant: Caller, receiver: Receiver, start: Start
) -> None:
    receiver.answers.append(Answer(wait=60))
    endpoint(tenant, receiver.url)
    event_id = record(tenant)
    start("relay")
    worker = start("deliver")
    receiver.wait_for(1)
    worker.kill()
    worker.wait()
    start("deliver")
    with app_session(tenant.tenant_id) as session:
        session.execute(text("UPDATE deliveries SET lease_until = now()"))  # the wait for it is another test's
    requests = receiver.wait_for(2)
    wait_for_states(tenant, {"succeeded"})
    assert [request.headers["webhook-id"] for request in requests] == [event_id] * 2
    with app_session(tenant.tenant_id) as session:
        tries = session.execute(select(Attempt.number, Attempt.status).order_by(Attempt.number)).all()
    assert [tuple(one) for one in tries] == [(1, None), (2, 204)]


def test_a_worker_told_to_end_finishes_what_it_sends(tenant: Caller, receiver: Receiver, start: Start) -> None:
    receiver.answers.append(Answer(wait=1))
    endpoint(tenant, receiver.url)
    record(tenant)
    start("relay")
    worker = start("deliver")
    receiver.wait_for(1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Delivery.state)).all() == ["succeeded"]


def test_one_of_twenty_endpoints_hanging_holds_up_no_other(tenant: Caller, receiver: Receiver, start: Start) -> None:
    """Five events to each: the other has its share of what is in work and no more, and all 95 of the well arrive."""
    for number in range(19):
        endpoint(tenant, f"{receiver.url}/{number}")
    start("relay")
    start("deliver")
    record(tenant)
    receiver.wait_for(19)  # both processes are at work
    with Receiver(Answer(wait=60)) as hanging:
        endpoint(tenant, hanging.url)
        for _ in range(5):
            record(tenant)
        assert hanging.wait_for(1)
        deadline = time.monotonic() + 120
        while (well := delivered(tenant, hanging.url)) < 19 * 6:
            assert in_work(tenant, hanging.url) <= deliveries.PER_ENDPOINT
            assert time.monotonic() < deadline, f"{well} arrived"
            time.sleep(0.05)


def delivered(tenant: Caller, hanging: str) -> int:
    """How many deliveries to other endpoints have succeeded; none to this one may."""
    by_endpoint = select(Endpoint.url, func.count()).join(Delivery, Delivery.endpoint_id == Endpoint.id)
    with app_session(tenant.tenant_id) as session:
        rows = session.execute(by_endpoint.where(Delivery.state == "succeeded").group_by(Endpoint.url)).all()
    assert hanging not in {row[0] for row in rows}
    return sum(row[1] for row in rows)


def in_work(tenant: Caller, url: str) -> int:
    leased = select(func.count()).select_from(Delivery).join(Endpoint, Delivery.endpoint_id == Endpoint.id)
    with app_session(tenant.tenant_id) as session:
        return session.scalars(leased.where(Endpoint.url == url, Delivery.state == "leased")).one()
