"""Windows hold every token of a resume, and are those of the tokenizer's own truncation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tiny_packs import write_tiny_base
from scoring.tokens import Tokenizer
from scoring.windows import text_windows


def _ids(count, start=0):
    return np.arange(start, start + count, dtype=np.int32)


@given(count=st.integers(0, 300), max_length=st.integers(12, 64), stride=st.integers(0, 8))
def test_no_token_is_lost_and_neighbours_share_the_stride(count, max_length, stride):
    windows = text_windows(7, _ids(count), max_length, stride)
    parts = [window.first for window in windows]
    assert all(window.length <= max_length and window.owner == 7 for window in windows)
    assert np.array_equal(np.concatenate([parts[0], *(part[stride:] for part in parts[1:])]), _ids(count))
    assert all(len(part) > stride for part in parts[1:])


def test_no_room_is_an_error():
    with pytest.raises(ValueError, match="cannot share"):
        text_windows(0, _ids(5), max_length=10, stride=8)


@pytest.mark.parametrize("length", [1, 20, 41, 42, 43, 72, 73, 200])
def test_texts_are_cut_as_the_tokenizer_cuts_them(tmp_path, length):
    """Truncation with a stride, by the Rust tokenizer itself."""
    tokenizer = Tokenizer.load(write_tiny_base(tmp_path / "base"))
    text = " ".join(["python", "developer", "sql", "team"][n % 4] for n in range(length))
    ours = text_windows(0, tokenizer.encode([text])[0], max_length=43, stride=10)
    theirs = Tokenizer.load(tmp_path / "base").words
    theirs.enable_truncation(43 - 2, stride=10)
    encoding = theirs.encode(text, add_special_tokens=False)
    assert [window.first.tolist() for window in ours] == [part.ids for part in [encoding, *encoding.overflowing]]
