"""Words as the detectors read them."""

import time

import pytest

from scoring.canonical import canonical


@pytest.mark.parametrize("word", ["https://www.linkedin.com/in/ada", "(github.com/ada)", "see:linkedin.com"])
def test_a_profile_is_told_from_other_links(word: str) -> None:
    assert canonical(word, "spam").split() == ["xxprofile"]


@pytest.mark.parametrize("letter", ["a", "<", "[", "@", "!", "a-"])
def test_a_word_without_end_takes_no_time(letter: str) -> None:
    began = time.process_time()
    canonical(letter * 50_000, "spam")
    assert time.process_time() - began < 2
