"""Every route of the OpenAPI document: closed without a key, and blind to another tenant's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from conftest import Caller
from fastapi.testclient import TestClient
from screening_rows import add_packs

from api.app import app
from local.deployment import Deployment

OPEN = {"/healthz", "/readyz"}
NOBODY = "0199c0de-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    operation: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def names(self, where: str) -> list[str]:
        return [each["name"] for each in self.operation.get("parameters", []) if each["in"] == where]

    def example(self) -> Any:
        """The body that the document shows, or None."""
        content = self.operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        return content.get("example") or app.openapi()["components"]["schemas"].get(name, {}).get("example")


def routes() -> list[Route]:
    return [
        Route(method.upper(), path, operation)
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    ]


def with_ids(body: Any, ids: Mapping[str, str]) -> Any:
    """The body, naming these rows wherever it names any."""
    if not isinstance(body, dict):
        return body
    named = {name: ids[name] for name in body if name in ids}
    listed = {name: [ids[name[:-1]]] for name in body if name.endswith("_ids") and name[:-1] in ids}
    return {**body, **named, **listed}


def send(api: TestClient, route: Route, ids: Mapping[str, str]) -> Any:
    path = route.path.format_map({name: ids[name] for name in route.names("path")})
    query = {name: ids[name] for name in route.names("query") if name in ids}
    return api.request(route.method, path, params=query, json=with_ids(route.example(), ids))


@pytest.fixture(scope="module")
def packs(database: Deployment) -> None:
    add_packs(database)


@pytest.fixture
def api(tenant: Caller) -> Iterator[TestClient]:
    with TestClient(app, headers=tenant.headers) as client:
        yield client


@pytest.fixture
def theirs(packs: None, other_tenant: Caller) -> dict[str, str]:
    """A row of every kind that routes name, all another tenant's."""
    with TestClient(app, headers=other_tenant.headers) as other:
        pool = other.post("/v1/pools", json={"name": "Theirs"}).json()["id"]
        upload = other.post(f"/v1/pools/{pool}/resumes", json=[{"text": "Ada"}]).json()
        job = other.post("/v1/jobs", json=[{"title": "Cook", "description": "You cook."}]).json()["rows"][0]["id"]
        endpoint = other.post("/v1/endpoints", json={"url": "https://ats.example/hook"}).json()["id"]
        screening = other.post("/v1/screenings", json={"pool_id": pool, "job_ids": [job]}).json()["id"]
        other.post(f"/v1/endpoints/{endpoint}/test")
        delivery = other.get("/v1/deliveries").json()["deliveries"][0]["id"]
    return {
        "pool_id": pool,
        "upload_id": upload["id"],
        "resume_id": upload["rows"][0]["id"],
        "job_id": job,
        "endpoint_id": endpoint,
        "screening_id": screening,
        "delivery_id": delivery,
    }


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wnw_unknown"}, {"Authorization": "Basic dTpw"}])
def test_without_a_key_every_route_is_closed(database: Deployment, headers: dict[str, str]) -> None:
    with TestClient(app, headers=headers) as stranger:
        for route in routes():
            answer = send(stranger, route, dict.fromkeys(route.names("path"), NOBODY))
            if route.path in OPEN:
                assert answer.status_code != 401, route
                continue
            assert answer.status_code == 401, route
            assert answer.headers["WWW-Authenticate"] == "Bearer", route
            assert answer.headers["Content-Type"] == "application/problem+json", route


def test_another_tenants_rows_are_not_there(api: TestClient, theirs: dict[str, str]) -> None:
    walked = 0
    for route in routes():
        if not route.names("path") and with_ids(route.example(), theirs) == route.example():
            continue
        walked += 1
        answer = send(api, route, theirs)
        assert answer.status_code == 404, (route, answer.text)
        assert answer.json()["code"].endswith("not_found"), route
    assert walked >= len({route.path for route in routes() if "{" in route.path})


def test_a_row_that_does_not_exist_reads_the_same_as_another_tenants(api: TestClient, theirs: dict[str, str]) -> None:
    for route in routes():
        if route.names("path"):
            nothing = send(api, route, dict.fromkeys(theirs, NOBODY))
            assert nothing.json() == send(api, route, theirs).json(), route


def test_no_list_shows_another_tenants_rows(api: TestClient, theirs: dict[str, str]) -> None:
    for route in routes():
        if route.method == "GET" and not route.names("path"):
            shown = send(api, route, {}).text + send(api, route, theirs).text
            assert not [name for name, row_id in theirs.items() if row_id in shown], route


def test_what_is_theirs_is_still_there(other_tenant: Caller, api: TestClient, theirs: dict[str, str]) -> None:
    """After everything was tried on it from outside."""
    for route in routes():
        if route.names("path"):
            send(api, route, theirs)
    with TestClient(app, headers=other_tenant.headers) as owner:
        for route in routes():
            if route.method == "GET" and route.names("path"):
                assert send(owner, route, theirs).status_code in (200, 409), route


def test_every_route_documents_its_problems_and_its_answer() -> None:
    for route in routes():
        answers = route.operation["responses"]
        assert "application/problem+json" in answers["4XX"]["content"], route
        assert "application/problem+json" in answers["5XX"]["content"], route
        assert any(status.startswith("2") for status in answers), route
        if "requestBody" in route.operation:
            assert route.example(), route
