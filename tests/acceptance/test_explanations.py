"""Explained results of the running system: parts, must-haves and passages, read over HTTP and in exports."""

import csv
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import Caller

from local.system import System

RESUMES = [
    {
        "external_id": "ada",
        "text": "Ada Example\nPython Developer\n\nEXPERIENCE\nPython Developer, Acme Ltd, 2015 to 2019\n"
        "Wrote services in Python and SQL for the bank's payments, with a team of four engineers.\n"
        "Kept the database of the bank, planned its backups and led the move to another town.\n\n"
        "EDUCATION\nBachelor of Science in Physics, 2014",
    },
    {"external_id": "ben", "text": "Ben Example. Bakes bread."},
]
JOB = {
    "external_id": "backend",
    "title": "Python Developer",
    "description": "You build services.",
    "education": "Master of Science",
    "skills": "Python, SQL, Docker",
    "weights": {"skills": 3, "title": 1},
    "must_haves": {"skills": ["Docker"], "years": 3, "degree": "master"},
}


@pytest.fixture
def api(awake: System, tenant: Caller) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=awake.url, headers=tenant.headers, timeout=60) as client:
        yield client


def _until(api: httpx.Client, path: str, done: Any) -> dict[str, Any]:
    deadline = time.monotonic() + 300
    while True:
        answer: dict[str, Any] = api.get(path).raise_for_status().json()
        if done(answer):
            return answer
        assert time.monotonic() < deadline, f"{path} did not get there: {answer}"
        time.sleep(0.2)


@pytest.fixture
def screening(api: httpx.Client) -> str:
    """Two resumes against one job, the best of them to be explained by its passages; ended."""
    pool = api.post("/v1/pools", json={"name": "pool"}).raise_for_status().json()["id"]
    api.post(f"/v1/pools/{pool}/resumes", json=RESUMES).raise_for_status()
    api.post("/v1/jobs", json=[JOB]).raise_for_status()
    request = {"pool_id": pool, "job_external_ids": ["backend"], "options": {"explain_top": 1}}
    made = api.post("/v1/screenings", json=request).raise_for_status().json()
    path = f"/v1/screenings/{made['id']}"
    _until(api, path, lambda answer: answer["state"] == "ended")
    return path


def _by_name(api: httpx.Client, screening: str) -> dict[str, dict[str, Any]]:
    found = api.get(f"{screening}/results").raise_for_status().json()["results"]
    return {result["resume_external_id"]: result for result in found}


def _check_ada(ada: dict[str, Any]) -> None:
    assert (ada["skills_found"], ada["skills_missing"]) == (["Python", "SQL"], ["Docker"])
    parts = ada["breakdown"]
    assert {name: part["state"] for name, part in parts.items()} == {
        "skills": "partly", "title": "met", "education": "partly", "experience": "not_asked",
    }  # fmt: skip
    assert sum(part["weight"] for part in parts.values()) == pytest.approx(1, abs=0.005)
    assert parts["skills"]["weight"] > 2.9 * parts["title"]["weight"] > 0 == parts["experience"]["weight"]
    assert [(one["asked"], one["outcome"]) for one in ada["must_haves"]] == [
        ("Docker", "unknown"), ("3 years", "pass"), ("master", "fail"),
    ]  # fmt: skip
    quotes = [one for part in (*parts.values(), *ada["must_haves"]) for one in part["evidence"]]
    assert quotes
    assert all(RESUMES[0]["text"][one["start"] : one["end"]] == one["quote"] for one in quotes)


def test_every_result_explains_itself(api: httpx.Client, screening: str) -> None:
    results = _by_name(api, screening)
    _check_ada(results["ada"])
    silent = results["ben"]
    assert {part["state"] for part in silent["breakdown"].values()} == {"unknown", "not_asked"}
    assert {one["outcome"] for one in silent["must_haves"]} == {"unknown"}
    assert len(silent["input_hash"]) == len(silent["resume_hash"]) == 64
    assert api.get(screening).json()["packs"]["skills"] == "1"


def test_exports_hold_the_same(api: httpx.Client, screening: str) -> None:
    results = _by_name(api, screening)
    lines = [json.loads(line) for line in api.get(f"{screening}/export").text.splitlines()]
    assert {line["resume_external_id"]: line["breakdown"] for line in lines} == {
        name: result["breakdown"] for name, result in results.items()
    }
    rows = {row["resume_external_id"]: row for row in csv.DictReader(
        api.get(f"{screening}/export", params={"format": "csv"}).text.splitlines()
    )}  # fmt: skip
    assert json.loads(rows["ada"]["must_haves"]) == results["ada"]["must_haves"]
    assert json.loads(rows["ada"]["skills_missing"]) == ["Docker"]


def test_passages_of_the_best_come_by_themselves_and_of_others_on_request(
    api: httpx.Client, screening: str, other_tenant: Caller
) -> None:
    page = _until(api, f"{screening}/results", lambda page: any(result["passages"] for result in page["results"]))
    assert [result["passages"] is not None for result in page["results"]] == [True, False]
    for result in page["results"]:
        path = f"{screening}/results/{result['job_id']}/{result['resume_id']}/passages"
        found = api.get(path).raise_for_status().json()
        assert found["probability"] == pytest.approx(result["probability"], abs=1e-4)
        assert found["passes"] == (found["passages"] + 1 if found["passages"] > 1 else 1)
        assert api.get(path).json() == found
        assert api.get(path, headers=other_tenant.headers).status_code == 404
    ada = _by_name(api, screening)["ada"]["passages"]
    named = [*ada["raised"], *ada["lowered"]]
    assert named
    assert all(RESUMES[0]["text"][one["start"] : one["end"]] == one["quote"] for one in named)
