"""Windows hold every token of a resume, and are those of the tokenizer's own truncation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tiny_packs import write_tiny_base
from scoring.tokens import Tokenizer
from scoring.windows import pair_windows, text_windows


def _ids(count, start=0):
    return np.arange(start, start + count, dtype=np.int32)


@given(count=st.integers(0, 300), max_length=st.integers(12, 64), stride=st.integers(0, 8))
def test_no_token_is_lost_and_neighbours_share_the_stride(count, max_length, stride):
    windows = text_windows(7, _ids(count), max_length, stride)
    parts = [window.first for window in windows]
    assert all(window.length <= max_length and window.owner == 7 for window in windows)
    assert np.array_equal(np.concatenate([parts[0], *(part[stride:] for part in parts[1:])]), _ids(count))
    assert all(len(part) > stride for part in parts[1:])


def test_a_long_job_is_cut_so_that_the_resume_has_room():
    windows = pair_windows(0, _ids(1000), _ids(100, 5000), max_length=64, stride=8, job_limit=24)
    assert {len(window.first) for window in windows} == {24}
    assert max(window.length for window in windows) == 64
    assert windows[-1].second[-1] == 5099


def test_no_room_is_an_error():
    with pytest.raises(ValueError, match="cannot share"):
        text_windows(0, _ids(5), max_length=10, stride=8)


@pytest.mark.parametrize("length", [1, 20, 37, 38, 39, 66, 67, 200])
def test_pairs_are_cut_as_the_tokenizer_cuts_them(tmp_path, length):
    """`only_second` truncation with a stride, by the Rust tokenizer itself."""
    tokenizer = Tokenizer.load(write_tiny_base(tmp_path / "base"))
    job, resume = "java engineer", " ".join(["python", "developer", "sql", "team"][n % 4] for n in range(length))
    first, second = tokenizer.encode([job, resume])
    ours = pair_windows(0, first, second, max_length=43, stride=10, job_limit=24)
    theirs = Tokenizer.load(tmp_path / "base").words
    theirs.enable_truncation(43 - 3, stride=10, strategy="only_second")
    encoding = theirs.encode(job, resume, add_special_tokens=False)
    expected = [encoding, *encoding.overflowing]
    assert [[*window.first, *window.second] for window in ours] == [part.ids for part in expected]
