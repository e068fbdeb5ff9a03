"""Fair turns, in a simulation over the relay's own order (all of it: `python -m benchmarks.fairness`)."""

import pytest

from benchmarks import fairness


@pytest.mark.parametrize("same_tenant", [False, True])
def test_fifty_resumes_behind_a_hundred_thousand_are_soon_done(same_tenant: bool) -> None:
    row = fairness.small_behind_large(1, same_tenant)
    assert row.kept, f"{row.value} s, at most {row.bound} s"


def test_hundreds_of_screenings_share_by_weight() -> None:
    row = fairness.shares([1, 2, 5], count=300, seconds=600.0)
    assert row.kept, f"a share was off by {row.value:.1%}"


def test_low_priority_takes_next_to_nothing_from_other_work() -> None:
    assert fairness.low_lane().kept
