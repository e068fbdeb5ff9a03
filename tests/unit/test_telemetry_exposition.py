"""Numbers are served where the settings say, whatever else has the port; a server that hangs counts as away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY

from telemetry import reachability

SERVE = "from telemetry import exposition; exposition.serve(); input()"


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return b"process_start_time_seconds" in answer.read()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def test_a_port_that_is_taken_ends_nothing_and_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = {**os.environ, "WINNOW_METRICS_PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr
        assert "metrics not served" in process.stderr.readline()
    try:
        until(lambda: answers(port))
    finally:
        process.communicate("\n")
    assert process.returncode == 0


@pytest.mark.parametrize("port", ["", "0"])
def test_without_a_port_nothing_listens(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    from telemetry import exposition

    monkeypatch.setenv("WINNOW_METRICS_PORT", port)
    before = threading.active_count()
    exposition.serve()
    assert threading.active_count() == before


def test_a_server_is_reachable_while_it_answers_and_neither_when_it_refuses_nor_when_it_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reachability, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(reachability, "FRESH_SECONDS", 1.0)
    well, answering = threading.Event(), threading.Event()

    def ping() -> None:
        answering.wait()
        if not well.is_set():
            raise ConnectionError

    def reachable() -> float | None:
        return REGISTRY.get_sample_value("winnow_reachable", {"server": "test"})

    answering.set()
    reachability.watch("test", ping)
    assert reachable() == 0
    well.set()
    until(lambda: reachable() == 1)
    well.clear()
    until(lambda: reachable() == 0)
    well.set()
    until(lambda: reachable() == 1)
    answering.clear()
    until(lambda: reachable() == 0)
