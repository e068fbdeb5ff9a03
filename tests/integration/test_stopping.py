"""A process that is told to end does so soon, though neither Redis nor Postgres is there to say goodbye to."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.deployment import REPOSITORY
from local.ports import free_port
from local.system import WORKERS


@pytest.mark.parametrize("name", WORKERS)
def test_a_process_ends_without_the_servers(name: str, tmp_path: Path) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": f"postgresql://app:none@{nowhere}/winnow",
        "DATABASE_SYSTEM_URL": f"postgresql://system:none@{nowhere}/winnow",
        "REDIS_URL": f"redis://{nowhere}/0",
        "WINNOW_SECRET_KEY": "A" * 43 + "=",
        "WINNOW_RUN_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", f"workers.{name}"]
    with subprocess.Popen(command, env=environment, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        noticed = "database away" if name == "relay" else "redis unavailable"
        assert any(noticed in line for line in process.stderr), "it did not notice"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
