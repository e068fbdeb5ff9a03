"""No group stands on two sides, and a row's side does not move when others come or go."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.splits import folds, near_duplicate_keys, sides

KEYS = [f"resume {number // 3}" for number in range(3000)]


def test_groups_stay_together_and_shares_are_met():
    side = sides(KEYS, "match")
    assert len({(key, one) for key, one in zip(KEYS, side, strict=True)}) == 1000
    shares = {name: float(np.mean(side == name)) for name in ("train", "valid", "test")}
    assert abs(shares["test"] - 0.2) < 0.04
    assert abs(shares["valid"] - 0.1) < 0.03


@given(st.sets(st.integers(0, 2999), min_size=1, max_size=50))
def test_a_side_depends_on_the_group_alone(rows):
    few = sorted(rows)
    assert np.array_equal(sides([KEYS[row] for row in few], "categories"), sides(KEYS, "categories")[few])


def test_folds_are_even_and_grouped():
    fold = folds(KEYS, 5)
    assert np.bincount(fold).tolist() == [600] * 5
    assert len(set(zip(KEYS, fold.tolist(), strict=True))) == 1000


def test_the_same_resume_found_by_another_search_is_a_near_duplicate():
    body = " ".join(f"word{number}" for number in range(200))
    head, other = " ".join(["Java"] * 20), " ".join(["python"] * 20)
    first, second, third = near_duplicate_keys([f"{head} {body}", f"{other} {body.upper()}", "short text"])
    assert first == second
    assert third == "short text"
