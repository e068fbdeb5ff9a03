"""`winnow up` in one terminal and `winnow screen` in another, as the README says; ended by Ctrl-C and by SIGKILL."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from leftovers import no_process_left

from local.account import Account, temporary_home
from local.deployment import REPOSITORY

SAMPLES = REPOSITORY / "samples"
WINNOW = [sys.executable, "-c", "from client.cli import main; main()"]


@pytest.fixture(scope="module")
def directory(tiny_packs: tuple[tuple[str, str], ...]) -> Iterator[Path]:
    """Where `up` keeps its data, over all tests here."""
    directory = temporary_home(Account.for_servers())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in tiny_packs:
            patch.setenv(name, value)
        patch.setenv("WINNOW_MAX_UPLOAD_MB", "1")  # so that no doctor finds this machine's disk too full
        yield directory / ".winnow"
    shutil.rmtree(directory)


@contextmanager
def up(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A running `winnow up`; ended by Ctrl-C when the block did not end it."""
    command = [*WINNOW, "up", "--directory", str(directory), "--port", "0"]
    log = directory.with_name("up.log")
    (directory / "connection.json").unlink(missing_ok=True)  # a killed one could not take it away
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output, text=True) as process:
        try:
            wait_for(directory / "connection.json", process, log)
            yield process
            process.send_signal(signal.SIGINT)
            process.wait(120)
        finally:
            process.kill()  # where it did not end in order; the kernel then ends its children


def wait_for(file: Path, process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + 240
    while not file.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def winnow(directory: Path, *arguments: str) -> str:
    """What the `winnow` command prints when called beside the folder that `up` wrote."""
    done = subprocess.run(
        [*WINNOW, *arguments], cwd=directory.parent, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until_well(directory: Path) -> None:
    """Until `winnow doctor` finds nothing wrong: a worker may still be loading its models when the API is ready."""
    deadline = time.monotonic() + 240
    while True:
        command = [*WINNOW, "doctor"]
        done = subprocess.run(command, cwd=directory.parent, capture_output=True, text=True, check=False, timeout=200)
        if done.returncode == 0:
            return
        assert time.monotonic() < deadline, done.stdout + done.stderr


def test_files_are_screened_and_ctrl_c_ends_all(directory: Path) -> None:
    job, out = SAMPLES / "jobs" / "python-developer.txt", directory.parent / "results.csv"
    with no_process_left(), up(directory):
        files = ["screen", str(SAMPLES / "resumes"), "--job", str(job), "--out", str(out)]
        shown = winnow(directory, *files, "--pool", "mine")
        targets = json.loads((directory / "metrics.json").read_text())  # as file_sd_configs of Prometheus read it
        metrics = {one["labels"]["process"]: httpx.get(f"http://{one['targets'][0]}/metrics").text for one in targets}
        wait_until_well(directory)
    assert "A person decides" in " ".join(shown.split())
    with out.open(newline="") as file:
        results = list(csv.DictReader(file))
    assert len({result["resume_id"] for result in results}) == len(results) > 20
    assert not (directory / "connection.json").exists()
    assert not (directory / "operator.json").exists()
    assert not (directory / "metrics.json").exists()
    assert len(metrics) == 6
    assert all("process_start_time_seconds" in text for text in metrics.values())


def test_the_data_are_there_again_for_one_system_at_a_time_and_nothing_outlives_its_kill(directory: Path) -> None:
    with no_process_left(seconds=30), up(directory) as process:
        [pool] = json.loads(winnow(directory, "pools", "list", "--json"))
        assert (pool["name"], pool["resumes"] > 20) == ("mine", True)
        packs = json.loads(winnow(directory, "packs", "list", "--json"))
        assert {"match", "categories", "spam", "toxicity"} <= {pack["name"] for pack in packs if pack["current"]}
        second = subprocess.run(
            [*WINNOW, "up", "--directory", str(directory)], capture_output=True, text=True, check=False, timeout=60
        )
        assert second.returncode == 1
        assert "already runs" in second.stdout
        process.kill()
        process.wait(30)
