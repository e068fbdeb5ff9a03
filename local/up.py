"""`python -m local.up` (`winnow up`): the whole system on this machine until Ctrl-C; its data stay."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from local.credentials import Credentials, write_private
from local.deployment import REPOSITORY, Deployment, DeploymentError
from local.postgres import ServerError
from local.servers import Servers
from local.system import NotReady, System, running

DIRECTORY = REPOSITORY / ".winnow"
PORT = 8000
FOR_OPERATORS = (
    "DATABASE_OWNER_URL",
    "DATABASE_SYSTEM_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "WINNOW_SECRET_KEY",
    "WINNOW_PACKS",
)
LOCAL_SETTINGS = (
    ("WINNOW_WEBHOOK_ALLOW", "127.0.0.0/8"),  # receivers on this machine may be called
    ("WINNOW_LOG_FORMAT", os.environ.get("WINNOW_LOG_FORMAT", "text")),  # people read these logs
)

console = Console()


def deploy(servers: Servers) -> Deployment:
    """A database brought up to date with this code: roles, tables, packs. Its secrets lie beside its data."""
    credentials = Credentials.kept_in(servers.home / "credentials.json")
    deployment = Deployment(servers, credentials, "winnow", LOCAL_SETTINGS)
    deployment.create_roles()
    deployment.administer("migrate")
    deployment.administer("register-packs", "--promote")
    return deployment


def first_key(deployment: Deployment) -> str:
    """The API key of this machine's own tenant, made once."""
    kept = deployment.servers.home / "api-key"
    if not kept.exists():
        write_private(kept, deployment.administer("create-key", "--tenant", "local").strip())
    return kept.read_text()


@contextmanager
def connectable(directory: Path, system: System, api_key: str) -> Iterator[None]:
    """Tell clients and Prometheus where the system is, and operators' commands what it runs on, while it runs."""
    environment = system.deployment.environment()
    told = {
        "operator.json": {name: environment[name] for name in FOR_OPERATORS}
        | {"data": str(system.deployment.servers.home)},
        "metrics.json": [{"targets": [at], "labels": {"process": name}} for name, at in system.metrics.items()],
        "connection.json": {"url": system.url, "api_key": api_key},
    }
    for name, content in told.items():
        write_private(directory / name, json.dumps(content))
    try:
        yield
    finally:
        for name in told:
            (directory / name).unlink(missing_ok=True)


@contextmanager
def up(directory: Path, port: int) -> Iterator[System]:
    """Start everything on the data in `directory`; stop everything when left."""
    console.print("Starting Postgres and Redis ...")
    with Servers.start(directory) as servers:
        console.print("Bringing the database up to date ...")
        deployment = deploy(servers)
        key = first_key(deployment)
        console.print("Starting the API and the workers ...")
        with running(deployment, directory / "logs", port=port) as system:
            with connectable(directory, system, key):
                yield system
            console.print("Stopping ...")


def end_on_signals() -> None:
    """Let SIGTERM and a closed terminal end this process as Ctrl-C does: in order, leaving nothing behind."""

    def end(signum: int, _: FrameType | None) -> None:
        sys.exit(128 + signum)

    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, end)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored


def main() -> int:
    """Run until told to stop; 0 after Ctrl-C, 1 when something could not be started."""
    parser = argparse.ArgumentParser(prog="winnow up", description="Run all of Winnow on this machine until Ctrl-C.")
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where data and logs lie (%(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="the API's; another if taken (%(default)s)")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    end_on_signals()
    try:
        with up(arguments.directory, arguments.port) as system:
            _say_how_to_use(system, arguments.directory)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except (ServerError, DeploymentError, NotReady) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    console.print("Stopped. The data stay for the next time.")
    return 0


def _say_how_to_use(system: System, directory: Path) -> None:
    console.print(f"\n[bold]Winnow is up at {system.url}[/bold]  (every call is described at {system.url}/docs)")
    console.print("In another terminal, in this folder:\n")
    console.print("    .venv/bin/winnow screen PATH_TO_RESUMES --job JOB.txt\n", highlight=False)
    console.print(
        f"The API key lies in {directory / 'connection.json'}, logs in {directory / 'logs'}. Ctrl-C stops all."
    )


if __name__ == "__main__":
    sys.exit(main())
