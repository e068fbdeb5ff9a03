"""Signs of life: fresh, stale, and of processes that are no more."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.heartbeat import STALE_SECONDS, Heartbeat, is_alive
from workers.settings import worker_settings


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WINNOW_RUN_DIR", str(tmp_path / "run"))
    worker_settings.cache_clear()
    yield tmp_path / "run"
    worker_settings.cache_clear()


def _write(directory: Path, pid: int, beaten: float) -> None:
    directory.mkdir(exist_ok=True)
    (directory / f"screen.{pid}.alive").write_text(f"{pid} {beaten}")


def test_a_process_that_beats_is_alive_until_it_stops() -> None:
    beat = Heartbeat("screen")
    assert not is_alive("screen")
    beat.beat()
    assert is_alive("screen")
    assert not is_alive("parse")
    beat.stop()
    assert not is_alive("screen")


def test_a_loop_that_hangs_is_not_alive(run_directory: Path) -> None:
    _write(run_directory, os.getpid(), time.monotonic() - STALE_SECONDS - 1)
    assert not is_alive("screen")


def test_a_sign_from_before_the_last_boot_is_no_life(run_directory: Path) -> None:
    _write(run_directory, os.getpid(), time.monotonic() + 1000)
    assert not is_alive("screen")


def test_a_dead_process_is_not_alive(run_directory: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    _write(run_directory, dead.pid, time.monotonic())
    assert not is_alive("screen")


def test_the_health_command_says_so() -> None:
    Heartbeat("relay").beat()
    command = [sys.executable, "-m", "workers.health"]
    assert subprocess.run([*command, "relay"], check=False).returncode == 0
    missing = subprocess.run([*command, "parse"], check=False, capture_output=True, text=True)
    assert missing.returncode == 1
    assert "parse" in missing.stderr
