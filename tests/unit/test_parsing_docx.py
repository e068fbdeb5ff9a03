import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from parsing_files import SENTENCE, simple_docx, word, zipped

from parsing import docx as docx_format
from parsing.document import Document
from parsing.errors import ParseError
from parsing.limits import Limits

DEFAULT = Limits()


def read(content: bytes, limits: Limits = DEFAULT) -> Document:
    return docx_format.read(io.BytesIO(content), limits)


def lines(document: "docx.document.Document") -> list[str]:
    return [line for line in read(word(document)).text.split("\n") if line]


def test_paragraphs_and_tables_in_document_order() -> None:
    document = docx.Document()
    document.add_paragraph("before")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Skill", "Years", "Triage", "8"], strict=True):
        cell.text = text
    document.add_paragraph("after")
    assert lines(document) == ["before", "Skill | Years", "Triage | 8", "after"]


def test_text_that_lies_in_tables_alone_nested_and_merged() -> None:
    document = docx.Document()
    outer = document.add_table(rows=1, cols=2)
    outer.cell(0, 0).text = "Jane Roe"
    inner = outer.cell(0, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).merge(inner.cell(0, 1)).text = "Nurse"
    inner.cell(0, 0).add_paragraph("Registered")
    assert lines(document) == ["Jane Roe", "Nurse", "Registered"]


def test_headers_and_footers_each_once() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Jane Roe"
    document.sections[0].footer.paragraphs[0].text = "page 1"
    document.add_paragraph("body")
    document.add_section()
    assert lines(document) == ["Jane Roe", "body", "page 1"]


def test_tabs_breaks_links_and_tracked_changes() -> None:
    document = docx.Document()
    body = (
        "<w:p {ns}><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"
        "<w:ins><w:r><w:t>kept</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:t> link</w:t></w:r></w:hyperlink></w:p>"
    )
    document.element.body.insert(0, parse_xml(body.format(ns=nsdecls("w"))))
    assert lines(document) == ["a b", "ckept link"]


def test_content_controls_and_text_boxes_once() -> None:
    document = docx.Document()
    control = "<w:sdt {ns}><w:sdtContent><w:p><w:r><w:t>Summary</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    box = "<w:txbxContent><w:p><w:r><w:t>Contact</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    drawn = (
        f"<w:p {{ns}} {mc}><w:r><w:t>Anchor</w:t><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    for number, xml in enumerate([control, drawn]):
        document.element.body.insert(number, parse_xml(xml.format(ns=nsdecls("w"))))
    assert lines(document) == ["Summary", "Anchor", "Contact"]


def code_of(content: bytes, limits: Limits = DEFAULT) -> str:
    with pytest.raises(ParseError) as caught:
        read(content, limits)
    return caught.value.code


def test_a_package_without_its_parts_is_damaged() -> None:
    assert code_of(zipped({"word/document.xml": b"<w:document/>"})) == "damaged"


def test_a_broken_part_is_damaged() -> None:
    whole = bytearray(simple_docx(SENTENCE))
    middle = len(whole) // 2
    whole[middle - 2000 : middle + 2000] = b"\xff" * 4000
    assert code_of(bytes(whole)) == "damaged"


def test_nothing_in_it_is_no_text() -> None:
    assert code_of(simple_docx("", " ")) == "no_text"


def test_too_long() -> None:
    assert code_of(simple_docx(*[SENTENCE] * 100), Limits(characters=1000)) == "too_long"


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    assert code_of(simple_docx("a" * 10_000_000), Limits(unpacked=5_000_000)) == "archive_bomb"
