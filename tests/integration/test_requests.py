"""What is told of every request: its id, one line, one measurement; and what is never told."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY

from api.app import app, create_app
from telemetry import logs

WORD = "a resume that no log may hold"


class Lines(logging.Handler):
    """What a process would write."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.Json("api"))
        self.addFilter(logs.tidy)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))

    def requests(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.told]
        return [line for line in lines if line["logger"] == "api.requests"]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers, raise_server_exceptions=False) as client:
        yield client


def measured(route: str, status: int, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("winnow_http_request_seconds_count", labels) or 0.0


def test_a_request_leaves_one_line_with_its_route_and_its_tenant(api: TestClient, lines: Lines, tenant: Caller) -> None:
    route = "/v1/uploads/{upload_id}"
    before = measured(route, 404)
    answer = api.get(f"/v1/uploads/{tenant.tenant_id}?note={WORD}", headers={"X-Request-Id": "from-a-proxy:1"})
    assert answer.headers["X-Request-Id"] == "from-a-proxy:1"
    (line,) = lines.requests()
    assert line.pop("ms") > 0
    assert line.pop("time")
    assert line == {
        "level": "INFO",
        "process": "api",
        "logger": "api.requests",
        "message": "request",
        "request_id": "from-a-proxy:1",
        "method": "GET",
        "route": route,
        "status": 404,
        "tenant": str(tenant.tenant_id),
    }
    assert measured(route, 404) == before + 1


@pytest.mark.parametrize("given", [{}, {"X-Request-Id": "a b"}, {"X-Request-Id": "x" * 65}])
def test_without_a_usable_id_one_is_made(api: TestClient, lines: Lines, given: dict[str, str]) -> None:
    first, second = (api.get("/v1/pools", headers=given).headers["X-Request-Id"] for _ in range(2))
    assert len(first) == len(second) == 32
    assert first != second
    assert [line["request_id"] for line in lines.requests()] == [first, second]


def test_a_crash_is_told_by_its_type_and_its_request(lines: Lines) -> None:
    def crash() -> None:
        try:
            raise ValueError(WORD)
        except ValueError:
            logging.getLogger("api.crash").exception("going on")
        raise RuntimeError(WORD)

    crashing = create_app()
    crashing.add_api_route("/crash", crash)
    before = measured("/crash", 500)
    with TestClient(crashing, raise_server_exceptions=False) as client:
        answer = client.get("/crash", headers={"X-Request-Id": "crashing"})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "crashing")
    (line,) = lines.requests()
    assert (line["status"], line["route"]) == (500, "/crash")
    assert measured("/crash", 500) == before + 1
    (within,) = [json.loads(told) for told in lines.told if "going on" in told]
    assert within["request_id"] == "crashing"
    assert within["exception"].startswith("ValueError")
    assert WORD not in answer.text + "".join(lines.told)


def test_neither_keys_nor_bodies_nor_unknown_paths_are_told(api: TestClient, lines: Lines, tenant: Caller) -> None:
    api.post("/v1/pools", json={"name": WORD, "wrong": WORD})
    api.post("/v1/pools", content=WORD)
    api.request("SPY", f"/{WORD}")
    api.request("SPY", "/v1/pools")
    api.get("/v1/pools", headers={"Authorization": f"Bearer {WORD}"})
    told = "".join(lines.told)
    assert len(lines.requests()) == 5
    assert WORD not in told
    assert tenant.key not in told
    told_of = [(line["method"], line["route"], line["status"]) for line in lines.requests()[2:4]]
    assert told_of == [("other", "none", 404), ("other", "/v1/pools", 405)]


def test_good_answers_to_probes_are_no_news(api: TestClient, lines: Lines) -> None:
    assert api.get("/healthz").headers["X-Request-Id"]
    assert lines.requests() == []
