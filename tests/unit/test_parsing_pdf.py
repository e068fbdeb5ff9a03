import io

import pytest
from parsing_files import SENTENCE, exploding_pdf, pdf, protected_pdf, scanned_pdf

from parsing import pdf as pdf_format
from parsing.document import Document
from parsing.errors import ParseError
from parsing.limits import Limits

DEFAULT = Limits()


def read(content: bytes, limits: Limits = DEFAULT) -> Document:
    return pdf_format.read(io.BytesIO(content), limits)


def code_of(content: bytes, limits: Limits = DEFAULT) -> str:
    with pytest.raises(ParseError) as caught:
        read(content, limits)
    return caught.value.code


def test_all_pages_in_order() -> None:
    document = read(pdf(["Jane Roe", "Nurse"], ["Page two"], ["Page three"]))
    assert document.text == "Jane Roe\nNurse\n\nPage two\n\nPage three"
    assert (document.media_type, document.pages) == ("application/pdf", 3)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_damaged_not_partly_read(share: float) -> None:
    whole = pdf(*[[SENTENCE] * 20] * 4)
    assert code_of(whole[: int(len(whole) * share)]) == "damaged"


def test_password() -> None:
    assert code_of(protected_pdf("secret")) == "password_protected"


def test_a_file_only_guarded_against_editing_is_read() -> None:
    assert read(protected_pdf("")).text == SENTENCE


@pytest.mark.parametrize("stamp", ["", "Scanned with SomeApp"])
def test_a_scan_has_no_text(stamp: str) -> None:
    assert code_of(scanned_pdf(stamp)) == "no_text"


def test_empty_pages_have_no_text() -> None:
    assert code_of(pdf([""])) == "no_text"


def test_a_short_text_beside_no_picture_is_text() -> None:
    assert read(pdf(["Jane Roe"])).text == "Jane Roe"


def test_too_long() -> None:
    assert code_of(pdf(*[[SENTENCE] * 50] * 3), Limits(characters=1000)) == "too_long"


def test_content_that_unpacks_beyond_pypdf_limit() -> None:
    assert code_of(exploding_pdf(80)) == "memory"
