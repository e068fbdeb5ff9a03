"""Forms: every file arrives whole and in order, however the body was cut on its way."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.parts import Part, PartReader, boundary_of
from api.problems import Problem

FILES = st.lists(
    st.tuples(st.sampled_from(["a.pdf", "b c.txt", "ä.csv"]), st.binary(max_size=60)), min_size=1, max_size=4
)


HEADERS = b'Content-Disposition: form-data; name="files"; filename="%s"\r\nContent-Type: text/csv; a=b\r\n\r\n'


def form(files: list[tuple[str, bytes]]) -> bytes:
    parts = [b"--x\r\n" + HEADERS % name.encode() + content + b"\r\n" for name, content in files]
    field = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\npassed over\r\n'
    return field + b"".join(parts) + b"--x--\r\n"


@given(FILES.filter(lambda files: all(b"--x" not in content for _, content in files)), st.integers(1, 40))
def test_files_survive_any_cut(files: list[tuple[str, bytes]], step: int) -> None:
    stream, body = io.BytesIO(), form(files)
    reader = PartReader(b"x", stream)
    for start in range(0, len(body), step):
        reader.feed(body[start : start + step])
    parts = reader.close()
    spool = stream.getvalue()
    assert [(part.filename, spool[part.start : part.start + part.size]) for part in parts] == files
    assert {part.media_type for part in parts} == {"text/csv"}


def whole(body: bytes) -> list[Part]:
    reader = PartReader(b"x", io.BytesIO())
    reader.feed(body)
    return reader.close()


@given(st.binary(max_size=100))
def test_any_bytes_are_no_form(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        whole(body)
    assert caught.value.status == 422


@pytest.mark.parametrize("cut", [3, 60, 120])
def test_a_form_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(Problem) as caught:
        whole(form([("a.pdf", b"content")])[:-cut])
    assert caught.value.code == "invalid_form"


def test_the_boundary_must_be_named() -> None:
    assert boundary_of("multipart/form-data; boundary=x") == b"x"
    with pytest.raises(Problem):
        boundary_of("multipart/form-data")
