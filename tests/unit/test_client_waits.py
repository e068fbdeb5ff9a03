"""Waiting for an end, and exports that are whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, scripted_server

from client import Winnow, WinnowError
from client.retries import Retries


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def client(server: Scripted) -> Iterator[Winnow]:
    with Winnow(server.url, "wnw_test", retries=Retries(attempts=2, first=0.001)) as winnow:
        yield winnow


def upload(state: str, pending: int) -> dict[str, Any]:
    counts = {"total": 3, "accepted": 3 - pending, "duplicate": 0, "rejected": 0, "pending": pending}
    return {"id": "7", "state": state, "counts": counts, "rows": [], "created_at": "2026-01-01T00:00:00Z"}


def test_a_wait_ends_with_the_upload_and_tells_of_progress(server: Scripted, client: Winnow) -> None:
    server.script = [(200, {}, upload("parsing", 2)), (503, {}, {}), (200, {}, upload("ended", 0))]
    pending: list[int] = []
    ended = client.uploads.wait("7", lambda now: pending.append(now.counts.pending))
    assert ended.state == "ended"
    assert pending == [2, 0]


def test_a_wait_can_be_given_up(server: Scripted, client: Winnow) -> None:
    server.script = [(200, {}, upload("parsing", 2))]
    with pytest.raises(WinnowError) as caught:
        client.uploads.wait("7", timeout=0.1)
    assert caught.value.code == "timeout"


def test_an_export_is_written_whole(server: Scripted, client: Winnow, tmp_path: Path) -> None:
    server.script = [(503, {}, {}), (200, {}, b"a,b\n1,2\n")]
    assert client.screenings.export("1", tmp_path / "out.csv") == 8
    assert (tmp_path / "out.csv").read_bytes() == b"a,b\n1,2\n"
    assert server.requests[-1][0] == "/v1/screenings/1/export?format=csv"


def test_an_export_that_breaks_off_leaves_the_old_file(server: Scripted, client: Winnow, tmp_path: Path) -> None:
    (tmp_path / "out.ndjson").write_text("old")
    server.script = [(200, {"Content-Length": "1000", "Connection": "close"}, b'{"half": ')]
    with pytest.raises(WinnowError) as caught:
        client.screenings.export("1", tmp_path / "out.ndjson")
    assert caught.value.code == "interrupted"
    assert [path.name for path in tmp_path.iterdir()] == ["out.ndjson"]
    assert (tmp_path / "out.ndjson").read_text() == "old"


def test_an_export_of_no_known_form_is_not_asked_for(server: Scripted, client: Winnow, tmp_path: Path) -> None:
    with pytest.raises(WinnowError, match=r"Name a .csv or .ndjson file"):
        client.screenings.export("1", tmp_path / "out.xlsx")
    assert server.requests == []
