"""The client is held to the OpenAPI document: every call, everything that can be asked, every member of an answer.

Nothing is listed here: the client's methods are found by looking at it, called with arguments made from their
annotations, and answered by a server that knows only the document.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from documented_server import Call, Documented, documented_server

from api.app import app
from client import Winnow
from client.retries import Retries

NO_CALLS = {"close"}
VALUES: dict[str, Any] = {
    "str": "text",
    "int": 1,
    "float": 0.5,
    "bool": True,
    "datetime": datetime(2026, 1, 1, tzinfo=UTC),
    "Sequence[str]": ["text"],
    "Form": "text",
    "Path | Body | Iterable[Mapping[str, Any]]": [{"text": "text"}],
    "Any": True,
}


def methods(of: object) -> Iterator[Callable[..., Any]]:
    """Every method of the client, and of the objects it has for the server's nouns."""
    for name, member in inspect.getmembers(of):
        if name.startswith("_") or name in NO_CALLS:
            continue
        if inspect.ismethod(member):
            yield member
        elif type(member).__module__.startswith("client."):
            yield from methods(member)


def arguments(method: Callable[..., Any], whole: bool, folder: Path) -> dict[str, Any]:
    """An argument of each parameter's type; only of those that must be given, unless `whole`."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(method).parameters.items():
        kind = str(parameter.annotation).removesuffix(" | None").removeprefix("str | ")
        if parameter.kind is parameter.VAR_KEYWORD:
            given |= dict.fromkeys(changes(), True) if whole else {}
        elif kind.startswith("Callable"):
            continue
        elif parameter.default is parameter.empty or whole:
            given[name] = folder / "export.csv" if kind == "Path" else VALUES[kind]
    return given


def changes() -> set[str]:
    """What an endpoint can be changed in, which the client passes on by name."""
    return set(app.openapi()["components"]["schemas"]["EndpointChange"]["properties"])


def answered(value: Any) -> Any:
    """What a method gave, with iterators read to their end."""
    return list(value) if isinstance(value, Iterator) else value


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Call, Any]]:
    """Every request that the client can send, with what it made of the answer."""
    folder = tmp_path_factory.mktemp("exports")
    made: list[tuple[Call, Any]] = []
    with documented_server(app.openapi()) as server, Winnow(server.url, "wnw_x", retries=Retries(attempts=1)) as client:
        for method in methods(client):
            for whole in (False, True):
                before = len(server.calls)
                value = answered(method(**arguments(method, whole, folder)))
                made += [(call, value) for call in server.calls[before:]]
    return made


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Every call of the document, by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods_of in app.openapi()["paths"].items()
        for method, operation in methods_of.items()
    }


def test_every_call_can_be_made(calls: list[tuple[Call, Any]]) -> None:
    assert {(call.method, call.path) for call, _ in calls} == operations().keys()


def test_everything_can_be_asked(calls: list[tuple[Call, Any]]) -> None:
    document = Documented(app.openapi())
    for (method, path), operation in operations().items():
        sent = [call for call, _ in calls if (call.method, call.path) == (method, path)]
        named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
        # Pages and file names are the client's own business.
        assert named - {name for call in sent for name in call.query} <= {"cursor", "limit", "filename"}, path
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if "$ref" in schema:
            told: set[str] = set().union(*(paths_in(call.body) for call in sent if call.body))
            assert members_of(document, schema) <= told, path


def members_of(document: Documented, schema: dict[str, Any], prefix: str = "") -> set[str]:
    """The members of a request, and of plain objects within it (`options.threshold`)."""
    found: set[str] = set()
    for name, one in document.schema(schema["$ref"])["properties"].items():
        found.add(prefix + name)
        if "$ref" in one:
            found |= members_of(document, one, f"{prefix}{name}.")
    return found


def paths_in(body: dict[str, Any], prefix: str = "") -> set[str]:
    """The members of a body, in the same form."""
    found: set[str] = set()
    for name, one in body.items():
        found.add(prefix + name)
        if isinstance(one, dict):
            found |= paths_in(one, f"{prefix}{name}.")
    return found


def test_every_member_of_an_answer_is_known(calls: list[tuple[Call, Any]]) -> None:
    compared = 0
    for call, value in calls:
        if isinstance(value, list):  # a listing: what stands beside its items is its screening's own, or the cursor
            [items] = [one for one in call.answer.values() if isinstance(one, list)] if call.answer else [[]]
            unknown = [name for item, read in zip(items, value, strict=True) for name in missing(item, read)]
        else:
            unknown = list(missing(call.answer, value)) if is_dataclass(value) else []
        assert unknown == [], (call.path, unknown)
        compared += is_dataclass(value) or isinstance(value, list)
    assert compared > len(calls) / 2


def missing(answer: Any, value: Any, place: str = "") -> Iterator[str]:
    """Members of the answer that the value does not have, at any depth."""
    if is_dataclass(value) and not isinstance(value, type):
        known = {one.name for one in fields(value)}
        for name, member in answer.items():
            if name in known:
                yield from missing(member, getattr(value, name), f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif isinstance(answer, dict):
        for name, member in answer.items():
            yield from missing(member, value[name], f"{place}.{name}")
    elif isinstance(answer, list):
        for member, read in zip(answer, value, strict=True):
            yield from missing(member, read, place)
