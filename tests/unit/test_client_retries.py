"""Retries, against a real server that misbehaves as told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from scripted import Scripted, scripted_server

from client import Winnow, WinnowError
from client.bodies import FormBody
from client.retries import Retries, retry_after

POOL = {"id": "1", "name": "spring", "created_at": "2026-01-01T00:00:00Z", "resumes": 0, "parsing": 0}
UPLOAD = {
    "id": "7",
    "state": "ended",
    "counts": {"total": 0, "accepted": 0, "duplicate": 0, "rejected": 0, "pending": 0},
    "rows": [],
    "created_at": "2026-01-01T00:00:00Z",
}
QUICK = Retries(attempts=4, first=0.001)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def client(server: Scripted) -> Iterator[Winnow]:
    with Winnow(server.url, "wnw_test", retries=QUICK) as winnow:
        yield winnow


def test_tries_again_and_keeps_the_idempotency_key(server: Scripted, client: Winnow) -> None:
    server.script = [(503, {}, {}), None, (429, {"Retry-After": "0"}, {}), (201, {}, POOL)]
    assert client.pools.create("spring").name == "spring"
    keys = {headers["idempotency-key"] for _, headers, _ in server.requests}
    assert len(server.requests) == 4
    assert len(keys) == 1


def test_another_call_has_another_key(server: Scripted, client: Winnow) -> None:
    server.script = [(201, {}, POOL)]
    client.pools.create("spring")
    client.pools.create("spring")
    assert len({headers["idempotency-key"] for _, headers, _ in server.requests}) == 2


def test_a_repeated_form_is_the_same_to_the_byte(server: Scripted, client: Winnow, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada Example")
    server.script = [(503, {}, {}), (201, {}, UPLOAD)]
    client.pools.upload("1", FormBody((("team/a.txt", tmp_path / "a.txt"),)))
    (_, first_headers, first), (_, second_headers, second) = server.requests
    assert first == second
    assert b"Ada Example" in first
    assert first_headers["content-type"] == second_headers["content-type"]


def test_a_file_is_streamed_with_its_length_and_name(server: Scripted, client: Winnow, tmp_path: Path) -> None:
    (tmp_path / "pool.csv").write_text("id,text\n1,Ada\n")
    server.script = [None, (201, {}, UPLOAD)]
    sent: list[int] = []
    client.pools.upload("1", tmp_path / "pool.csv", on_sent=sent.append)
    path, headers, body = server.requests[-1]
    assert path == "/v1/pools/1/resumes?filename=pool.csv"
    assert headers["content-type"] == "text/csv"
    assert headers["content-length"] == "14"
    assert body == b"id,text\n1,Ada\n"


def test_waits_as_long_as_the_server_says(server: Scripted, client: Winnow) -> None:
    server.script = [(503, {"Retry-After": "1"}, {}), (200, {}, POOL)]
    begun = datetime.now(UTC)
    client.pools.get("1")
    assert datetime.now(UTC) - begun >= timedelta(seconds=1)


def test_does_not_wait_for_what_takes_too_long(server: Scripted, client: Winnow) -> None:
    problem = {"title": "Too many requests", "detail": "Wait.", "code": "rate_limited"}
    server.script = [(429, {"Retry-After": "86400"}, problem)]
    with pytest.raises(WinnowError) as caught:
        client.pools.get("1")
    assert caught.value.code == "rate_limited"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500])
def test_what_stays_wrong_is_told_at_once(server: Scripted, client: Winnow, status: int) -> None:
    server.script = [(status, {}, {"title": "Not so", "detail": "Do it so.", "code": "not_so"})]
    with pytest.raises(WinnowError) as caught:
        client.pools.get("1")
    assert str(caught.value) == "Not so: Do it so."
    assert (caught.value.code, caught.value.status) == ("not_so", status)
    assert len(server.requests) == 1


def test_what_is_wrong_with_each_field_is_told(server: Scripted, client: Winnow) -> None:
    errors = [{"at": "body.name", "message": "Field required"}]
    server.script = [
        (422, {}, {"title": "Invalid request", "detail": "Correct what `errors` lists.", "errors": errors})
    ]
    with pytest.raises(WinnowError, match=r"^Invalid request: body.name: Field required.$"):
        client.pools.create("")


def test_a_request_still_in_flight_is_waited_for(server: Scripted, client: Winnow) -> None:
    server.script = [(409, {"Retry-After": "0"}, {"title": "In flight"}), (201, {}, POOL)]
    assert client.pools.create("spring").id == "1"


def test_gives_up_in_the_end(server: Scripted, client: Winnow) -> None:
    server.script = [None]
    with pytest.raises(WinnowError, match="does not answer"):
        client.pools.get("1")
    assert len(server.requests) == QUICK.attempts


def test_an_answer_of_something_else_is_named(server: Scripted, client: Winnow) -> None:
    server.script = [(200, {}, {"welcome": "to my blog"})]
    with pytest.raises(WinnowError, match="does not understand"):
        client.pools.get("1")


def test_pages_follow_the_cursor(server: Scripted, client: Winnow) -> None:
    server.script = [
        (200, {}, {"pools": [POOL, POOL], "next_cursor": "next"}),
        (200, {}, {"pools": [POOL], "next_cursor": None}),
    ]
    assert len(list(client.pools.list())) == 3
    assert [path for path, _, _ in server.requests] == ["/v1/pools", "/v1/pools?cursor=next"]


@pytest.mark.parametrize("value", ["", "soon", "-1"])
def test_a_senseless_retry_after_is_none(value: str) -> None:
    assert retry_after(httpx.Response(503, headers={"Retry-After": value})) is None


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    waits = retry_after(httpx.Response(503, headers={"Retry-After": date}))
    assert waits is not None
    assert 28 < waits <= 30


def test_waits_grow_and_end() -> None:
    retries = Retries(first=1, longest=8)
    for attempt in range(1, 10):
        most = min(8, 2 ** (attempt - 1))
        assert all(most / 2 <= retries.delay(attempt) <= most for _ in range(20))
