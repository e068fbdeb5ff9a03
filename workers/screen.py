"""The screening worker: takes a hint, claims chunks, scores them and records what came out.

Started by `python -m workers.screen`, one process a device, with two slots: while one computes, the other claims and
tokenises what comes next.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from db import chunks, crash_points, second_stage
from db.chunks import Claim, Findings, ResumeText, Terms
from db.engine import app_session
from scoring.inputs import Resume, Scores
from workers import consumer, counted, frozen, portions, process
from workers.celery_app import EXPLAIN, EXPLAIN_ITEM, SCREEN, SCREEN_CHUNK, app
from workers.device import Device, choose, give_way, settle
from workers.explain import explain
from workers.findings import as_rows
from workers.pipelines import Pipelines
from workers.settings import worker_settings
from workers.solitude import Solitude
from workers.stages import Stage, can_score, stage_of
from workers.taken_over import take_over

logger = logging.getLogger(__name__)

SLOTS = 2
PORTION_SECONDS = 1.0
"""How much of a claim is in hand at once, at the measured rate."""
LEAST_PORTION = 32_000  # tokens: a few resumes, while the rate is not known or low
MOST_TOKENS = 8_000_000
RENEW_SECONDS = 2.0
RECORD_SECONDS = 120.0
"""How long work waits for a database that is away, before it is given up and done again."""
WORKER = f"{socket.gethostname()}:{os.getpid()}"
AWAY = (OperationalError, InterfaceError)
T = TypeVar("T")


class HandBackError(Exception):
    """The claim is ours no longer, or this process is to end: stop, and give back what is still held."""


@dataclass(slots=True)
class Screener:
    """What the slots of a process share: the device, the loaded packs and the measured rates in tokens a second.

    Each of a screening's stages has a rate of its own, as their models differ in size.
    """

    device: Device
    pipelines: Pipelines
    solitude: Solitude = field(default_factory=Solitude)
    rates: dict[int, float] = field(default_factory=dict)
    stopping: Callable[[], bool] = consumer.stopping.is_set

    def screen(self, tenant_id: UUID, chunk_id: UUID) -> None:
        """Claim what the hint points at, score it and record it; do nothing when there is nothing to do."""
        with app_session(tenant_id) as session:
            terms = chunks.terms(session, chunk_id)
        if terms is not None and terms.reuses and not take_over(tenant_id, terms.screening_id, self.stopping):
            return  # others are to have their turn; what is left is hinted at again
        if terms is None or self.stopping() or not can_score(self.pipelines, terms):
            return
        crash_points.reached("screen.claiming")
        with app_session(tenant_id) as session:
            # The slots take turns on the device, so that each takes SLOTS times as long as it would alone.
            tokens = min(self.worth(worker_settings().claim_seconds / SLOTS, terms.stage), MOST_TOKENS)
            claim = chunks.claim(session, chunk_id, WORKER, tokens)
        if claim is not None:
            counted.claimed([held.attempt for held in claim.chunks])
            _Work(self, tenant_id, terms, claim).run()

    def worth(self, seconds: float, stage: int) -> int:
        """Tokens of so much work of a stage, at the measured rate; 0 when nothing was measured yet."""
        return int(self.rates.get(stage, 0.0) * seconds)

    def measure(self, tokens: int, seconds: float, stage: int) -> None:
        """Take in a claim's rate; the newest counts half."""
        rate = tokens / max(seconds, 1e-3)
        self.rates[stage] = (self.rates.get(stage, rate) + rate) / 2


