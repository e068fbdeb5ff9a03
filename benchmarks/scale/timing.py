"""Asks databases of different sizes the same questions in turns, each twice: as it comes, and at once again."""

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from sqlalchemy.orm import Session

from benchmarks.performance.peers import interleave, ratios
from benchmarks.scale import finishing, loading, uploads
from benchmarks.scale.clock import Clock, Cost
from benchmarks.scale.loading import Loaded
from benchmarks.scale.plans import explained
from benchmarks.scale.questions import QUESTIONS, SYSTEM_QUESTIONS, Ask, Subject
from benchmarks.scale.samples import explanations
from benchmarks.scale.stage import Sized

FINISHING = "finishing a claim, an item"
LARGE = ("scores", "assessments", "resumes", "upload_rows", "chunks")


@dataclass(frozen=True, slots=True)
class Answer:
    """One question to every size: medians of the rounds by the number of scores, in `unit`.

    `first` is by the clock, the first time in a screening that was chosen by chance; `again` the second time at once.
    `server` is the processor time of the server's process in that, `client` ours. `growth` is what the server spent on
    the largest by what it spent on the smallest, round by round: median, lowest and highest. `whole` names large tables
    that were read from end to end.
    """

    question: str
    unit: str
    first: dict[int, float]
    again: dict[int, float]
    server: dict[int, float]
    client: dict[int, float]
    growth: tuple[float, float, float]
    rounds: int
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A loaded database."""

    sized: Sized
    screenings: Sequence[Loaded]
    uploads: uploads.LongUploads

    def subject(self, chance: random.Random) -> Subject:
        """Any screening of the tenant that has the long uploads."""
        own = [one for one in self.screenings if one.tenant_id == self.uploads.tenant_id]
        return Subject(chance.choice(own), self.uploads)


def prepare(sized: Sized, told: Callable[[str], None]) -> Asked:
    """Load what is missing."""
    screenings = loading.load(sized, told)
    return Asked(sized, screenings, uploads.load(sized, screenings[0].tenant_id))


def ask_all(asked: Sequence[Asked], rounds: int, told: Callable[[str], None]) -> list[Answer]:
    """Every question, round by round over all sizes."""
    chance = random.Random(11)
    answers = []
    for name, ask in QUESTIONS.items():
        answers.append(_asked(name, asked, rounds, partial(_as_tenant, ask=ask, chance=chance)))
        answers[-1] = replace(answers[-1], whole=_read_whole(asked[-1], ask, chance))
        told(str(answers[-1]))
    for name, scan in SYSTEM_QUESTIONS.items():
        answers.append(_asked(name, asked, rounds, partial(_as_system, scan=scan)))
    answers.append(_finishing(asked, rounds))
    return answers


Run = Callable[[Asked], tuple[Cost, Cost]]


def _asked(name: str, asked: Sequence[Asked], rounds: int, run: Run, unit: str = "ms") -> Answer:
    """`run` asks one database, twice, and returns both costs."""
    costs: dict[int, list[tuple[Cost, Cost]]] = {one.sized.scores: [] for one in asked}

    def ask(one: Asked) -> float:
        costs[one.sized.scores].append(run(one))
        return costs[one.sized.scores][-1][1].server

    server = interleave(rounds, {str(one.sized.scores): partial(ask, one) for one in asked})
    grown = ratios(server[str(asked[-1].sized.scores)], server[str(asked[0].sized.scores)])
    return Answer(
        name,
        unit,
        {scores: median(first.clock for first, _ in found) for scores, found in costs.items()},
        {scores: median(again.clock for _, again in found) for scores, found in costs.items()},
        {scores: median(again.server for _, again in found) for scores, found in costs.items()},
        {scores: median(again.client for _, again in found) for scores, found in costs.items()},
        (median(grown), min(grown), max(grown)),
        rounds,
    )


def _as_tenant(one: Asked, ask: Ask, chance: random.Random) -> tuple[Cost, Cost]:
    subject = one.subject(chance)

    def once() -> Cost:
        with one.sized.session(one.uploads.tenant_id) as session:
            return _cost(session, lambda: ask(session, subject))

    return once(), once()


def _as_system(one: Asked, scan: Callable[[Session], object]) -> tuple[Cost, Cost]:
    def once() -> Cost:
        with Session(one.sized.system) as session, session.begin():
            return _cost(session, lambda: scan(session))

    return once(), once()


def _cost(session: Session, do: Callable[[], object]) -> Cost:
    clock = Clock()
    clock.begin(session)
    do()
    return clock.cost()


def _read_whole(one: Asked, ask: Ask, chance: random.Random) -> tuple[str, ...]:
    """The large tables that the question reads from end to end; none is well."""
    subject = one.subject(chance)
    with one.sized.session(one.uploads.tenant_id) as session, explained(session) as plans:
        ask(session, subject)
    return tuple(table for table in LARGE if plans.read_whole(table))


def _finishing(asked: Sequence[Asked], rounds: int) -> Answer:
    """Finishing transactions, an item: claims differ a little in length."""
    found = explanations()
    with ExitStack() as stack:
        begun = {
            one.sized.scores: stack.enter_context(finishing.begun(one.sized, one.screenings[0], found)) for one in asked
        }

        def finish(one: Asked) -> Cost:
            cost, items = begun[one.sized.scores].finish()
            return cost / (items / 1000)

        return _asked(FINISHING, asked, rounds, lambda one: (finish(one), finish(one)), "µs")
