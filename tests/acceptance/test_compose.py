"""docker-compose.yml without Docker: every service's own command, in its own environment, passes its own health check.

Only what a container provides is substituted: host names, the place of the sources, the programs on the path, and a CPU
where the service asks for a GPU.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
import yaml

from local import child
from local.deployment import REPOSITORY, Deployment
from local.ports import free_port
from local.postgres import postgres_programs
from local.redis_server import redis_program

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROCESSES = sorted(set(SERVICES) - {"postgres", "redis", "migrate"})
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
HEALTHY_SECONDS = 120.0


class Unset(Exception):
    """A variable that compose would refuse to start without."""


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """As compose does it: `${A}`, `${A:-default}` and `${A:?message}`."""

    def value(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        if values.get(name):
            return values[name]
        if operator == "?":
            raise Unset(name)
        return rest or ""

    return VARIABLE.sub(value, text)


class Host:
    """Stands in for the Docker host: knows the .env file, and where the containers' names and files are here."""

    def __init__(self, template: Deployment, spool: Path) -> None:
        credentials, servers = template.credentials, template.servers
        self.values = {
            "POSTGRES_PASSWORD": servers.postgres.password,
            "WINNOW_OWNER_PASSWORD": credentials.owner,
            "WINNOW_APP_PASSWORD": credentials.app,
            "WINNOW_SYSTEM_PASSWORD": credentials.system,
            "REDIS_PASSWORD": servers.redis.password,
            "WINNOW_SECRET_KEY": credentials.secret_key,
        }
        self.here = {
            "@postgres:5432": f"@127.0.0.1:{servers.postgres.port}",
            "@redis:6379": f"@127.0.0.1:{servers.redis.port}",
            "/app/": f"{REPOSITORY}/",
            "0.0.0.0": "127.0.0.1",
        }
        folders = [Path(sys.executable).parent, postgres_programs(None), redis_program(None).parent]
        self.outside = {
            "PATH": ":".join([*map(str, folders), os.environ["PATH"]]),
            "TMPDIR": str(spool),
            "HF_HUB_OFFLINE": "1",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(servers.postgres.port),
        }
        self.spool = spool

    def environment(self, service: str) -> dict[str, str]:
        written = {name: self.local(value) for name, value in SERVICES[service].get("environment", {}).items()}
        for port in {"WINNOW_API_PORT", "WINNOW_METRICS_PORT"} & set(written):
            written[port] = str(free_port())
        if written.get("WINNOW_DEVICE") == "cuda:0":
            written["WINNOW_DEVICE"] = "cpu"
        return self.outside | written

    def local(self, text: str) -> str:
        text = interpolated(text, self.values)
        for theirs, ours in self.here.items():
            text = text.replace(theirs, ours)
        return text

    def start(self, service: str, environment: dict[str, str], *more: str) -> subprocess.Popen[bytes]:
        argv = [self.local(word) for word in SERVICES[service]["command"]]
        return child.Command([*argv, *more], self.log(service), environment, REPOSITORY).start()

    def log(self, service: str) -> Path:
        return self.spool / f"{service}.log"


def health_command(service: str) -> list[str]:
    kind, *rest = SERVICES[service]["healthcheck"]["test"]
    return rest if kind == "CMD" else ["sh", "-c", *rest]


