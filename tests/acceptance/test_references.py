"""The paths under /ats against the running system: the guide, one pair, and recommendations of every source."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest
from adzuna_server import APP_ID, APP_KEY, AdzunaServer, adzuna_server
from conftest import Caller

from api.texts import COLUMNS, TEXTS
from local.deployment import REPOSITORY
from local.system import System

RESUME = """Ada Quillfeather
ada.quillfeather@mail.example, +44 20 7946 0958

Experience
Java Developer, Example Ltd, 2019 - 2024
Java and SQL for a team of engineers. Years of database work in Docker.
"""
PRIVATE = ("Quillfeather", "quillfeather", "7946 0958", "Example Ltd", "team of engineers")
JOB = "Java developer for our team: Java, Python and SQL."
POSTINGS = """external_id,title,company,location,url,description
p-1,Java developer,Example Ltd,Leeds,https://jobs.example/p-1,"java, sql and a team"
p-2,Chef,Example Inn,York,,cooks with a team
"""


@pytest.fixture(scope="module")
def search_engine() -> Iterator[AdzunaServer]:
    with adzuna_server() as server:
        yield server


@pytest.fixture(scope="module")
def more_settings(search_engine: AdzunaServer) -> tuple[tuple[str, str], ...]:
    names = {"ADZUNA_APP_ID": APP_ID, "ADZUNA_APP_KEY": APP_KEY, "ADZUNA_URL": search_engine.url}
    return tuple(names.items())


@pytest.fixture
def api(awake: System, tenant: Caller) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=awake.url, headers=tenant.headers, timeout=60) as client:
        yield client


def ok(answer: httpx.Response) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def recommended(api: httpx.Client, source: str, **more: object) -> Any:
    return ok(api.post("/ats/recommendations", json={"resume": RESUME, "source": source, **more}))


def test_the_sample_can_be_sent_as_it_stands(api: httpx.Client) -> None:
    sample = ok(api.get("/ats/sample"))
    assert sample == {"text": TEXTS, "columns": COLUMNS}
    for form in sample.values():
        answer = ok(api.post("/ats/evaluate", json=form))
        assert answer["prediction"] == ("Match" if answer["probability"] >= answer["threshold"] else "No Match")
        assert {"packs", "notice", "cached"} <= answer.keys()


def test_the_guide_explains_every_field_of_question_and_answer(api: httpx.Client) -> None:
    guide = ok(api.get("/ats/explain"))
    document = ok(api.get("/openapi.json"))["components"]["schemas"]
    assert {field["name"] for field in guide["fields"]} == document["Pair"]["properties"].keys()
    assert {field["name"] for field in guide["fields"] if field["required"]} == set(document["Pair"]["required"])
    assert guide["answer"].keys() == document["Evaluation"]["properties"].keys()
    assert guide["limits"]


def test_the_clients_script_calls_all_three(awake: System, tenant: Caller) -> None:
    told = {"WINNOW_URL": awake.url, "WINNOW_API_KEY": tenant.key, "PYTHONPATH": str(REPOSITORY)}
    script = [sys.executable, str(REPOSITORY / "samples" / "ats_client.py")]
    done = subprocess.run(script, env=os.environ | told, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "GET /ats/sample" in done.stdout
    assert "GET /ats/explain" in done.stdout
    answers = [line for line in done.stdout.splitlines() if line.startswith("POST /ats/evaluate")]
    assert len(answers) >= 3
    assert all("Match (0." in answer for answer in answers)


def test_an_analysis_tells_what_is_shared_and_what_is_missing(api: httpx.Client) -> None:
    pair = {"job_description": JOB, "resume": RESUME}
    analysis = ok(api.post("/ats/analyze", json=pair))
    assert (analysis["skills_found"], analysis["skills_missing"]) == (["Java", "SQL"], ["Python"])
    assert analysis["skills_beyond"] == ["Docker"]
    assert 0 < analysis["compatibility"] < 1
    assert {"java", "java developer", "sql"} <= set(analysis["common_terms"])
    assert analysis["breakdown"]["skills"]["state"] == "partly"
    assert analysis["probability"] == ok(api.post("/ats/evaluate", json=pair))["probability"]
    assert ok(api.post("/ats/analyze", json=pair))["cached"]
    itself = {"job_description": RESUME, "resume": RESUME}
    assert ok(api.post("/ats/analyze", json=itself))["compatibility"] > 0.99


def test_occupations_are_ranked_and_paged(api: httpx.Client) -> None:
    everything = recommended(api, "occupations")
    similarities = [one["similarity"] for one in everything["recommendations"]]
    assert similarities == sorted(similarities, reverse=True)
    assert everything["considered"] == everything["total"] == len(similarities) == 3
    assert everything["attribution"]
    pages = [recommended(api, "occupations", page=page, limit=1)["recommendations"] for page in (1, 2, 3, 4)]
    assert [one for page in pages for one in page] == everything["recommendations"]
    assert pages[3] == []
    java = next(one for one in everything["recommendations"] if one["title"] == "Java developer")
    assert java["shared_skills"] == ["Java", "SQL"]
    assert java["url"].endswith(java["id"])
    assert recommended(api, "occupations")["cached"]


def test_own_jobs_are_a_tenants_own(api: httpx.Client, system: System, other_tenant: Caller) -> None:
    jobs = [
        {"external_id": "a", "title": "Java developer", "description": "java and sql in a team"},
        {"external_id": "b", "title": "Chef", "description": "cooks"},
    ]
    assert recommended(api, "jobs")["recommendations"] == []
    ok(api.post("/v1/jobs", json=jobs))
    first = recommended(api, "jobs")
    assert {one["title"] for one in first["recommendations"]} == {"Java developer", "Chef"}
    assert first == recommended(api, "jobs")  # vectors kept are the vectors computed
    ok(api.post("/v1/jobs", json=[jobs[1] | {"title": "Python engineer", "description": "python years"}]))
    assert "Python engineer" in {one["title"] for one in recommended(api, "jobs")["recommendations"]}
    with httpx.Client(base_url=system.url, headers=other_tenant.headers, timeout=60) as other:
        assert recommended(other, "jobs")["recommendations"] == []
    link = first["recommendations"][0]["url"]
    assert ok(api.get(link))["title"] == first["recommendations"][0]["title"]


def test_postings_are_imported_by_command_and_seen_by_all(
    api: httpx.Client, system: System, other_tenant: Caller, tmp_path: Any
) -> None:
    assert recommended(api, "postings")["total"] == 0
    file = tmp_path / "postings.csv"
    file.write_text(POSTINGS)
    imported = _import(system, str(file), "--source", "board")
    assert "2 postings" in imported
    found = recommended(api, "postings")
    assert {one["id"] for one in found["recommendations"]} == {"board:p-1", "board:p-2"}
    java = next(one for one in found["recommendations"] if one["id"] == "board:p-1")
    assert java["shared_skills"] == ["Java", "SQL"]
    assert (java["company"], java["location"], java["url"]) == ("Example Ltd", "Leeds", "https://jobs.example/p-1")
    with httpx.Client(base_url=system.url, headers=other_tenant.headers, timeout=60) as other:
        assert recommended(other, "postings")["recommendations"] == found["recommendations"]
    file.write_text('{"id": "p-9", "positionName": "Java developer", "description": "java"}\n')
    file = file.rename(file.with_suffix(".ndjson"))
    _import(system, str(file), "--source", "board")
    assert [one["id"] for one in recommended(api, "postings")["recommendations"]] == ["board:p-9"]


def test_live_postings_are_asked_for_by_title_alone(api: httpx.Client, search_engine: AdzunaServer) -> None:
    search_engine.paths.clear()
    found = recommended(api, "adzuna", country="us", page=2, limit=5, where="Leeds")
    assert (found["query"], found["page"], found["total"], found["considered"]) == ("Java Developer", 2, 23, 5)
    assert found["attribution"].startswith("Jobs by Adzuna")
    assert len(found["recommendations"]) == 5
    [asked] = search_engine.queries
    assert asked.pop("app_key") == APP_KEY
    assert asked == {"app_id": APP_ID, "results_per_page": "5", "what": "Java Developer", "where": "Leeds"}
    [path] = search_engine.paths
    assert path.startswith("/v1/api/jobs/us/search/2?")
    assert not [word for word in PRIVATE if word in unquote_plus(path)]


def test_a_query_of_ones_own_replaces_what_the_resume_tells(api: httpx.Client, search_engine: AdzunaServer) -> None:
    search_engine.paths.clear()
    assert recommended(api, "adzuna", query="database")["query"] == "database"
    assert search_engine.queries[0]["what"] == "database"
    assert search_engine.paths[0].startswith("/v1/api/jobs/gb/")


def test_without_title_the_skills_are_asked_for(api: httpx.Client, search_engine: AdzunaServer) -> None:
    search_engine.paths.clear()
    ok(api.post("/ats/recommendations", json={"resume": "docker and sql, jane@mail.example", "source": "adzuna"}))
    assert {name: value for name, value in search_engine.queries[0].items() if name.startswith("what")} == {
        "what_or": "Docker SQL"
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "invalid_request"),
        ({"resume": ""}, "invalid_request"),
        ({"resume": "x" * 200_001}, "invalid_request"),
        ({"resume": RESUME, "source": "newspaper"}, "invalid_request"),
        ({"resume": RESUME, "source": "jobs", "country": "gb"}, "invalid_request"),
        ({"resume": RESUME, "source": "adzuna", "country": "zz"}, "invalid_request"),
        ({"resume": RESUME, "limit": 0}, "invalid_request"),
        ({"resume": RESUME, "language": "fr"}, "unsupported_language"),
        ({"resume": "...", "source": "adzuna"}, "nothing_to_search"),
    ],
)
def test_what_cannot_be_recommended_for_is_refused(api: httpx.Client, wrong: dict[str, object], code: str) -> None:
    answer = api.post("/ats/recommendations", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_key_is_needed(system: System) -> None:
    for method, path in (("GET", "sample"), ("GET", "explain"), ("POST", "analyze"), ("POST", "recommendations")):
        answer = httpx.request(method, f"{system.url}/ats/{path}", json={"resume": "x"} if method == "POST" else None)
        assert answer.status_code == 401


def test_nothing_private_stands_in_the_logs(api: httpx.Client, system: System) -> None:
    recommended(api, "jobs")
    written = "".join(log.read_text(errors="replace") for log in system.logs.glob("*.log"))
    assert not [word for word in (*PRIVATE, APP_KEY) if word in written]


def _import(system: System, *arguments: str) -> str:
    command = [sys.executable, "-m", "workers.postings", *arguments]
    done = subprocess.run(
        command, env=system.deployment.environment(), cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
