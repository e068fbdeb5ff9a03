import os
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing.frames import BrokenFrameError, read_frame, write_frame


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read(descriptor: int, seconds: float = 5, longest: int = 10_000_000) -> tuple[dict[str, Any], bytes]:
    return read_frame(descriptor, time.monotonic() + seconds, longest)


def test_frames_longer_than_the_pipe_arrive_whole(pipe: tuple[int, int]) -> None:
    body = bytes(range(256)) * 4000
    writer = threading.Thread(target=write_frame, args=(pipe[1], {"name": "Zoë"}, body))
    writer.start()
    assert read(pipe[0]) == ({"name": "Zoë"}, body)
    writer.join()


def test_silence_is_a_timeout(pipe: tuple[int, int]) -> None:
    with pytest.raises(TimeoutError):
        read(pipe[0], seconds=0.05)


def test_a_frame_that_never_ends_is_a_timeout(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], struct.pack(">IQ", 2, 5) + b"{}")
    with pytest.raises(TimeoutError):
        read(pipe[0], seconds=0.05)


def test_a_body_over_the_limit_is_not_read(pipe: tuple[int, int]) -> None:
    write_frame(pipe[1], {}, b"12345")
    with pytest.raises(BrokenFrameError):
        read(pipe[0], longest=4)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_broken(content: bytes) -> None:
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    try:
        read(reading)
    except BrokenFrameError:
        pass
    finally:
        os.close(reading)
