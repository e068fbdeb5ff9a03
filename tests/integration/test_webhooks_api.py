"""Endpoints and deliveries over HTTP: secrets shown once, every try on record, all sent again on demand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from receivers import Answer, Receiver
from sqlalchemy import text
from standardwebhooks import Webhook

from api.app import app
from db import deliveries, delivery_turns, events
from db.engine import app_session, system_session
from db.events import TYPES
from workers.addresses import AddressPolicy
from workers.deliver import deliver
from workers.post import Sender


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as client:
        yield client
    with app_session(tenant.tenant_id) as session:
        session.execute(text("DELETE FROM endpoints"))  # what is still due is no business of the next test's


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setenv("WINNOW_WEBHOOK_ALLOW", "127.0.0.0/8")
    return Sender(AddressPolicy.from_environment(), seconds=20)


def create(api: TestClient, url: str = "https://ats.example/hook", **more: Any) -> dict[str, Any]:
    answer = api.post("/v1/endpoints", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def send_due(sender: Sender) -> None:
    """What the relay and a delivery worker do."""
    with system_session() as session:
        found = deliveries.due(session)
    for tenant_id, delivery_id in found:
        deliver(tenant_id, delivery_id, sender)


def record(tenant: Caller, type: str = "upload.ended") -> None:
    with app_session(tenant.tenant_id) as session:
        events.record(session, type, {"upload_id": "7"})


def test_an_endpoint_is_made_with_a_secret_that_is_shown_once(api: TestClient) -> None:
    made = create(api)
    assert made["secret"].startswith("whsec_")
    assert made["events"] == list(TYPES)
    found = api.get(f"/v1/endpoints/{made['id']}").json()
    assert found == {name: value for name, value in made.items() if name != "secret"}
    assert api.get("/v1/endpoints").json()["endpoints"] == [found]


def test_the_secret_lies_encrypted_wherever_it_is_kept(api: TestClient, tenant: Caller) -> None:
    request = {"url": "https://ats.example/hook"}
    made = api.post("/v1/endpoints", json=request, headers={"Idempotency-Key": "k"})
    again = api.post("/v1/endpoints", json=request, headers={"Idempotency-Key": "k"})
    assert again.json() == made.json()
    assert len(api.get("/v1/endpoints").json()["endpoints"]) == 1
    secret = made.json()["secret"].encode()
    with app_session(tenant.tenant_id) as session:
        kept = [bytes(one) for one in session.scalars(text("SELECT secret FROM endpoints"))]
        answers = [bytes(one) for one in session.scalars(text("SELECT body FROM idempotency_keys"))]
    assert len(kept) == len(answers) == 1
    assert not any(secret in one for one in kept + answers)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"url": "ftp://ats.example"},
        {"url": "https://ats.example", "events": []},
        {"url": "https://ats.example", "events": ["screening.began"]},
        {"url": "https://ats.example", "evnts": ["upload.ended"]},
    ],
)
def test_a_wrong_endpoint_is_refused_with_what_to_correct(api: TestClient, wrong: dict[str, Any]) -> None:
    answer = api.post("/v1/endpoints", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_tenant_has_so_many_endpoints_and_no_more(api: TestClient) -> None:
    for _ in range(20):
        create(api)
    answer = api.post("/v1/endpoints", json={"url": "https://ats.example/hook"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_endpoints")


def test_an_endpoint_changes_and_is_deleted(api: TestClient) -> None:
    path = f"/v1/endpoints/{create(api)['id']}"
    changed = api.patch(path, json={"url": "https://new.example/", "events": ["upload.ended"], "description": "new"})
    assert {name: changed.json()[name] for name in ("url", "events", "description")} == {
        "url": "https://new.example/",
        "events": ["upload.ended"],
        "description": "new",
    }
    assert api.patch(path, json={}).json() == changed.json()
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == api.delete(path).status_code == api.patch(path, json={}).status_code == 404


def test_a_test_event_goes_to_one_endpoint_and_verifies(api: TestClient, receiver: Receiver, sender: Sender) -> None:
    receiver.answers.append(Answer(200, body=b"thanks"))
    made = create(api, receiver.url, events=["upload.ended"])
    create(api, receiver.url)
    sent = api.post(f"/v1/endpoints/{made['id']}/test")
    assert sent.status_code == 202
    send_due(sender)
    (request,) = receiver.received
    event = Webhook(made["secret"]).verify(request.body, request.headers)
    assert (event["type"], event["data"]) == ("endpoint.test", {"endpoint_id": made["id"]})
    assert request.headers["webhook-id"] == sent.json()["event_id"]
    delivery = api.get(sent.headers["location"]).json()
    assert (delivery["state"], delivery["attempts"]) == ("succeeded", 1)
    (attempt,) = delivery["attempt_list"]
    assert (attempt["status"], attempt["response"], attempt["error"]) == (200, "thanks", None)
    assert attempt["latency_ms"] >= 0


def test_while_a_secret_is_rotated_both_verify(api: TestClient, receiver: Receiver, sender: Sender) -> None:
    old = create(api, receiver.url)
    new = api.post(f"/v1/endpoints/{old['id']}/rotate").json()
    assert new["secret"] != old["secret"]
    ends = datetime.fromisoformat(new["previous_secret_until"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < ends < timedelta(hours=24, minutes=1)
    api.post(f"/v1/endpoints/{old['id']}/test")
    send_due(sender)
    (request,) = receiver.received
    for secret in (old["secret"], new["secret"]):
        Webhook(secret).verify(request.body, request.headers)


def test_after_the_overlap_only_the_new_secret_signs(
    api: TestClient, tenant: Caller, receiver: Receiver, sender: Sender
) -> None:
    path = f"/v1/endpoints/{create(api, receiver.url)['id']}"
    new = api.post(f"{path}/rotate").json()
    with app_session(tenant.tenant_id) as session:
        session.execute(text("UPDATE endpoints SET previous_until = now()"))
    api.post(f"{path}/test")
    send_due(sender)
    (request,) = receiver.received
    assert len(request.headers["webhook-signature"].split()) == 1
    Webhook(new["secret"]).verify(request.body, request.headers)


def test_a_failed_delivery_tells_why_and_when_it_is_tried_again(
    api: TestClient, tenant: Caller, receiver: Receiver, sender: Sender
) -> None:
    receiver.answers.append(Answer(302, {"Location": "http://127.0.0.1:1/"}, b"moved"))
    create(api, receiver.url)
    record(tenant)
    send_due(sender)
    (listed,) = api.get("/v1/deliveries?state=due").json()["deliveries"]
    found = api.get(f"/v1/deliveries/{listed['id']}").json()
    assert "redirects are not followed" in found["attempt_list"][0]["error"]
    wait = datetime.fromisoformat(found["next_attempt_at"]) - datetime.fromisoformat(
        found["attempt_list"][0]["started_at"]
    )
    assert timedelta(seconds=4.4) < wait < timedelta(minutes=4)  # the next one would be of five minutes


def test_an_address_inside_is_refused_and_the_owner_told(api: TestClient, receiver: Receiver) -> None:
    delivery = api.post(f"/v1/endpoints/{create(api, receiver.url)['id']}/test").headers["location"]
    send_due(Sender(AddressPolicy()))
    assert "not one that webhooks may be sent to" in api.get(delivery).json()["attempt_list"][0]["error"]
    assert receiver.received == []


def test_one_delivery_is_sent_again_under_its_id(
    api: TestClient, tenant: Caller, receiver: Receiver, sender: Sender
) -> None:
    create(api, receiver.url)
    record(tenant)
    send_due(sender)
    (delivery,) = api.get("/v1/deliveries").json()["deliveries"]
    again = api.post(f"/v1/deliveries/{delivery['id']}/resend")
    assert (again.status_code, again.json()["state"]) == (202, "due")
    send_due(sender)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["event_id"]
    assert [one["number"] for one in api.get(f"/v1/deliveries/{delivery['id']}").json()["attempt_list"]] == [1, 2]


def test_a_delivery_under_way_is_not_sent_again(api: TestClient, tenant: Caller) -> None:
    create(api)
    record(tenant)
    (delivery,) = api.get("/v1/deliveries").json()["deliveries"]
    with system_session() as session:
        found = deliveries.due(session)
    for tenant_id, delivery_id in found:
        with app_session(tenant_id) as session:
            delivery_turns.begin(session, delivery_id)
    answer = api.post(f"/v1/deliveries/{delivery['id']}/resend")
    assert (answer.status_code, answer.json()["code"]) == (409, "delivery_in_flight")


def test_a_receiver_that_comes_back_gets_what_failed_and_what_it_missed(
    api: TestClient, tenant: Caller, receiver: Receiver, sender: Sender
) -> None:
    made = create(api, receiver.url, events=["upload.ended"])
    path = f"/v1/endpoints/{made['id']}"
    receiver.answers.append(Answer(410))
    record(tenant)
    send_due(sender)
    assert api.get(path).json()["disabled_reason"] == "gone"
    record(tenant)  # while it is disabled
    record(tenant, "screening.ended")  # which it does not want
    for call in (f"{path}/test", f"/v1/deliveries/{api.get('/v1/deliveries').json()['deliveries'][0]['id']}/resend"):
        assert api.post(call).json()["code"] == "endpoint_disabled"
    since = {"since": made["created_at"]}
    assert api.post(f"{path}/resend", json=since).json()["code"] == "endpoint_disabled"
    assert api.patch(path, json={"enabled": True}).json()["enabled"]
    assert api.post(f"{path}/resend", json=since).json() == {"resent": 2}
    send_due(sender)
    assert len(receiver.received) == 3
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 2
    assert api.post(f"{path}/resend", json=since).json() == {"resent": 0}


def test_a_time_without_a_zone_is_refused(api: TestClient) -> None:
    answer = api.post(f"/v1/endpoints/{create(api)['id']}/resend", json={"since": "2026-11-22T08:00:00"})
    assert answer.status_code == 422


def test_an_owner_disables_an_endpoint(api: TestClient, tenant: Caller, receiver: Receiver, sender: Sender) -> None:
    path = f"/v1/endpoints/{create(api, receiver.url)['id']}"
    record(tenant)
    assert api.patch(path, json={"enabled": False}).json()["disabled_reason"] == "owner"
    assert [one["state"] for one in api.get("/v1/deliveries").json()["deliveries"]] == ["failed"]
    send_due(sender)
    assert receiver.received == []


def test_deliveries_are_paged_newest_first(api: TestClient, tenant: Caller) -> None:
    endpoint_id = create(api)["id"]
    create(api)
    for _ in range(5):
        record(tenant)
    seen: list[str] = []
    query: dict[str, Any] = {"endpoint_id": endpoint_id, "limit": 2}
    while True:
        page = api.get("/v1/deliveries", params=query).json()
        seen += [one["id"] for one in page["deliveries"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert api.get("/v1/deliveries?state=succeeded").json()["deliveries"] == []


def test_another_tenants_are_not_there(api: TestClient, tenant: Caller, other_tenant: Caller) -> None:
    endpoint_id = create(api)["id"]
    record(tenant)
    (delivery,) = api.get("/v1/deliveries").json()["deliveries"]
    with TestClient(app, headers=other_tenant.headers) as other:
        assert other.get("/v1/endpoints").json() == {"endpoints": []}
        assert other.get("/v1/deliveries").json()["deliveries"] == []
        answers = [
            other.get(f"/v1/endpoints/{endpoint_id}"),
            other.patch(f"/v1/endpoints/{endpoint_id}", json={"enabled": False}),
            other.delete(f"/v1/endpoints/{endpoint_id}"),
            other.post(f"/v1/endpoints/{endpoint_id}/rotate"),
            other.post(f"/v1/endpoints/{endpoint_id}/test"),
            other.post(f"/v1/endpoints/{endpoint_id}/resend", json={"since": "2026-11-22T08:00:00Z"}),
            other.get(f"/v1/deliveries?endpoint_id={endpoint_id}"),
            other.get(f"/v1/deliveries/{delivery['id']}"),
            other.post(f"/v1/deliveries/{delivery['id']}/resend"),
        ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert api.get(f"/v1/endpoints/{endpoint_id}").json()["enabled"]
