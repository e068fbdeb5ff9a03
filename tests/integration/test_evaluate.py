"""One pair answered while the caller waits, by the interactive worker as a process; what is said when it is away."""

import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from conftest import Caller
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from redis import Redis

from api import interactive
from api.app import app
from api.columns import RESUME_FORM
from api.optional_redis import optional_redis
from api.places import Places
from api.texts import COLUMNS
from db.packs import SCORING
from local.deployment import REPOSITORY, Deployment
from local.ports import free_port
from local.supervisor import Supervisor
from local.system import programs
from scoring.formats import Format, computable
from workers import celery_app
from workers.settings import worker_settings

PAIR = {"job_description": "Java developer for our team", "resume": "Ten years of java and sql in a team."}


@pytest.fixture(scope="module")
def deployment(database: Deployment, tiny_packs: tuple[tuple[str, str], ...]) -> Deployment:
    deployment = replace(database, settings=tiny_packs)
    deployment.administer("register-packs")
    return deployment


def _use_redis(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Point the API of this process at a Redis."""
    monkeypatch.setenv("REDIS_URL", url)
    worker_settings.cache_clear()
    interactive._redis.cache_clear()
    optional_redis.forget()
    celery_app.app.close()
    monkeypatch.setattr(celery_app.app.conf, "broker_url", url)


@pytest.fixture
def client(deployment: Deployment, tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    _use_redis(monkeypatch, deployment.servers.redis_url)
    monkeypatch.setattr("api.optional_redis.TIMEOUT_SECONDS", 10.0)  # a busy machine is no Redis that is away
    with TestClient(app, headers=tenant.headers) as running:
        yield running
    interactive._redis().close()
    celery_app.app.close()


@pytest.fixture(scope="module")
def worker(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    folder = tmp_path_factory.mktemp("interactive")
    settings = (*deployment.settings, ("WINNOW_RUN_DIR", str(folder / "run")))
    wanted = [program for program in programs() if program.name == "worker-interactive"]
    environment = replace(deployment, settings=settings).environment()
    with Supervisor(wanted, environment, REPOSITORY, folder / "logs") as supervisor:
        yield supervisor


def test_nobody_answers_in_time(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive, "WAIT_SECONDS", 1)
    answer = client.post("/ats/evaluate", json=PAIR)
    assert (answer.status_code, answer.json()["code"]) == (503, "interactive_unavailable")
    assert answer.headers["Retry-After"]


def test_redis_is_away(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _use_redis(monkeypatch, f"redis://127.0.0.1:{free_port()}/0")
    answer = client.post("/ats/evaluate", json=PAIR)
    assert (answer.status_code, answer.json()["code"]) == (503, "interactive_unavailable")


def test_calls_that_wait_leave_threads_to_others(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive, "_waiting", Places(most=1, most_of_one=1))
    with interactive._waiting.place(uuid4()):
        assert client.post("/ats/evaluate", json=PAIR).status_code == 503


def test_a_pair_is_answered(client: TestClient, worker: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive, "WAIT_SECONDS", 120)  # the worker's start, on a busy machine
    answer = client.post("/ats/evaluate", json=PAIR)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["prediction"] in ("Match", "No Match")
    assert 0 <= body["probability"] <= 1
    assert body["packs"] == dict.fromkeys(SCORING, "1")
    assert "A person decides" in body["notice"]
    assert body["prediction"] == ("Match" if body["probability"] >= body["threshold"] else "No Match")
    assert not body["cached"]
    assert client.post("/ats/evaluate", json=PAIR).json() == body | {"cached": True}


@pytest.mark.skipif(Format.BF16 not in computable("cpu"), reason="this processor does not multiply bf16")
def test_a_call_is_answered_in_the_deployments_format(
    client: TestClient, worker: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactive, "WAIT_SECONDS", 120)
    plain = client.post("/ats/evaluate", json=PAIR).json()
    monkeypatch.setenv("WINNOW_FORMAT", Format.BF16)
    other = client.post("/ats/evaluate", json=PAIR).json()
    assert (plain["format"], other["format"]) == (Format.FP32, Format.BF16)
    assert not other["cached"]
    assert plain["probability"] != other["probability"]


def test_what_is_kept_is_nobody_elses_and_not_readable(
    client: TestClient,
    worker: Supervisor,
    deployment: Deployment,
    other_tenant: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interactive, "WAIT_SECONDS", 120)
    assert not client.post("/ats/evaluate", json=PAIR).json()["cached"]
    assert not client.post("/ats/evaluate", json=PAIR, headers=other_tenant.headers).json()["cached"]
    assert not client.post("/ats/evaluate", json=PAIR | {"resume": PAIR["resume"] + "!"}).json()["cached"]
    with Redis.from_url(deployment.servers.redis_url) as redis:
        kept = {key: redis.get(key) or b"" for key in redis.scan_iter("prediction:*")}
        assert len(kept) >= 3
        assert all(0 < redis.ttl(key) <= 3600 for key in kept)
    written = b"".join((*kept, *kept.values()))
    assert b"java" not in written
    assert b"probability" not in written


def test_a_changed_secret_forgets_what_was_kept(
    client: TestClient, worker: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactive, "WAIT_SECONDS", 120)
    client.post("/ats/evaluate", json=PAIR)
    monkeypatch.setenv("WINNOW_SECRET_KEY", Fernet.generate_key().decode())
    assert not client.post("/ats/evaluate", json=PAIR).json()["cached"]


@pytest.mark.parametrize(
    "pair",
    [
        {"job_description": COLUMNS["job_description"], "resume": PAIR["resume"]},
        {"job_description": PAIR["job_description"], "resume": COLUMNS["resume"]},
        {**COLUMNS, "language": "en-GB"},
    ],
)
def test_columns_are_answered_as_text_is(
    client: TestClient, worker: Supervisor, monkeypatch: pytest.MonkeyPatch, pair: dict[str, object]
) -> None:
    monkeypatch.setattr(interactive, "WAIT_SECONDS", 120)
    answer = client.post("/ats/evaluate", json=pair)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"language": "de"}, "unsupported_language"),
        ({"resume": "Ich habe in der Firma mit dem Team und für die Kunden gearbeitet. " * 5}, "unsupported_language"),
        ({"resume": "Опытный разработчик на языке Python с большим стажем работы"}, "unsupported_language"),
        ({"resume": {"shoe_size": "43"}}, "invalid_request"),
        ({"resume": {"skills": []}}, "no_text"),
        ({"job_description": {}}, "invalid_request"),
        ({"job_description": {"title": 3, "salary": "x"}}, "invalid_request"),
        ({"resume": "x" * 200_001}, "invalid_request"),
        ({"resume": "half a pair \ud800"}, "invalid_request"),
        ({"resume": {"skills": "x" * 50_001}}, "invalid_request"),
        ({"resume": {"responsibilities": "x" * 50_001}}, "invalid_request"),  # a column that no model reads by itself
        ({"resume": dict.fromkeys(RESUME_FORM, "x" * 45000)}, "too_long"),
    ],
)
def test_what_cannot_be_read_is_refused(client: TestClient, change: dict[str, object], code: str) -> None:
    body = json.dumps(PAIR | change)
    answer = client.post("/ats/evaluate", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


def test_an_unreadable_resume_says_so(client: TestClient, worker: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactive, "WAIT_SECONDS", 120)
    answer = client.post("/ats/evaluate", json=PAIR | {"resume": "\u200b"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable")


@pytest.mark.parametrize(
    "wrong", [{}, {"resume": "x"}, PAIR | {"resume": ""}, PAIR | {"more": 1}, PAIR | {"resume": 3}]
)
def test_a_bad_request_says_what_to_do(client: TestClient, wrong: dict[str, object]) -> None:
    answer = client.post("/ats/evaluate", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_key_is_needed(client: TestClient) -> None:
    assert client.post("/ats/evaluate", json=PAIR, headers={"Authorization": ""}).status_code == 401
