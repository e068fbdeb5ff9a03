"""Screenings under watch: polled ten times a second while faults happen, and counted when they have ended."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError

from benchmarks.chaos.rows import Costs
from benchmarks.chaos.stage import Stage
from benchmarks.invariants import RefusedError, UnansweredError, Watch
from client.answers import Screening
from client.transport import adapter
from db.engine import app_session
from db.tables import Chunk

PATIENCE = 300.0
"""Seconds after which what did not come about counts as lost."""
EFFECTS_PATIENCE = 60.0
SAME = 1e-4
"""Two scores of one resume differ by less, whatever stood beside it in a batch."""


@dataclass(slots=True)
class Watched:
    """Screenings of one act; `costs` tells what they cost once the act is over."""

    stage: Stage
    ids: list[UUID]
    total: int
    """Items of all."""
    watches: list[Watch] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)
    errored: dict[tuple[str, str], str] = field(default_factory=dict)
    """Reasons of items that errored, by the external ids of resume and job."""

    def ended_items(self) -> int:
        """Items that ended so far, by the watch's last look."""
        return sum(watch.ended for watch in self.watches)

    def all_ended(self) -> bool:
        """Whether nothing is left to do, by the watch's last look."""
        return self.ended_items() >= self.total

    def refused(self) -> int:
        """Polls that were answered with a proper 503."""
        return sum(watch.findings.refused for watch in self.watches)

    def unanswered(self) -> int:
        """Polls that nobody answered."""
        return sum(watch.findings.unanswered for watch in self.watches)


@contextmanager
def screening(stage: Stage, pools: Sequence[str] = (), copies: int = 1) -> Iterator[Watched]:
    """Screen these pools (the stage's own when none is named) while the block injects faults; waits for their end."""
    client = stage.client
    chosen = pools or [stage.pool] * copies
    made = [client.screenings.create(pool, stage.jobs, reuse=False) for pool in chosen]  # every score is computed
    watched = Watched(stage, [UUID(one.id) for one in made], sum(one.total for one in made))
    with ExitStack() as stack:
        for id in watched.ids:
            asking = stack.enter_context(httpx.Client(headers=_key(stage), trust_env=False, timeout=5))
            watch = Watch(stage.running.tenant_id, id, _poll(asking, f"{stage.running.system.url}/v1/screenings/{id}"))
            watched.watches.append(stack.enter_context(watch))
        yield watched
        for one in made:
            client.screenings.wait(one.id, timeout=PATIENCE)
    for one, watch in zip(made, watched.watches, strict=True):
        watched.costs += _costs(stage, watched, one, watch)


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Wait until it holds; returns the seconds that took, or infinity when it never did."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            return float("inf")
        time.sleep(0.05)
    return time.monotonic() - begun


def begun(watched: Watched) -> None:
    """Wait until the first items have ended."""
    until(watched.ended_items)


def resumed(watched: Watched) -> float:
    """Wait until work has been claimed anew and items have ended since, or all has; returns the seconds that took."""
    claims, ended = _claims(watched), watched.ended_items()

    def gets_on() -> bool:
        return watched.all_ended() or (watched.ended_items() > ended and _claims(watched) > claims)

    return until(gets_on)


def _claims(watched: Watched) -> int:
    """Chunks claimed so far, each as often as it was; fewer or none while the database is away."""
    attempts = select(func.coalesce(func.sum(Chunk.attempt), 0)).where(Chunk.screening_id.in_(watched.ids))
    try:
        with app_session(watched.stage.running.tenant_id) as session:
            return int(session.scalars(attempts).one())
    except (OperationalError, InterfaceError):
        return 0


def _key(stage: Stage) -> dict[str, str]:
    return {"Authorization": f"Bearer {stage.running.api_key}"}


def _poll(client: httpx.Client, url: str) -> Callable[[], Screening]:
    def poll() -> Screening:
        try:
            answer = client.get(url)
        except httpx.TransportError as error:
            raise UnansweredError from error
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        if answer.status_code == 503 and is_problem and answer.headers.get("Retry-After"):
            raise RefusedError
        answer.raise_for_status()
        return adapter(Screening).validate_json(answer.content)

    return poll


def _costs(stage: Stage, watched: Watched, one: Screening, watch: Watch) -> Costs:
    counted: Counter[tuple[str, str]] = Counter()
    differing = 0
    for result in stage.client.screenings.stream(one.id):
        name = str(result.resume_external_id), str(result.job_external_id)
        counted[name] += 1
        if result.state == "errored":
            watched.errored[name] = str(result.reason)
        elif (
            result.probability is not None
            and abs(stage.scores.setdefault(name, result.probability) - result.probability) > SAME
        ):
            differing += 1
    id, tenant_id = UUID(one.id), stage.running.tenant_id
    until(lambda: stage.effects.missing(tenant_id, id) == 0, EFFECTS_PATIENCE)
    return Costs(
        lost=one.total - len(counted),
        doubled=counted.total() - len(counted),
        violations=(*watch.findings.violations, *([f"{differing} scores differ"] if differing else [])),
        effects_lost=stage.effects.missing(tenant_id, id),
        effects_doubled=stage.effects.doubled(id),
    )
