"""Whatever is sent, extract answers a Document or a ParseError, and expand Members or a ParseError."""

from hypothesis import given, settings
from hypothesis import strategies as st
from parsing_files import SENTENCE, pdf, protected_pdf, simple_docx, zipped

from parsing.document import Document
from parsing.errors import ParseError
from parsing.limits import Limits
from parsing.sandbox import expand, extract

SEEDS = [
    pdf([SENTENCE, "Jane Roe"], [SENTENCE]),
    protected_pdf("secret"),
    simple_docx(SENTENCE, "Jane Roe"),
    zipped({"a/cv.txt": SENTENCE.encode(), "cv.docx": simple_docx(SENTENCE), "b.pdf": pdf([SENTENCE])}),
    SENTENCE.encode("utf-16"),
]
NAMES = st.sampled_from(["cv.pdf", "cv.docx", "cv.txt", "cv"]) | st.text(max_size=20)
SETTINGS = settings(max_examples=60, deadline=None)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good file with a few bytes changed, a piece taken out or put in, and perhaps cut short."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.integers(0, 20)))
        content[start:stop] = draw(st.binary(max_size=20))
    return bytes(content[: draw(st.integers(0, len(content)))]) if draw(st.booleans()) else bytes(content)


def check_message(error: ParseError) -> None:
    assert error.message.endswith(".")


def check_extract(content: bytes, name: str) -> None:
    try:
        document = extract(content, name, Limits(seconds=20))
    except ParseError as error:
        check_message(error)
        return
    assert isinstance(document, Document)
    assert document.text
    assert "\0" not in document.text
    document.text.encode("utf-8")


@SETTINGS
@given(st.binary(max_size=500), NAMES)
def test_any_bytes(content: bytes, name: str) -> None:
    check_extract(content, name)


@SETTINGS
@given(mutated(), NAMES)
def test_damaged_files(content: bytes, name: str) -> None:
    check_extract(content, name)


@SETTINGS
@given(mutated() | st.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail))
def test_damaged_archives(content: bytes) -> None:
    try:
        for member in expand(content):
            assert member.name.encode()
            if member.error:
                check_message(member.error)
    except ParseError as error:
        check_message(error)
