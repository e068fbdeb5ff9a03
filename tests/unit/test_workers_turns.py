"""Whose work goes next."""

from uuid import UUID

from db.due import Due
from workers.turns import Turns


def _due(tenant: int, group: int, number: int) -> Due:
    return Due(UUID(int=tenant), UUID(int=group), UUID(int=number))


def test_tenants_take_turns_whatever_their_load() -> None:
    turns = Turns()
    large = [_due(1, 11, number) for number in range(100, 110)]
    small = [_due(2, 21, 200)]
    served = [turns.choose([*large[number:], *small], 1)[0] for number in range(2)]
    assert [due.tenant_id.int for due in served] == [1, 2]


def test_screenings_of_a_tenant_take_turns_and_keep_their_own_order() -> None:
    candidates = [_due(1, group, group * 10 + number) for group in (11, 12, 13) for number in range(2)]
    chosen = Turns().choose(candidates, 6)
    assert [due.group.int for due in chosen] == [11, 12, 13, 11, 12, 13]
    assert [due.id.int for due in chosen if due.group.int == 12] == [120, 121]


def test_a_newcomer_is_served_before_who_was_served() -> None:
    turns = Turns()
    turns.choose([_due(1, 11, 1)], 1)
    assert turns.choose([_due(1, 11, 2), _due(2, 21, 3)], 1)[0].tenant_id.int == 2


def test_no_more_than_there_is() -> None:
    assert Turns().choose([], 2) == []
    assert len(Turns().choose([_due(1, 11, 1)], 2)) == 1