@dataclass(slots=True)
class _Work:
    """One claim, from its texts to its records."""

    screener: Screener
    tenant_id: UUID
    terms: Terms
    claim: Claim
    renewed: float = field(default_factory=time.monotonic)
    prepared: float = 0.0
    """Seconds of preparing; where the device is fast, they are most of a claim's."""
    computed: float = 0.0
    """Seconds on the device."""

    def run(self) -> None:
        with counted.CLAIM_SECONDS.time():
            outcome = self._end()
        counted.CLAIMS.labels(outcome).inc()

    def _end(self) -> str:
        """Work until the claim has ended, one way or the other; which way is counted."""
        try:
            return "recorded" if self._scored() else "lost"
        except HandBackError as error:
            self._log("handed back", reason=str(error))
            self._give_back()
            return "handed_back"
        except AWAY as error:
            self._log("database away", error=type(error).__name__)  # the lease runs out, and another takes over
            return "database_away"
        except Exception as error:
            # The message of an error may quote the resume, so only its type is kept.
            logger.exception("scoring failed", extra={"screening": str(self.claim.screening_id)})
            with app_session(self.tenant_id) as session:
                chunks.fail(session, self.claim, type(error).__name__)
            return "failed"

    def _scored(self) -> int:
        """Score and record; returns the items ended. A suspect's record is part of what it does alone."""
        texts, stage = self._read()
        with self._inside(suspect=True):
            return self._record(self._findings(texts, stage))

    def _read(self) -> tuple[list[ResumeText], Stage]:
        with app_session(self.tenant_id) as session:
            texts, jobs = chunks.read(session, self.claim)
            second = self.terms.stage == second_stage.STAGE
            wanted = second_stage.wanted(session, self.terms.screening_id, self.claim.resume_ids) if second else {}
        postings = [frozen.as_job(job_id, job) for job_id, job in jobs.items()]
        self._take_in_hand([])  # what was read and waits for its turn is not to blame for a death
        stage = stage_of(self.screener.pipelines, self.terms, postings, wanted)
        if stage is None:
            raise HandBackError("its packs cannot be loaded any more")
        return texts, stage

    def _findings(self, texts: Sequence[ResumeText], stage: Stage) -> Findings:
        tokens = max(self.screener.worth(PORTION_SECONDS, self.terms.stage), LEAST_PORTION)
        scored = [self._score(stage, portion) for portion in portions.cut(self.claim, texts, tokens)]
        self.screener.measure(self.claim.tokens, self.prepared + self.computed, self.terms.stage)
        return as_rows(portions.joined(scored))

    def _score(self, stage: Stage, portion: Sequence[ResumeText]) -> Scores:
        """Score one portion, recorded as in hand before it is read; between portions the other slot has its turn."""
        resumes = [Resume(str(text.id), text.text, text.fields) for text in portion]
        with self._inside(suspect=False):
            self._keep()
            self._take_in_hand([text.id for text in portion])
            crash_points.reached("screen.scoring", [text.text for text in portion])
            started = time.monotonic()
            with counted.PORTION_SECONDS.labels("prepare").time():
                prepared = stage.prepare(resumes)
            self.prepared += time.monotonic() - started
            with self.screener.device.turn(self._keep, self._leave):
                self._keep()
                started = time.monotonic()
                with counted.computing(), counted.PORTION_SECONDS.labels("score").time():
                    scores = stage.score(prepared, self.terms.threshold, self._on_batch)
                self.computed += time.monotonic() - started
        return scores

    @contextmanager
    def _inside(self, suspect: bool) -> Iterator[None]:
        """Have the process as a suspect has it, or as others do; nothing for a claim of the other kind."""
        if self.claim.suspect != suspect:
            yield
            return
        with self.screener.solitude.entered(suspect, self.screener.device.while_waiting(self._keep, self._leave)):
            yield

    def _leave(self) -> None:
        """The slot that this one waits for stands still: let another process have the claim.

        The slot goes on waiting, with nothing left to keep, so that the watchdog sees a process that does nothing.
        """
        self._log("handed back", reason="the other slot stands still")
        self._give_back()

    def _take_in_hand(self, ids: Sequence[UUID]) -> None:
        if not self._patiently(lambda session: chunks.take_in_hand(session, self.claim, ids)):
            raise HandBackError("it was taken over or canceled")

    def _on_batch(self, tokens: int, padded: int) -> None:
        counted.batch(tokens, padded)
        self.screener.device.note_batch()
        consumer.watchdog.got_on()
        self._keep()

    def _keep(self) -> None:
        """Renew the lease when work got on and it is time. Raises HandBackError when there is nothing left to keep."""
        if self.screener.stopping():
            raise HandBackError("the worker is stopping")
        if time.monotonic() - self.renewed < RENEW_SECONDS:
            return
        self.renewed = time.monotonic()
        try:
            with app_session(self.tenant_id) as session:
                held = chunks.renew(session, self.claim)
        except AWAY as error:
            self._log("lease not renewed", error=type(error).__name__)
            return
        if not held:
            raise HandBackError("it was taken over or canceled")

    def _record(self, findings: Findings) -> int:
        crash_points.reached("screen.recording")
        items = self._patiently(lambda session: chunks.finish(session, self.claim, findings))
        crash_points.reached("screen.finished")
        self._log("recorded", items=items, tokens=self.claim.tokens, computed_s=round(self.computed, 2))
        return items

    def _patiently(self, work: Callable[[Session], T]) -> T:
        """Do it in one transaction, waiting for a database that is away. Done twice, the second changes nothing."""
        until = time.monotonic() + RECORD_SECONDS
        while True:
            try:
                with app_session(self.tenant_id) as session:
                    return work(session)
            except AWAY:
                if time.monotonic() > until or self.screener.stopping():
                    raise
                consumer.watchdog.got_on()  # waiting for the database is no hang
                time.sleep(1)

    def _give_back(self) -> None:
        try:
            with app_session(self.tenant_id) as session:
                chunks.release(session, self.claim)
        except AWAY as error:
            self._log("not released, its lease runs out", error=type(error).__name__)

    def _log(self, action: str, **details: object) -> None:
        first, *_ = self.claim.chunks
        ids = {"tenant": str(self.tenant_id), "screening": str(self.claim.screening_id), "chunk": str(first.id)}
        logger.info(action, extra={**ids, "chunks": len(self.claim.chunks), **details})


def main() -> None:
    """Run the worker until told to stop."""
    process.begin(SCREEN)
    name = choose(worker_settings().device)
    settle()
    give_way(name)
    screener = Screener(Device(name), Pipelines.configured(name))

    @app.task(name=SCREEN_CHUNK)
    def chunk(tenant_id: str, chunk_id: str) -> None:
        try:
            screener.screen(UUID(tenant_id), UUID(chunk_id))
        except AWAY as error:
            logger.warning("database away", extra={"chunk": chunk_id, "error": type(error).__name__})

    @app.task(name=EXPLAIN_ITEM)
    def item(tenant_id: str, passages_id: str) -> None:
        try:
            explain(UUID(tenant_id), UUID(passages_id), screener.pipelines, screener.device)
        except AWAY as error:
            logger.warning("database away", extra={"passages": passages_id, "error": type(error).__name__})

    consumer.run(SCREEN, SLOTS, beside=[EXPLAIN])


if __name__ == "__main__":
    main()
