"""What the processes of a running system say of themselves: numbers for Prometheus, and logs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from celery import Celery
from prometheus_client.parser import text_string_to_metric_families
from receivers import Receiver

from client.client import Winnow
from client.errors import WinnowError
from db.keys import create_key
from local.deployment import REPOSITORY, Deployment
from local.system import System, running

WORD = "Ottokar Unspeakable"
PROCESSES = ("api", "relay", "worker-screen", "worker-parse", "worker-interactive", "worker-deliver")
RESUMES = 3

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True, slots=True)
class Story:
    """What was told of a system that worked, was asked nonsense, and was stopped."""

    scraped: Mapping[str, str]
    logs: Mapping[str, str]
    key: str


def series(scraped: str) -> Series:
    families = text_string_to_metric_families(scraped)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


@dataclass(frozen=True, slots=True)
class Expected:
    """A sample that has to come to at least this value."""

    process: str
    name: str
    least: float = 1
    labels: tuple[tuple[str, str], ...] = ()


def labelled(process: str, name: str, least: float = 1, **labels: str) -> Expected:
    return Expected(process, name, least, tuple(labels.items()))


EXPECTED = [
    *(
        labelled(process, "winnow_reachable", server=server)
        for process in PROCESSES
        for server in ("postgres", "redis")
    ),
    labelled("api", "winnow_http_request_seconds_count", method="POST", route="/v1/screenings", status="202"),
    labelled("api", "winnow_http_request_seconds_count", method="POST", route="/v1/pools", status="422"),
    labelled("api", "winnow_upload_rows_total", RESUMES - 1, outcome="accepted"),
    labelled("api", "winnow_interactive_seconds_count", call="evaluate", outcome="answered"),
    labelled("api", "winnow_cache_total", outcome="hit"),
    labelled("relay", "winnow_relay_leading"),
    *(labelled("relay", "winnow_queue_messages", 0, queue=name) for name in ("screen", "parse", "deliver", "explain")),
    *(labelled("relay", "winnow_work_due", 0, kind=kind) for kind in ("chunk", "document", "passages", "delivery")),
    labelled("relay", "winnow_work_oldest_due_seconds", 0, kind="chunk"),
    labelled("relay", "winnow_redis_evicted_keys", 0, policy="noeviction"),
    labelled("worker-screen", "winnow_claims_total", outcome="recorded"),
    labelled("worker-screen", "winnow_items_ended_total", RESUMES, state="scored"),
    labelled("worker-screen", "winnow_tokens_total"),
    labelled("worker-screen", "winnow_padded_tokens_total"),
    labelled("worker-screen", "winnow_batches_total"),
    labelled("worker-screen", "winnow_device_busy_seconds_total", 1e-6),
    labelled("worker-screen", "winnow_portion_seconds_count", step="score"),
    labelled("worker-screen", "winnow_passages_total", outcome="explained"),
    labelled("worker-screen", "winnow_pack_loads_total", outcome="loaded"),
    labelled("worker-parse", "winnow_document_seconds_count", kind="resume", outcome="settled"),
    labelled("worker-parse", "winnow_upload_rows_total", outcome="accepted"),
    labelled("worker-interactive", "winnow_call_seconds_count", call="evaluate", outcome="answered"),
    labelled("worker-deliver", "winnow_delivery_attempt_seconds_count", outcome="succeeded"),
]


def lacking(scraped: Mapping[str, str]) -> list[Expected]:
    told = {process: series(text) for process, text in scraped.items()}
    return [one for one in EXPECTED if told[one.process].get((one.name, frozenset(one.labels)), -1) < one.least]


def until(condition: Callable[[], object], seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def scrape(system: System) -> dict[str, str]:
    return {name: httpx.get(f"http://{at}/metrics", timeout=30).text for name, at in system.metrics.items()}


def served(system: System) -> bool:
    try:
        scrape(system)
    except httpx.TransportError:
        return False
    return True


def told_all(system: System, seconds: float = 200) -> dict[str, str]:
    """What is served once all that is expected stands in it."""
    deadline = time.monotonic() + seconds
    while True:
        scraped = scrape(system)
        if not (missing := lacking(scraped)):
            return scraped
        assert time.monotonic() < deadline, missing
        time.sleep(0.5)


def work(client: Winnow, hook: str, folder: Path) -> None:
    """Everything that a process counts happens at least once."""
    client.endpoints.create(hook, ["screening.ended"])
    pool = client.pools.create("pool")
    rows = [{"external_id": str(n), "text": f"{WORD}, developer, {n} years of Python."} for n in range(1, RESUMES)]
    client.pools.upload(pool.id, rows)
    document = folder / "applicant.txt"
    document.write_text(f"{WORD}\nDeveloper of programs in Java and SQL for many years.\n")
    client.uploads.wait(client.pools.upload(pool.id, document).id, timeout=200)
    client.jobs.upload([{"external_id": "job", "title": "Developer", "description": f"Python and SQL. {WORD}"}])
    made = client.screenings.create(pool.id, job_external_ids=["job"], explain_top=1)
    client.screenings.wait(made.id, timeout=200)
    for _ in range(2):
        until(lambda: evaluated(client))


def evaluated(client: Winnow) -> bool:
    """False while the worker that answers still begins."""
    try:
        client.ats.evaluate("Python developer wanted for our team.", f"{WORD} writes Python and SQL.")
    except WinnowError as error:
        if error.status != 503:
            raise
        return False
    return True


def nonsense(system: System, key: str) -> None:
    """A request that fails; a task whose argument is none; a task that nobody knows."""
    headers = {"Authorization": f"Bearer {key}"}
    httpx.post(f"{system.url}/v1/pools?note={WORD}", json={"name": {"not": WORD}}, headers=headers)
    stranger = Celery(broker=system.deployment.servers.redis_url)
    stranger.send_task("parse.document", args=(WORD, WORD), queue="parse")
    stranger.send_task("parse.unknown", args=(WORD,), queue="parse")
    stranger.close()
    until(lambda: {"task failed", "Received unregistered"} <= told_by(system, "worker-parse"))


def told_by(system: System, name: str) -> set[str]:
    written = (system.logs / f"{name}.log").read_text()
    return {begun for begun in ("task failed", "Received unregistered") if begun in written}


@pytest.fixture(scope="module")
def story(
    database: Deployment, tiny_packs: tuple[tuple[str, str], ...], tmp_path_factory: pytest.TempPathFactory
) -> Story:
    folder = tmp_path_factory.mktemp("told")
    deployment = replace(database, settings=(*tiny_packs, ("WINNOW_WEBHOOK_ALLOW", "127.0.0.0/8")))
    deployment.administer("register-packs")
    _, key = create_key("tenant of the story", "test")
    with Receiver() as receiver, running(deployment, folder / "logs") as system:
        until(lambda: served(system))
        with Winnow(system.url, key) as client:
            work(client, receiver.url, folder)
        nonsense(system, key)
        scraped = told_all(system)
    logs = {name: (folder / "logs" / f"{name}.log").read_text() for name in PROCESSES}
    return Story(scraped, logs, key)


def test_every_process_tells_what_it_did(story: Story) -> None:
    assert lacking(story.scraped) == []
    told = series(story.scraped["worker-screen"])
    nothing: frozenset[tuple[str, str]] = frozenset()
    assert told["winnow_tokens_total", nothing] <= told["winnow_padded_tokens_total", nothing]


def test_what_a_process_serves_is_what_is_documented_of_it(story: Story) -> None:
    asked = [sys.executable, str(REPOSITORY / "docs" / "metrics.py"), "--json"]
    documented = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    for name, scraped in story.scraped.items():
        told = set(re.findall(r"^# TYPE (winnow_\w+) (?!gauge$)\w+$", scraped, re.MULTILINE))
        told |= set(re.findall(r"^# TYPE (winnow_\w+) gauge$", scraped, re.MULTILINE))
        assert {one for one in told if not one.endswith("_created")} == set(documented[name.removeprefix("worker-")])


def test_no_series_tells_of_one_tenant_or_one_row(story: Story) -> None:
    for scraped in story.scraped.values():
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", scraped)
        assert WORD not in scraped
        assert len(series(scraped)) < 1500


def test_every_line_of_every_process_is_json(story: Story) -> None:
    """Of ours, of Celery's, of uvicorn's; from the first to the last."""
    for name, written in story.logs.items():
        lines = [json.loads(line) for line in written.splitlines()]
        assert lines
        for line in lines:
            assert {"time", "level", "process", "logger", "message"} <= set(line)
            assert line["process"] == name.removeprefix("worker-")
    loggers = {json.loads(line)["logger"].partition(".")[0] for line in "".join(story.logs.values()).splitlines()}
    assert {"api", "workers", "celery", "uvicorn"} <= loggers


def test_no_line_holds_a_text_or_a_key(story: Story) -> None:
    for written in story.logs.values():
        assert WORD not in written
        assert WORD.split()[0] not in written
        assert story.key not in written
        assert "redis://:" not in re.sub(r"redis://:\*+@", "", written)
