"""`make demo`: everything a user sees, and nothing left behind."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest
from leftovers import no_process_left

from local.demo import RESULTS
from local.deployment import REPOSITORY


@pytest.fixture(scope="module")
def shown() -> str:
    with no_process_left():
        done = subprocess.run(
            [sys.executable, "-m", "local.demo"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_tells_what_happened(shown: str) -> None:
    for said in ("signature verified", "Flagged by moderation", "Not taken in", "A person decides", "nothing is left"):
        assert said in " ".join(shown.split())


def test_the_full_results_lie_where_it_says(shown: str) -> None:
    assert str(RESULTS / "results.csv") in shown
    with (RESULTS / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (RESULTS / "results.ndjson").read_text().splitlines()]
    assert len(rows) == len(lines)
    pairs = {(line["resume_id"], line["job_id"]) for line in lines}
    assert len(pairs) == len(lines)
    assert len(pairs) == len({resume for resume, _ in pairs}) * len({job for _, job in pairs})
    assert all(0 <= line["probability"] <= 1 for line in lines if line["state"] == "scored")
