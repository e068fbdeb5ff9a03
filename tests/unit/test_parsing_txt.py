import io

import pytest
from parsing_files import SENTENCE

from parsing import txt
from parsing.document import Document
from parsing.errors import ParseError
from parsing.limits import Limits

DEFAULT = Limits()


def read(content: bytes, limits: Limits = DEFAULT) -> Document:
    return txt.read(io.BytesIO(content), limits)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_unicode_by_its_mark(encoding: str) -> None:
    document = read("Zoë Ångström, Łódź".encode(encoding))
    assert (document.text, document.media_type, document.pages) == ("Zoë Ångström, Łódź", "text/plain", 1)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "utf-32"])
def test_other_encodings_are_refused_with_advice(encoding: str) -> None:
    with pytest.raises(ParseError, match="UTF-8") as caught:
        read("Zoë Ångström".encode(encoding))
    assert caught.value.code == "not_utf8"


def test_a_stray_nul_is_dropped() -> None:
    assert read(SENTENCE.encode() * 3 + b"\0").text == SENTENCE * 3


def test_blank_text_is_no_text() -> None:
    with pytest.raises(ParseError, match="no_text"):
        read(b" \r\n\t\n")


@pytest.mark.parametrize("size", [101, 20 * 2**20])
def test_text_over_the_limit(size: int) -> None:
    with pytest.raises(ParseError, match="too_long"):
        read(b"x" * size, Limits(characters=100))


def test_the_limit_counts_characters_not_bytes() -> None:
    assert len(read("\U0001f600".encode() * 100, Limits(characters=100)).text) == 100
