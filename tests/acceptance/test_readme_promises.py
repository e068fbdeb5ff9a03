"""What the README promises of the `winnow` command, kept against the running system (`winnow up`: test_up.py)."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from api.notice import NOTICE
from client.connection import FILE
from db.keys import create_key
from local.deployment import REPOSITORY
from local.receiver import Receiver
from local.system import System

SAMPLES = REPOSITORY / "samples"
JOB = SAMPLES / "jobs" / "python-developer.txt"
WINNOW = Path(sys.executable).with_name("winnow")


class Reader:
    """Someone in a folder of their own, with the `winnow` command and a key."""

    def __init__(self, folder: Path, url: str, api_key: str) -> None:
        self.folder = folder
        (folder / FILE).parent.mkdir()
        (folder / FILE).write_text(json.dumps({"url": url, "api_key": api_key}))

    def winnow(self, *arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "COLUMNS": "200"}
        done = subprocess.run(
            [WINNOW, *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def screen(self, *arguments: object) -> dict[str, Any]:
        return dict(json.loads(self.winnow("screen", *arguments, "--json").stdout))


@pytest.fixture
def reader(awake: System, tmp_path: Path) -> Reader:
    return Reader(tmp_path, awake.url, create_key(tmp_path.name, "test")[1])


@pytest.fixture
def folder(reader: Reader) -> Path:
    """Three resumes in folders, a damaged one, and a photo."""
    resumes = reader.folder / "applicants"
    for name, place in (
        ("priya-raghunathan-python-developer.pdf", "north"),
        ("luca-ferrante-head-chef.docx", "south/kitchen"),
        ("noor-haddad-intensive-care-nurse.txt", ""),
    ):
        target = resumes / place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((SAMPLES / "resumes" / name).read_bytes())
    (resumes / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    (resumes / "photo.jpg").write_bytes(b"\xff\xd8")
    return resumes


def rankings(told: dict[str, Any]) -> list[Sequence[dict[str, Any]]]:
    return list(told["ranking"].values())


def test_a_folder_is_ranked_and_what_cannot_be_read_is_listed(reader: Reader, folder: Path) -> None:
    done = reader.winnow("screen", folder, "--job", JOB, "--out", "results.csv")
    for said in ("rank", "applicant", "probability", "decision", "categories", "flags", NOTICE, "results.csv"):
        assert said in done.stdout
    for said in ("Uploading", "Screening", "broken.pdf", "3 resumes", "1 rejected", "left alone: 1 .jpg"):
        assert said in done.stderr
    with (reader.folder / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    assert {row["state"] for row in rows} == {"scored"}


def test_the_ranking_falls_and_the_threshold_decides(reader: Reader, folder: Path) -> None:
    told = reader.screen(folder, "--job", JOB, "--threshold", 0.0001)
    [ranking] = rankings(told)
    probabilities = [result["probability"] for result in ranking]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(result["matched"] is (result["probability"] >= 0.0001) for result in ranking)
    assert told["notice"] == NOTICE
    assert [row["source"] for row in told["rejected"]] == ["broken.pdf"]


@pytest.mark.parametrize("name", ["resumes.csv", "resumes.ndjson"])
def test_a_table_is_screened(reader: Reader, name: str) -> None:
    told = reader.screen(SAMPLES / name, "--job", JOB, "--top", 2)
    assert [len(ranking) for ranking in rankings(told)] == [2]
    assert told["screening"]["counts"]["processing"] == 0


def test_a_zip_and_a_single_file_are_screened(reader: Reader, folder: Path) -> None:
    with zipfile.ZipFile(reader.folder / "all.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(reader.folder))
    assert len(rankings(reader.screen("all.zip", "--job", JOB))[0]) == 3
    assert len(rankings(reader.screen(next(folder.rglob("*.docx")), "--job", JOB))[0]) == 1


def test_several_jobs_by_file_and_by_table(reader: Reader, folder: Path) -> None:
    other = SAMPLES / "jobs" / "registered-nurse.txt"
    assert len(rankings(reader.screen(folder, "--job", JOB, "--job", other))) == 2
    assert len(rankings(reader.screen(folder, "--jobs", SAMPLES / "jobs.csv"))) == 6


def test_a_table_with_jobs_of_its_own_needs_no_other(reader: Reader) -> None:
    rows = [
        {"career_objective": objective, "skills": skills, "job_position_name": job, "responsibilities.1": wanted}
        for objective, skills in (("Build data pipelines", "['Python', 'SQL']"), ("Keep accounts", "['Excel']"))
        for job, wanted in (("Data Engineer", "Python"), ("Accountant", "Excel"))
    ]
    with (reader.folder / "pairs.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    told = reader.screen("pairs.csv")
    assert [len(ranking) for ranking in rankings(told)] == [2, 2]


def test_a_pool_is_added_to_and_what_is_there_is_not_read_again(reader: Reader, folder: Path) -> None:
    reader.screen(next(folder.rglob("*.txt")), "--job", JOB, "--pool", "spring")
    done = reader.winnow("screen", folder, "--job", JOB, "--pool", "spring")
    assert "1 duplicates" in done.stderr
    assert len(rankings(reader.screen(next(folder.rglob("*.txt")), "--job", JOB, "--pool", "spring"))[0]) == 3


def test_results_are_found_again(reader: Reader, folder: Path) -> None:
    told = reader.screen(folder, "--job", JOB, "--out", "results.ndjson")
    lines = [json.loads(line) for line in (reader.folder / "results.ndjson").read_text().splitlines()]
    assert len(lines) == told["screening"]["total"] == 3
    identity = told["screening"]["id"]
    assert len(json.loads(reader.winnow("results", identity, "--json").stdout)) == 3
    reader.winnow("export", identity, "again.ndjson")
    assert (reader.folder / "again.ndjson").read_text() == (reader.folder / "results.ndjson").read_text()
    assert identity in reader.winnow("screenings", "list").stdout
    assert "spring" not in reader.winnow("pools", "list").stdout


def test_a_result_says_why(reader: Reader, folder: Path) -> None:
    told = reader.screen(folder, "--job", JOB)
    [[best, *_]] = rankings(told)
    named = (told["screening"]["id"], best["job_title"], best["resume_name"])
    shown = reader.winnow("explain", *named)
    for said in ("skills", "title", "education", "experience", "probability", best["resume_name"]):
        assert said in shown.stdout
    assert NOTICE in shown.stderr
    whole = json.loads(reader.winnow("explain", *named, "--json").stdout)
    assert whole["result"]["breakdown"] == best["breakdown"]
    assert whole["passages"]["probability"] == pytest.approx(best["probability"], abs=1e-4)
    assert "no job of this screening" in reader.winnow("explain", named[0], "chef", "ada", code=1).stderr


def test_a_webhook_is_sent_and_its_signature_holds(reader: Reader, folder: Path) -> None:
    with Receiver() as receiver:
        made = reader.winnow("endpoints", "create", receiver.url, "--event", "screening.ended", "--json")
        receiver.secret = json.loads(made.stdout)["secret"]
        told = reader.screen(folder, "--job", JOB)
        event = receiver.wait_for("screening.ended", 120)
    assert event.data["screening_id"] == told["screening"]["id"]
    assert receiver.refused == 0


def test_one_resume_and_one_job_at_once(reader: Reader) -> None:
    resume = SAMPLES / "resumes" / "noor-haddad-intensive-care-nurse.txt"
    answer = json.loads(reader.winnow("evaluate", resume, "--job", JOB, "--json").stdout)
    assert 0 <= answer["probability"] <= 1
    assert answer["notice"] == NOTICE