def becomes_healthy(argv: list[str], environment: dict[str, str], process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if subprocess.run(argv, env=environment, cwd=REPOSITORY, capture_output=True, check=False).returncode == 0:
            return process.poll() is None
        time.sleep(0.2)
    return False


@pytest.fixture(scope="module")
def host(template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host whose `migrate` service has run to its end."""
    host = Host(template, tmp_path_factory.mktemp("spool"))
    migrate = host.start("migrate", host.environment("migrate"))
    assert migrate.wait(120) == 0, host.log("migrate").read_text()
    yield host
    superuser = psycopg2.connect(template.servers.superuser_url.replace("+psycopg2", ""))
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute("DROP DATABASE winnow WITH (FORCE)")
    superuser.close()
    with redis.Redis.from_url(template.servers.redis_url) as client:
        client.flushall()


@pytest.mark.parametrize("service", PROCESSES)
def test_a_service_starts_becomes_healthy_and_ends_within_its_grace(host: Host, service: str) -> None:
    environment = host.environment(service)
    process = host.start(service, environment)
    try:
        healthy = becomes_healthy(health_command(service), environment, process)
        assert healthy, host.log(service).read_text()
        process.send_signal(signal.SIGTERM)
        ended = process.wait(float(SERVICES[service]["stop_grace_period"].rstrip("s")))
        assert ended in (0, -signal.SIGTERM)  # uvicorn, all requests answered, ends by the signal that it was sent
    finally:
        child.stop(process, (), grace=0)


def test_redis_starts_with_its_command_and_passes_its_health_check(host: Host) -> None:
    environment, port = host.environment("redis"), str(free_port())
    process = host.start("redis", environment, "--port", port, "--bind", "127.0.0.1")
    try:
        check = [word.replace("redis-cli", f"redis-cli -p {port}") for word in health_command("redis")]
        assert becomes_healthy(check, environment, process)
    finally:
        child.stop(process, (signal.SIGTERM,), grace=10)


def test_the_health_check_of_postgres_passes(host: Host) -> None:
    subprocess.run(health_command("postgres"), env=host.environment("postgres"), capture_output=True, check=True)


def test_nothing_starts_without_its_secrets() -> None:
    """Every address and password comes from the environment, and none has a default."""
    for name, service in SERVICES.items():
        texts = [*service.get("environment", {}).values(), *service.get("command", [])]
        secret = [text for text in texts if "PASSWORD" in text or "SECRET" in text or "://" in text]
        for text in secret:
            with pytest.raises(Unset):
                interpolated(text, {})
        assert secret, f"{name} was expected to be given a secret"


def test_env_example_names_every_variable_that_compose_needs() -> None:
    example = (REPOSITORY / ".env.example").read_text()
    needed = {name for name, operator, _ in VARIABLE.findall(str(COMPOSE)) if operator == "?"}
    assert needed <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_long_running_services_restart_are_checked_and_hold_no_privileges() -> None:
    for name in PROCESSES:
        service = SERVICES[name]
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert re.search(r"^USER winnow$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)


def test_screening_is_pinned_to_one_gpu_or_runs_on_the_cpu_by_profile() -> None:
    gpu, cpu = SERVICES["worker-screen"], SERVICES["worker-screen-cpu"]
    devices = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]
    assert (gpu["profiles"], cpu["profiles"]) == (["gpu"], ["cpu"])
    assert gpu["command"] == cpu["command"]
    assert "deploy" not in cpu


@pytest.mark.parametrize("service", [name for name in PROCESSES if name != "api"])
def test_workers_can_be_scaled_by_a_flag(service: str) -> None:
    """`--scale worker-screen=4` is refused where a service names its container, and fails over one port of the host."""
    assert SERVICES[service].keys().isdisjoint({"container_name", "ports", "hostname"})


def test_only_scoring_images_hold_torch() -> None:
    extras = {name: service["build"]["args"]["EXTRAS"] for name, service in SERVICES.items() if "build" in service}
    assert {name for name, extra in extras.items() if extra == "worker"} == {
        "worker-screen",
        "worker-screen-cpu",
        "worker-interactive",
    }


def test_the_image_copies_only_what_is_there_and_sent_to_the_builder() -> None:
    sent = set(re.findall(r"^!(\S+)", (REPOSITORY / ".dockerignore").read_text(), re.MULTILINE))
    lines = re.findall(r"^COPY (?!--)(.+)", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
    copied = {name for line in lines for name in line.split()[:-1]}
    assert copied == sent
    assert all((REPOSITORY / name).exists() for name in copied)
