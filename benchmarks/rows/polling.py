"""Polls of a screening while it is scored, against a bare endpoint that does one primary-key SELECT."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.performance.beside import beside
from benchmarks.performance.callers import Asked, ask
from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import Stage, staged
from benchmarks.performance.texts import invented, postings

CLIENTS = 50
POLL, BARE = "status poll", "bare endpoint"
LIMIT = (
    "A poll is one round trip, as the peer's statement is, but does more: it checks the key, binds its transaction "
    "to the tenant, and reads the screening with its jobs and whether another replaced it. Its answer names every job, "
    "and each request is counted, limited, measured and logged, all of it in the same one process."
)


def measure(setup: Setup) -> list[Row]:
    """Latency with 50 clients once a second each; rate with 50 clients in a closed loop."""
    seconds, resumes = setup.of((5.0, 2_000), (20.0, 10_000))
    with staged(setup, threads=1) as stage:
        jobs = stage.jobs(postings(40))
        pool = stage.pool("polled", list(invented(resumes, 300)))
        stage.screened(stage.pool("warm", list(invented(20, 300, seed=1))), jobs[:1])
        postgres = stage.running.system.deployment.servers.postgres
        database = {"WINNOW_BARE_DATABASE": postgres.url(database=stage.running.system.deployment.database)}
        with beside("benchmarks.performance.bare_api", database) as bare:
            calm = _rounds(setup, stage, pool, jobs, bare, seconds, every=1.0)
            closed = _rounds(setup, stage, pool, jobs, bare, seconds, every=0.0)
    calls = int(CLIENTS * seconds)
    p99 = {name: [one.p99 for one in rounds] for name, rounds in calm.items()}
    rates = {name: [one.rate for one in rounds] for name, rounds in closed.items()}
    texts = f"a screening of {resumes:,} resumes against {len(jobs)} jobs goes on meanwhile; tiny encoder, one thread"
    return [
        Row(
            name=f"status poll, {CLIENTS} clients once a second: p99",
            against="FastAPI with one primary-key SELECT, same settings",
            target=Target(1.5, at_most=True),
            values=ratios(p99[POLL], p99[BARE]),
            rates=medians({name: [1000 * value for value in values] for name, values in p99.items()}, "p99 ms"),
            ceiling="1x: the peer's statement is one of the poll's",
            n=calls,
            texts=texts,
            limit=LIMIT,
        ),
        Row(
            name=f"status poll, {CLIENTS} clients in a closed loop: rate",
            against="FastAPI with one primary-key SELECT, same settings",
            target=Target(0.6),
            values=ratios(rates[POLL], rates[BARE]),
            rates=medians(rates, "calls/s"),
            ceiling="1x: the peer's statement is one of the poll's",
            n=int(sum(rates[POLL]) / setup.repeats * seconds),
            texts=texts,
            limit=LIMIT,
        ),
    ]


def _rounds(
    setup: Setup, stage: Stage, pool: str, jobs: list[str], bare: str, seconds: float, every: float
) -> dict[str, list[Asked]]:
    """Both peers by turns, each beside a screening of its own."""
    headers = f"Authorization: Bearer {stage.running.api_key}\r\n"

    def poll() -> Asked:
        with _screening(stage, pool, jobs) as id:
            return ask(f"{stage.url}/v1/screenings/{id}", CLIENTS, seconds, every, headers)

    def select() -> Asked:
        with _screening(stage, pool, jobs) as id:
            return ask(f"{bare}/{stage.running.tenant_id}/{id}", CLIENTS, seconds, every)

    return interleave(setup.repeats, {POLL: poll, BARE: select})


@contextmanager
def _screening(stage: Stage, pool: str, jobs: list[str]) -> Iterator[str]:
    """A screening that goes on in the block, and is canceled behind it."""
    made = stage.client.screenings.create(pool, jobs, reuse=False)
    while stage.client.screenings.get(made.id).counts.ended == 0:
        time.sleep(0.05)
    yield made.id
    if stage.client.screenings.get(made.id).state == "ended":
        raise RuntimeError("the screening ended before the polls did: make its pool larger")
    stage.client.screenings.cancel(made.id)
    stage.client.screenings.wait(made.id)
