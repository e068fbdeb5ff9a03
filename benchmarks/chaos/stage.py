"""The stage of every fault: the real system with three screening workers, one of them with its clock an hour wrong."""

import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.chaos.effects import Effects
from benchmarks.chaos.small_disk import SmallDisk, small_disk
from benchmarks.temporary import Running, temporary_system
from benchmarks.tiny_packs import write_tiny_packs
from client.client import Winnow
from local.postgres import Postgres
from local.redis_server import RedisServer
from local.supervisor import Program

ITEMS = 2_000
JOBS = 4
"""Each resume is screened for so many, as reading it is what costs time."""
SCREENERS = ("worker-screen", "worker-screen-2", "worker-screen-3")
DELIVERERS = ("worker-deliver", "worker-deliver-2")
RELAYS = ("relay", "relay-2")
PROGRAMS = ("api", *RELAYS, *SCREENERS, *DELIVERERS, "worker-parse", "worker-interactive")
WRONG_CLOCKS = ("worker-screen-3", "worker-deliver-2")
EVENTS = (
    "screening.started",
    "screening.progressed",
    "screening.ended",
    "screening.canceled",
    "result.flagged",
    "upload.ended",
)
_WORDS = (
    "java", "python", "sql", "linux", "redis", "team", "project", "budget", "hospital", "nursing", "warehouse", "sales",
    "customer", "account", "contract", "design", "testing", "release", "audit", "finance", "report", "teaching",
)  # fmt: skip


@dataclass(slots=True)
class Stage:
    """A running system, an applicant tracking system's receiver, and a pool and jobs that make a screening of `items`.

    `redis` and `postgres` are the present servers, which a fault may stop and start again. Uploads are spooled on a
    disk of their own, and so are the servers' data.
    """

    items: int
    running: Running
    effects: Effects
    client: Winnow
    armed: Path
    packs: Path
    spool: SmallDisk
    data: SmallDisk
    redis: RedisServer
    postgres: Postgres
    pool: str = ""
    jobs: tuple[str, ...] = ()
    scores: dict[tuple[str, str], float] = field(default_factory=dict)
    """The probability of each resume and job, by their external ids, as it was first scored."""

    def arm(self, point: str, fate: str = "kill") -> Path:
        """Let the next process that reaches `point` suffer; the file is gone once one did."""
        path = self.armed / point
        partial = self.armed / f".{point}"
        partial.write_text(fate)
        return partial.rename(path)

    def pid(self, name: str) -> int:
        """The present process of a program."""
        return self.running.system.supervisor.pid(name)

    def pids(self) -> dict[str, int]:
        """The present process of every program."""
        return {name: self.pid(name) for name in PROGRAMS}

    @contextmanager
    def standing_still(self, *names: str) -> Iterator[None]:
        """While in the block these programs do nothing, so that the others take the work."""
        stopped = [self.pid(name) for name in names]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def stop_servers(self) -> None:
        """Stop those that a fault has started again."""
        self.redis.stop()
        self.postgres.stop()

    def log(self, name: str) -> str:
        """What a program wrote so far."""
        return (self.running.system.logs / f"{name}.log").read_text(errors="replace")


@contextmanager
def staged(items: int = ITEMS, logs: Path | None = None) -> Iterator[Stage]:
    """Everything started, the pool uploaded; all of it is stopped and deleted when left, but for `logs`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="winnow-chaos-")))
        folder.chmod(0o711)
        armed = folder / "armed"
        armed.mkdir()
        write_tiny_packs(folder)
        spool = stack.enter_context(small_disk(folder / "spool", 64))
        data = stack.enter_context(small_disk(folder / "data", 2_048))
        own = folder / "own-packs"  # of one worker, for faults of the packs
        shutil.copytree(folder / "packs", own)
        effects = stack.enter_context(Effects())
        settings = {
            "WINNOW_PACKS": str(folder / "packs"),
            "WINNOW_BASE_MODEL": str(folder / "base"),
            "WINNOW_WEBHOOK_ALLOW": "127.0.0.0/8",
            "WINNOW_RATE_LIMIT": "0",
            "WINNOW_TEST_BUILD": "1",
            "WINNOW_CRASH_POINTS": str(armed),
            "OMP_NUM_THREADS": "1",
            "TMPDIR": str(spool.folder),
        }
        beside = [
            _worker("worker-screen-2", "screen", {"WINNOW_PACKS": str(own)}),
            _worker("worker-screen-3", "screen", wrong_clock()),
            _worker("worker-deliver-2", "deliver", wrong_clock()),
            _worker("relay-2", "relay", {}),
        ]
        stages: list[Stage] = []
        stack.callback(_stop_servers, stages)  # after whatever needs them
        logs = logs or folder / "logs"
        running = stack.enter_context(temporary_system(logs, tuple(settings.items()), beside, data.folder))
        servers = running.system.deployment.servers
        client = stack.enter_context(running.client())
        stage = Stage(items, running, effects, client, armed, own, spool, data, servers.redis, servers.postgres)
        stages.append(stage)
        _fill(stage)
        yield stage


def _stop_servers(stages: list[Stage]) -> None:
    for stage in stages:
        stage.stop_servers()


def wrong_clock() -> dict[str, str]:
    """The environment of a process whose clock is an hour ahead. Monotonic clocks are no clocks to set."""
    found = find_spec("libfaketime")
    if found is None or found.origin is None:
        raise RuntimeError("the package libfaketime is missing: install winnow[dev]")
    library = Path(found.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return {"LD_PRELOAD": str(library), "FAKETIME": "+1h", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}


def resumes(count: int, words: Mapping[int, str] | None = None) -> list[dict[str, str]]:
    """Invented resumes, the same at every run; `words` are put into some of them."""
    generator = random.Random(7)
    rows = []
    for number in range(count):
        text = " ".join(generator.choices(_WORDS, k=generator.randrange(25, 100)))
        text = f"Applicant {number}. {text}. {(words or {}).get(number, '')}"
        rows.append({"external_id": f"applicant-{number}", "text": text})
    return rows


def _worker(name: str, module: str, environment: dict[str, str]) -> Program:
    return Program(name, [sys.executable, "-m", f"workers.{module}"], grace=20, environment=environment)


def _fill(stage: Stage) -> None:
    stage.pool = upload(stage.client, "applicants", resumes(stage.items // JOBS))
    postings = [{"external_id": f"job-{n}", "title": f"Developer {n}", "description": "Java."} for n in range(JOBS)]
    jobs = stage.client.uploads.wait(stage.client.jobs.upload(postings).id)
    stage.jobs = tuple(str(row.id) for row in jobs.rows)
    stage.effects.secret = str(stage.client.endpoints.create(stage.effects.url, EVENTS).secret)


def upload(client: Winnow, name: str, rows: list[dict[str, str]]) -> str:
    """A new pool of these resumes; its id."""
    pool = client.pools.create(name)
    client.uploads.wait(client.pools.upload(pool.id, rows).id)
    return pool.id
