"""The running system: every process of Winnow over one database, from ready to stopped."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from local.deployment import REPOSITORY, Deployment
from local.ports import free_port, free_ports
from local.supervisor import Program, Supervisor

WORKERS = ("relay", "screen", "parse", "interactive", "deliver")
_READY_SECONDS = 120.0


class NotReady(RuntimeError):
    """The system did not come up; the message names the program and its log."""


@dataclass(frozen=True, slots=True)
class System:
    """A system that answers at `url`; `supervisor` knows its processes, `logs` holds what they write.

    `metrics` is where each process, by name, tells its numbers to Prometheus: host and port.
    """

    url: str
    deployment: Deployment
    supervisor: Supervisor
    logs: Path
    metrics: Mapping[str, str]


def programs() -> list[Program]:
    """What runs, beside the servers. A screening worker gets longest to hand back what it holds."""
    workers = [
        Program(f"worker-{name}" if name != "relay" else name, [sys.executable, "-m", f"workers.{name}"], grace=20)
        for name in WORKERS
    ]
    return [Program("api", [sys.executable, "-m", "api"]), *workers]


@contextmanager
def running(deployment: Deployment, logs: Path, *, port: int = 0, beside: Sequence[Program] = ()) -> Iterator[System]:
    """Start all processes, and those `beside` them, over a migrated database; stop them when left.

    Yields when the API is ready. `port` is the API's if it is free, else another is taken. Raises NotReady.
    """
    port = free_port(port)
    own = (
        ("WINNOW_API_HOST", "127.0.0.1"),
        ("WINNOW_API_PORT", str(port)),
        ("WINNOW_RUN_DIR", str(logs.with_name("run"))),
    )
    deployment = replace(deployment, settings=(*deployment.settings, *own))
    all_programs = [*programs(), *beside]
    ports = {program.name: str(free) for program, free in zip(all_programs, free_ports(len(all_programs)), strict=True)}
    measured = [_measured(program, ports[program.name]) for program in all_programs]
    with Supervisor(measured, deployment.environment(), REPOSITORY, logs) as supervisor:
        metrics = {name: f"127.0.0.1:{own}" for name, own in ports.items()}
        system = System(f"http://127.0.0.1:{port}", deployment, supervisor, logs, metrics)
        _wait_until_ready(system)
        yield system


def _measured(program: Program, port: str) -> Program:
    return replace(program, environment={**program.environment, "WINNOW_METRICS_PORT": port})


def _wait_until_ready(system: System) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _is_ready(system.url):  # raises NotReady for what waiting does not mend
        if failing := system.supervisor.failing():
            raise NotReady(f"{failing[0]} keeps ending; the end of its log says:\n{_tail(system.logs, failing[0])}")
        if time.monotonic() > deadline:
            raise NotReady(f"the API is not ready after {_READY_SECONDS:.0f} s; see {system.logs / 'api.log'}")
        time.sleep(0.1)


def _is_ready(url: str) -> bool:
    try:
        answer = httpx.get(f"{url}/readyz", timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    if answer.is_success:
        return True
    problem = answer.json()
    if problem["code"] == "not_ready":
        raise NotReady(problem["detail"])
    return False


def _tail(logs: Path, name: str, lines: int = 20) -> str:
    return "\n".join((logs / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])
