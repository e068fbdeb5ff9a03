import io

import pytest
from parsing_files import SENTENCE, pdf, simple_docx, zipped

from parsing.errors import ParseError
from parsing.media import Kind, readable_kind

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


def kind_of(content: bytes, name: str) -> Kind:
    return readable_kind(io.BytesIO(content), name)


@pytest.mark.parametrize("name", ["cv.pdf", "cv.txt", "cv.docx", "cv", "CV.PDF"])
def test_content_wins_over_the_name(name: str) -> None:
    assert kind_of(pdf([SENTENCE]), name) is Kind.PDF
    assert kind_of(simple_docx(SENTENCE), name) is Kind.DOCX


def test_a_pdf_may_begin_with_a_few_other_bytes() -> None:
    assert kind_of(b"\r\n\r\n" + pdf([SENTENCE]), "cv.pdf") is Kind.PDF


@pytest.mark.parametrize("name", ["cv.txt", "cv", "folder.d/cv", "cv.md", "C:\\cvs\\cv.TXT"])
def test_text_is_told_by_its_name(name: str) -> None:
    assert kind_of(SENTENCE.encode(), name) is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "cv.pdf", "empty_file"),
        (SENTENCE.encode(), "cv.pdf", "damaged"),
        (SENTENCE.encode(), "cv.docx", "damaged"),
        (simple_docx(SENTENCE)[:3000], "cv.docx", "damaged"),
        (simple_docx(SENTENCE)[:3000], "cv", "damaged"),
        (OLE, "cv.doc", "unsupported_type"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "cv.docx", "password_protected"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "cv.xlsx", "unsupported_type"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "cv.odt", "unsupported_type"),
        (zipped({"a.txt": b""}), "cv.zip", "unsupported_type"),
        (b"{\\rtf1 hello}", "cv.rtf", "unsupported_type"),
        (b"\x89PNG\r\n\x1a\n", "cv.png", "unsupported_type"),
        (b" <!DOCTYPE HTML><p>", "cv.txt", "unsupported_type"),
        (b"name,text\n", "cv.csv", "unsupported_type"),
    ],
)
def test_everything_else_is_refused_with_a_reason(content: bytes, name: str, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        kind_of(content, name)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
