"""The search of Adzuna: what is sent, how failures are met, and that neither key nor query is logged."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from adzuna_server import APP_ID, APP_KEY, AdzunaServer, adzuna_server

from api import adzuna
from api.adzuna import Query, search
from api.optional_redis import optional_redis
from api.problems import Problem
from api.settings import Adzuna
from local.deployment import Deployment
from workers.settings import worker_settings

QUERY = Query("gb", 2, 10, what="java developer", where="Leeds")


@pytest.fixture
def server(database: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[AdzunaServer]:
    worker_settings.cache_clear()
    monkeypatch.setattr("api.optional_redis.TIMEOUT_SECONDS", 10.0)
    optional_redis.forget()
    optional_redis.run(lambda redis: redis.delete(f"bucket:adzuna:{APP_ID}"))
    monkeypatch.setattr(adzuna, "BACK_OFF_SECONDS", 0.01)
    with adzuna_server() as running:
        yield running
    optional_redis.forget()


@pytest.fixture
def account(server: AdzunaServer) -> Adzuna:
    return Adzuna(APP_ID, APP_KEY, server.url)


def refused(account: Adzuna, query: Query = QUERY) -> Problem:
    with pytest.raises(Problem) as problem:
        search(account, query)
    assert (problem.value.status, problem.value.code) == (503, "adzuna_unavailable")
    assert int(problem.value.headers["Retry-After"]) > 0
    return problem.value


def test_one_page_is_found(account: Adzuna, server: AdzunaServer) -> None:
    found = search(account, QUERY)
    assert found.count == 23
    assert len(found.listings) == 10
    assert found.listings[0]["title"] == "Project Manager"  # without the tags around what was searched for
    assert {**found.listings[0], "text": ""} == {
        "id": "4000000010", "title": "Project Manager", "text": "", "company": "Example Ltd", "location": "Leeds",
        "url": "https://www.adzuna.example/land/ad/10",
    }  # fmt: skip
    assert server.paths[0].startswith("/v1/api/jobs/gb/search/2?")
    assert server.queries == [
        {"app_id": APP_ID, "app_key": APP_KEY, "results_per_page": "10", "what": "java developer", "where": "Leeds"}
    ]


@pytest.mark.parametrize("failures", [[500], [503, 502]])
def test_a_failure_is_tried_again(account: Adzuna, server: AdzunaServer, failures: list[int]) -> None:
    server.failures = list(failures)
    assert search(account, QUERY).count == 23
    assert len(server.paths) == len(failures) + 1


def test_three_failures_are_enough(account: Adzuna, server: AdzunaServer) -> None:
    server.failures = [500] * 5
    refused(account)
    assert len(server.paths) == 3


def test_silence_ends_after_a_time_out(account: Adzuna, server: AdzunaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.failures = [0, 0, 0]
    with httpx.Client(timeout=0.1) as hasty:
        monkeypatch.setattr(adzuna, "_client", lambda: hasty)
        refused(account)
    until = time.monotonic() + 60
    while len(server.paths) < 3 and time.monotonic() < until:  # on a busy machine it reads after the caller gave up
        time.sleep(0.01)
    assert len(server.paths) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_what_trying_again_does_not_mend_is_tried_once(account: Adzuna, server: AdzunaServer, status: int) -> None:
    server.failures = [status]
    refused(account)
    assert len(server.paths) == 1


def test_a_wrong_key_is_the_operators_matter(account: Adzuna, server: AdzunaServer) -> None:
    problem = refused(replace(account, app_key="wrong"))
    assert "operator" in problem.detail
    assert "wrong" not in problem.detail


@pytest.mark.parametrize("body", [b"<html>", b'{"results": [{"title": "no id"}]}', b"[]"])
def test_an_answer_in_another_form_is_no_result(account: Adzuna, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    with httpx.Client(transport=transport) as odd:
        monkeypatch.setattr(adzuna, "_client", lambda: odd)
        refused(account)


def answering(monkeypatch: pytest.MonkeyPatch, **jobs: object) -> None:
    """Let every answer hold two jobs that are like this."""
    body = {"count": 2, "results": [{"id": "1", **jobs}, {"id": "2", **jobs}]}
    client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=body)))
    monkeypatch.setattr(adzuna, "_client", lambda: client)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//elsewhere.example", None, 7])
def test_a_link_that_is_none_is_left_out(account: Adzuna, monkeypatch: pytest.MonkeyPatch, link: object) -> None:
    answering(monkeypatch, redirect_url=link)
    assert [one["url"] for one in search(account, QUERY).listings] == ["", ""]
    answering(monkeypatch, redirect_url="HTTPS://jobs.example/1")
    assert search(account, QUERY).listings[0]["url"] == "HTTPS://jobs.example/1"


def test_no_more_postings_come_than_were_asked_for(account: Adzuna, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    assert len(search(account, replace(QUERY, limit=1)).listings) == 1


def test_an_answer_without_end_is_not_read_to_its_end(account: Adzuna, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, description="x" * adzuna.LARGEST_ANSWER)
    assert "larger" in refused(account).detail
    answering(monkeypatch)
    monkeypatch.setattr(adzuna, "LONGEST_SECONDS", -1.0)
    assert "does not answer" in refused(account).detail


def test_no_minute_has_more_calls_than_the_account(account: Adzuna, server: AdzunaServer) -> None:
    account = replace(account, app_id=APP_ID, per_minute=5)
    assert search(account, QUERY).count == 23
    assert "5 times a minute" in refused(account).detail
    assert len(server.paths) == 1


def test_neither_key_nor_query_is_logged(
    account: Adzuna, server: AdzunaServer, caplog: pytest.LogCaptureFixture
) -> None:
    word = f"secret{uuid4().hex}"
    caplog.set_level(logging.INFO)
    server.failures = [500]
    search(account, replace(QUERY, what=word))
    assert "status=500" in caplog.text
    assert word not in caplog.text
    assert APP_KEY not in caplog.text + repr(account)
