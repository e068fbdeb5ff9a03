"""The supervisor: restarts what ends, stops what runs, leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.supervisor import Program, Supervisor

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
DEAF = [sys.executable, "-c", f"import signal; signal.signal(15, signal.SIG_IGN); {SLEEPER[2]}"]
OWNER = """
import sys, time
from pathlib import Path
from local.supervisor import Program, Supervisor
with Supervisor([Program("one", sys.argv[2:])], {"PATH": "/usr/bin"}, Path(sys.argv[1]), Path(sys.argv[1])) as s:
    print(s.pid("one"), flush=True)
    time.sleep(600)
"""


def supervisor(folder: Path, *programs: Program) -> Supervisor:
    return Supervisor(programs, {"PATH": os.environ["PATH"]}, folder, folder / "logs")


def becomes(condition: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    with supervisor(tmp_path, Program("sleeper", SLEEPER)) as running:
        first = running.pid("sleeper")
        os.kill(first, signal.SIGKILL)
        assert becomes(lambda: running.pid("sleeper") != first)
        assert alive(running.pid("sleeper"))
    assert not alive(running.pid("sleeper"))


def test_restarts_wait_longer_each_time_and_a_failing_program_is_named(tmp_path: Path) -> None:
    with supervisor(tmp_path, Program("broken", [sys.executable, "-c", "print('no'); raise SystemExit(3)"])) as running:
        assert becomes(lambda: running.failing() == ["broken"])
    assert (tmp_path / "logs" / "broken.log").read_text().count("no") >= 3


def test_a_process_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    with supervisor(tmp_path, Program("deaf", DEAF, grace=0.5)) as running:
        pid = running.pid("deaf")
        assert becomes(lambda: "up" in (tmp_path / "logs" / "deaf.log").read_text())
    assert not alive(pid)


def test_a_missing_program_is_an_error_at_once_and_stops_the_others(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError),
        supervisor(tmp_path, Program("a", SLEEPER), Program("b", ["/no/such/program"])),
    ):
        pass


def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path), *SLEEPER], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    assert becomes(lambda: not alive(pid))
