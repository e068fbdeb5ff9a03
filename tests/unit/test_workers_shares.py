"""Whose work goes next, when workers claim as they please."""

from dataclasses import replace
from uuid import UUID

from db.due import Waiting
from workers.shares import Shares

CLAIM = 80_000
PLENTY = 1_000


def _screening(tenant: int, id: int, weight: int = 1, low: bool = False, ready: int = PLENTY) -> Waiting:
    return Waiting(UUID(int=tenant), UUID(int=id), weight, low, 0, ready, None)


class Workers:
    """Claims what was chosen, one turn at a time, each time `claim` tokens of it."""

    def __init__(self, *waiting: Waiting) -> None:
        self.shares = Shares()
        self.waiting = {one.id: one for one in waiting}
        self.shares.choose([], 1)  # the relay has been leading for a while

    def work(self, turns: int, claim: int = CLAIM) -> None:
        for _ in range(turns):
            for one in self.shares.choose(list(self.waiting.values()), 1):
                now = self.waiting[one.id]
                self.waiting[one.id] = replace(now, served=now.served + claim, ready=now.ready - 1)

    def served(self, tenant: int) -> int:
        return sum(one.served for one in self.waiting.values() if one.tenant_id.int == tenant) // CLAIM


def test_tenants_share_alike_however_many_screenings_each_has() -> None:
    workers = Workers(_screening(1, 11), *(_screening(2, id) for id in range(21, 41)))
    workers.work(100)
    assert (workers.served(1), workers.served(2)) == (50, 50)


def test_work_counts_and_not_turns() -> None:
    """A tenant of many small screenings gets as much as one of a large one."""
    workers = Workers(_screening(1, 11))
    for number in range(400):
        workers.waiting[UUID(int=100 + number)] = _screening(2, 100 + number, ready=1)
    for _ in range(100):
        (one,) = workers.shares.choose(list(workers.waiting.values()), 1)
        size = CLAIM if one.tenant_id.int == 1 else CLAIM // 8
        now = workers.waiting[one.id]
        workers.waiting[one.id] = replace(now, served=now.served + size, ready=now.ready - 1)
    given = [sum(one.served for one in workers.waiting.values() if one.tenant_id.int == tenant) for tenant in (1, 2)]
    assert abs(given[0] - given[1]) <= CLAIM


def test_weights_hold() -> None:
    workers = Workers(_screening(1, 11, weight=1), _screening(2, 21, weight=3))
    workers.work(80)
    assert (workers.served(1), workers.served(2)) == (20, 60)


def test_a_newcomer_goes_next_and_no_oftener_than_its_share_allows() -> None:
    workers = Workers(_screening(1, 11))
    workers.work(500)
    workers.waiting[UUID(int=21)] = _screening(2, 21)
    workers.work(1)
    assert workers.served(2) == 1
    workers.work(99)
    assert 49 <= workers.served(2) <= 51


def test_who_was_away_has_saved_nothing_up() -> None:
    workers = Workers(_screening(1, 11), _screening(2, 21))
    workers.work(10)
    workers.waiting[UUID(int=21)] = replace(workers.waiting[UUID(int=21)], ready=0)
    workers.work(200)
    workers.waiting[UUID(int=21)] = replace(workers.waiting[UUID(int=21)], ready=PLENTY)
    before = workers.served(2)
    workers.work(20)
    assert 9 <= workers.served(2) - before <= 11


def test_low_priority_waits_for_all_other_work_and_takes_what_is_left() -> None:
    workers = Workers(_screening(1, 11, low=True), _screening(2, 21, ready=30))
    workers.work(5)
    assert workers.served(1) == 0
    workers.work(30)
    assert (workers.served(2), workers.served(1)) == (30, 5)


def test_a_tenant_at_its_limit_is_passed_over() -> None:
    full = replace(_screening(1, 11), room=0)
    assert [one.tenant_id.int for one in Shares().choose([full, _screening(2, 21)], 2)] == [2, 2]
    nearly = replace(full, room=1)
    assert sorted(one.tenant_id.int for one in Shares().choose([nearly, _screening(2, 21)], 3)) == [1, 2, 2]


def test_a_new_leader_holds_nothing_against_those_who_were_served_before() -> None:
    shares = Shares()
    waiting = [replace(_screening(1, 11), served=900 * CLAIM), _screening(2, 21)]
    assert {one.tenant_id.int for one in shares.choose(waiting, 2)} == {1, 2}


def test_no_more_is_chosen_than_is_ready() -> None:
    assert Shares().choose([], 2) == []
    assert len(Shares().choose([_screening(1, 11, ready=1)], 2)) == 1
