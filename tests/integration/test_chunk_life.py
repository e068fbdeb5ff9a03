"""Random interleavings of all that can happen to chunks, against a model that knows who holds what.

Some screenings have a second stage: all are alike good there, so that the lowest ids stand on every shortlist.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from conftest import Caller
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from screening_rows import add_packs, add_screening, check_counts, events_of, found
from sqlalchemy import func, select, update

from db import canceling, chunks, screenings, second_stage
from db.broken_chunks import GIVE_UP_AFTER
from db.chunks import Claim
from db.engine import app_session
from db.packs import SCORING
from db.tables import Chunk
from local.deployment import Deployment

# A few chunks of one resume, or of many: few enough that things happen to the same chunk again and again.
SIZES = st.lists(st.sampled_from([40_000] * 4 + [1_500]), min_size=1, max_size=5) | st.just([1_500] * 20)

_numbers = itertools.count()


@dataclass(slots=True)
class Known:
    """What the model knows of a chunk: who holds it (a claim's number), whether that lease ran out, what is in hand."""

    resumes: tuple[UUID, ...]
    failures: int = 0
    holder: int | None = None
    expired: bool = False
    in_hand: frozenset[UUID] | None = None
    stage: int = 1

    def let_go(self) -> None:
        self.holder, self.expired, self.in_hand = None, False, None


class ChunkLife(RuleBasedStateMachine):
    tenant_id: UUID
    claims = Bundle("claims")

    @initialize(sizes=SIZES, jobs=st.integers(1, 3), top=st.none() | st.sampled_from([1, 3, 12]))
    def create(self, sizes: list[int], jobs: int, top: int | None) -> None:
        options = {"rerank": {"top": top}} if top else {}
        self.screening_id = add_screening(self.tenant_id, f"pool-{next(_numbers)}", sizes, jobs, **options)
        self.jobs, self.canceling, self.top = jobs, False, top
        self.shortlist: list[UUID] = []
        self.chunks = {row.id: Known(tuple(row.resume_ids)) for row in self._rows()}
        self.ended = dict.fromkeys(("scored", "errored", "canceled"), 0)
        self.resumes = sorted(id for chunk in self.chunks.values() for id in chunk.resumes)
        assert len(self.resumes) == len(sizes) == len(set(self.resumes))
        self.issued: list[Claim] = []

    @rule(target=claims, pick=st.integers(0, 99), budget=st.sampled_from([0, 1_000_000, 1_000_000]))
    def claim(self, pick: int, budget: int) -> object:
        """A hint comes, perhaps late or twice: the chunk may be anyone's, or done."""
        if not self.chunks:
            return multiple()
        claimable = [id for id, chunk in self.chunks.items() if chunk.holder is None or chunk.expired]
        hinted = sorted(claimable if claimable and pick % 4 else self.chunks)
        id = hinted[pick // 4 % len(hinted)]
        chunk = self.chunks[id]
        free = not self.canceling and (chunk.holder is None or chunk.expired)
        lost = free and chunk.expired
        with app_session(self.tenant_id) as session:
            claim = chunks.claim(session, id, "worker", budget)
        if not free or (lost and self._failed(id)):
            self._second_stage()
            assert claim is None
            return multiple()
        assert claim is not None
        assert claim.chunks[0].id == id
        assert claim.suspect == (chunk.failures > 0)
        if claim.suspect or lost:
            assert len(claim.chunks) == 1
        self.issued.append(claim)
        for held in claim.chunks:
            known = self.chunks[held.id]
            assert held.id == id or (known.holder is None and not known.failures)
            assert held.resume_ids == known.resumes
            known.holder, known.expired, known.in_hand = len(self.issued) - 1, False, None
        return len(self.issued) - 1

    @rule(number=claims, start=st.integers(0, 19), size=st.integers(0, 20))
    def take_in_hand(self, number: int, start: int, size: int) -> None:
        """Any batch of the claim, or nothing yet, also by a worker that lost some of it or all."""
        batch = frozenset(self.issued[number].resume_ids[start : start + size])
        changing = [
            chunk
            for id in self._mine(number)
            if (chunk := self.chunks[id]).in_hand != frozenset() or batch & set(chunk.resumes)
        ]
        with app_session(self.tenant_id) as session:
            taken = chunks.take_in_hand(session, self.issued[number], batch)
        assert taken == (bool(self._mine(number)) and not self.canceling)
        if taken:
            for chunk in changing:
                chunk.in_hand = batch & set(chunk.resumes)

    @precondition(lambda self: any(chunk.holder is not None for chunk in self.chunks.values()))
    @rule(pick=st.integers(0, 99))
    def expire(self, pick: int) -> None:
        """A worker hangs or dies: time passes without its renewing the lease."""
        leased = sorted(id for id, chunk in self.chunks.items() if chunk.holder is not None)
        id = leased[pick % len(leased)]
        self.chunks[id].expired = True
        with app_session(self.tenant_id) as session:
            past = func.now() - timedelta(seconds=1)
            session.execute(update(Chunk).where(Chunk.id == id).values(lease_until=past))

    @rule(number=claims)
    def renew(self, number: int) -> None:
        """Also a lease that ran out, as long as nobody took over."""
        mine = self._mine(number)
        with app_session(self.tenant_id) as session:
            assert chunks.renew(session, self.issued[number]) == (bool(mine) and not self.canceling)
        if not self.canceling:
            for id in mine:
                self.chunks[id].expired = False

    @rule(number=claims, errors=st.integers(0, 3))
    def finish(self, number: int, errors: int) -> None:
        """In time, late, or a second time: only what is still held counts."""
        claim, mine = self.issued[number], self._mine(number)
        failing = dict.fromkeys(claim.resume_ids[:errors], "unreadable")
        findings = found(self.tenant_id, claim, failing)
        with app_session(self.tenant_id) as session:
            items = chunks.finish(session, claim, findings)
        ended = [self.chunks.pop(id) for id in mine]
        for chunk in ended:
            errored = [resume for resume in chunk.resumes if resume in failing]
            self._ended(chunk, "errored", errored)
            self._ended(chunk, "scored", [resume for resume in chunk.resumes if resume not in failing])
        self._second_stage()
        assert items == sum(len(chunk.resumes) for chunk in ended) * self.jobs

    @rule(number=claims)
    def fail(self, number: int) -> None:
        mine = self._mine(number)
        with app_session(self.tenant_id) as session:
            chunks.fail(session, self.issued[number], "RuntimeError")
        nothing_in_hand = not any(self.chunks[id].in_hand for id in mine)
        for id in mine:
            if nothing_in_hand:  # then all of it is to blame
                self.chunks[id].in_hand = None
            self._failed(id)
        self._second_stage()

    @rule(number=claims)
    def release(self, number: int) -> None:
        with app_session(self.tenant_id) as session:
            chunks.release(session, self.issued[number])
        for id in self._mine(number):
            self.chunks[id].let_go()

    @precondition(lambda self: len(self.issued) >= 8)
    @rule()
    def request_cancel(self) -> None:
        with app_session(self.tenant_id) as session:
            view = screenings.request_cancel(session, self.screening_id)
        assert view is not None
        self.canceling = view.state == "canceling"
        assert self.canceling == bool(self.chunks)

    @precondition(lambda self: len(self.issued) >= 2)
    @rule()
    def sweep(self) -> None:
        free = [id for id, chunk in self.chunks.items() if self.canceling and (chunk.holder is None or chunk.expired)]
        with app_session(self.tenant_id) as session:
            assert canceling.sweep(session, self.screening_id) == min(len(free), canceling.BATCH)
        still = {row.id for row in self._rows()}
        for id in free:
            if id not in still:
                chunk = self.chunks.pop(id)
                self._ended(chunk, "canceled", chunk.resumes)
        self._second_stage()

    @invariant()
    def counters_hold(self) -> None:
        assert check_counts(self.tenant_id, self.screening_id) == self.ended
        rows = self._rows()
        stored = {row.id: (tuple(row.resume_ids), row.failures, row.state == "leased", _hand(row)) for row in rows}
        known = {
            id: (one.resumes, one.failures, one.holder is not None, one.in_hand) for id, one in self.chunks.items()
        }
        assert stored == known
        placed = sorted(resume for one in self.chunks.values() for resume in one.resumes)
        assert len(placed) == len(set(placed)), "a resume stands in two chunks"
        counted = sum(row.items for row in rows) + sum(self.ended.values()) + len(self.shortlist) * self.jobs
        assert counted == len(self.resumes) * self.jobs
        told = events_of(self.tenant_id, self.screening_id)
        assert told.count("screening.started") == bool(self.issued)
        assert told.count("screening.ended") == (not self.chunks)
        assert told.count("screening.canceled") == (not self.chunks and self.ended["canceled"] > 0)

    def teardown(self) -> None:
        """Whatever happened, workers that work bring it to its end."""
        if not hasattr(self, "screening_id"):
            return
        with app_session(self.tenant_id) as session:
            mine = Chunk.screening_id == self.screening_id
            session.execute(update(Chunk).where(mine, Chunk.state == "leased").values(lease_until=func.now()))
        for _ in range(100):
            for row in self._rows():
                with app_session(self.tenant_id) as session:
                    claim = chunks.claim(session, row.id, "last")
                if claim is not None:
                    with app_session(self.tenant_id) as session:
                        chunks.finish(session, claim, found(self.tenant_id, claim))
            with app_session(self.tenant_id) as session:
                canceling.sweep(session, self.screening_id)
            if not self._rows():
                break
        assert sum(check_counts(self.tenant_id, self.screening_id).values()) == len(self.resumes) * self.jobs

    def _mine(self, number: int) -> list[UUID]:
        return [id for id, chunk in self.chunks.items() if chunk.holder == number]

    def _failed(self, id: UUID) -> bool:
        """What a failure must do to this chunk; True when it is not due again as it was."""
        chunk = self.chunks[id]
        blamed = frozenset(chunk.resumes) if chunk.in_hand is None else chunk.in_hand
        recorded, single = chunk.in_hand is not None, len(chunk.resumes) == 1
        chunk.let_go()
        if not blamed:
            return False
        if single and chunk.failures + 1 == GIVE_UP_AFTER:
            self._ended(self.chunks.pop(id), "errored", chunk.resumes)
            return True
        if single or (not recorded and chunk.failures == 0):
            chunk.failures += 1
            return False
        self._broken_up(id, blamed)
        return True

    def _broken_up(self, id: UUID, blamed: frozenset[UUID]) -> None:
        """Only what is blamed stands in parts, at least six where there are as many; the rest stays what it was."""
        chunk = self.chunks.pop(id)
        rest = tuple(resume for resume in chunk.resumes if resume not in blamed)
        if rest:
            self.chunks[id] = Known(rest, chunk.failures, stage=chunk.stage)
        rows = [row for row in self._rows() if row.id not in self.chunks and blamed.issuperset(row.resume_ids)]
        parts = {row.id: Known(tuple(row.resume_ids), 1, stage=row.stage) for row in rows}
        assert {part.stage for part in parts.values()} == {chunk.stage}
        assert sorted(resume for part in parts.values() for resume in part.resumes) == sorted(blamed)
        assert len(parts) >= min(6, len(blamed))
        self.chunks |= parts

    def _ended(self, chunk: Known, how: str, resumes: Sequence[UUID]) -> None:
        """What was scored waits on the shortlist while it is among the best; the second stage costs nobody a score."""
        if chunk.stage == 2:
            how = "scored"
        elif how == "scored" and self.top:
            ranked = sorted([*self.shortlist, *resumes])
            self.shortlist, resumes = ranked[: self.top], ranked[self.top :]
        self.ended[how] += len(resumes) * self.jobs

    def _second_stage(self) -> None:
        """Once no chunk is left, those on the shortlist are the work of new ones, or end as they are."""
        if self.chunks or not self.shortlist:
            return
        self.chunks = {row.id: Known(tuple(row.resume_ids), stage=row.stage) for row in self._rows()}
        listed = [] if self.canceling else self.shortlist
        assert sorted(resume for chunk in self.chunks.values() for resume in chunk.resumes) == listed
        assert all(chunk.stage == 2 for chunk in self.chunks.values())
        if self.canceling:
            self.ended["scored"] += len(self.shortlist) * self.jobs
        self.shortlist = []

    def _rows(self) -> list[Chunk]:
        with app_session(self.tenant_id) as session:
            unfinished = Chunk.screening_id == self.screening_id, Chunk.state.in_(["due", "leased"])
            return list(session.scalars(select(Chunk).where(*unfinished).order_by(Chunk.seq, Chunk.id)))


def _hand(row: Chunk) -> frozenset[UUID] | None:
    return None if row.in_hand is None else frozenset(row.in_hand)


def test_chunks_live_as_the_model_says(database: Deployment, tenant: Caller) -> None:
    add_packs(database, names=(*SCORING, second_stage.PACK))
    life = type("Life", (ChunkLife,), {"tenant_id": tenant.tenant_id})
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    few = settings(max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(life, settings=few)
