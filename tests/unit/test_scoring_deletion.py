"""Deleting pieces to see which move a score: of few pieces each is tried, of many what there is time for."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.explanation.deletion import Search, search, split
from scoring.explanation.pieces import LEAST_WORDS, MOST_WORDS, pieces

VALUES = st.lists(st.floats(-1, 1), max_size=60)


def _search(values: Sequence[float], deletions: int) -> Search:
    """Of a score that is the sum of its pieces."""
    return search(
        len(values), deletions, lambda runs: [sum(values) - sum(values[place] for place in run) for run in runs]
    )


@given(VALUES, st.integers(8, 64))
def test_every_piece_is_in_one_change_and_no_more_is_scored_than_allowed(values: list[float], deletions: int) -> None:
    found = _search(values, deletions)
    assert found.scored <= deletions + 1
    places = sorted(place for change in found.changes for place in change.run)
    assert places == (list(range(len(values))) if len(values) > 1 else [])
    for change in found.changes:
        assert change.change == pytest.approx(sum(values[place] for place in change.run), abs=1e-9)


def test_of_few_pieces_each_is_deleted_by_itself() -> None:
    found = _search([0.1, 0.5, -0.2], 8)
    assert [(change.run, round(change.change, 6)) for change in found.changes] == [
        (range(0, 1), 0.1), (range(1, 2), 0.5), (range(2, 3), -0.2),
    ]  # fmt: skip
    assert found.scored == 4


@pytest.mark.parametrize("place", [0, 57, 99])
def test_one_telling_piece_among_many_is_found(place: int) -> None:
    values = [0.001] * 100
    values[place] = 0.5
    best = max(_search(values, 32).changes, key=lambda change: change.change)
    assert best.run == range(place, place + 1)


def test_a_split_is_even() -> None:
    assert split(range(3, 10), 3) == [range(3, 5), range(5, 7), range(7, 10)]
    assert split(range(2), 5) == [range(1), range(1, 2)]


@given(st.text(alphabet="ab ,.;\n", max_size=400))
def test_pieces_hold_every_word_once_and_are_short(text: str) -> None:
    found = [text[piece.start : piece.end].split() for piece in pieces(text)]
    assert [word for words in found for word in words] == text.split()
    assert all(len(words) < MOST_WORDS + LEAST_WORDS for words in found)
    assert all(len(words) >= LEAST_WORDS for words in found[:-1])


def test_pieces_end_with_lines_and_at_commas() -> None:
    line = "Machine Learning, Deep Learning, Natural Language Processing, Computer Vision, Data Mining, Big Data, Cloud"
    text = f"SKILLS\n{line}, {line}\nBachelor of Science\nBoston, MA"
    assert [text[piece.start : piece.end] for piece in pieces(text)] == [
        "SKILLS\nMachine Learning, Deep Learning, Natural Language Processing, Computer Vision, Data Mining,",
        "Big Data, Cloud, Machine Learning, Deep Learning, Natural Language Processing, Computer Vision,",
        "Data Mining, Big Data, Cloud",
        "Bachelor of Science",
        "Boston, MA",
    ]
