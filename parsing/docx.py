"""DOCX files, opened by python-docx and read in document order.

python-docx's own `iter_inner_content` leaves out content controls (the fields of Word's resume templates), text boxes
and tracked insertions, so the text is read off the XML. Tags are those of ECMA-376 part 1, chapter 17.
"""

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import docx
from docx.document import Document as WordDocument
from lxml import etree  # type: ignore[import-untyped]

from parsing.document import Document
from parsing.errors import ParseError
from parsing.limits import Limits
from parsing.text import check_length, clean

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # a text box's second rendering
_INLINE = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SKIPPED = frozenset({_FALLBACK, f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr"})
_NO_MEMORY = 2  # libxml2's XML_ERR_NO_MEMORY


def read(stream: BinaryIO, limits: Limits) -> Document:
    """Headers, body with its tables, footers. Raises ParseError damaged, unsupported_type, archive_bomb, no_text,
    too_long, memory.
    """
    try:
        _check_unpacked(stream, limits.unpacked)
        lines = list(_document_lines(docx.Document(stream)))
    except (ParseError, MemoryError):
        raise
    except etree.XMLSyntaxError as error:
        if error.code == _NO_MEMORY:
            raise MemoryError from error
        raise _damaged() from error
    except ValueError as error:  # python-docx, of a template or a document with macros
        if "not a Word file" in str(error):
            raise ParseError("unsupported_type", "The file is no plain Word document. Save it as DOCX.") from error
        raise _damaged() from error
    except Exception as error:  # a broken package fails in many ways: KeyError, AttributeError, BadZipFile, zlib.error
        raise _damaged() from error
    text = clean("\n".join(lines))
    check_length(len(text), limits.characters)
    if not text:
        raise ParseError("no_text", "The document holds no text. If it is a picture, send text or run OCR on it.")
    return Document(
        text=text,
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        pages=1,
    )


def _check_unpacked(stream: BinaryIO, limit: int) -> None:
    """zipfile never hands out more than an entry's declared size, so here declared sizes can be trusted."""
    with zipfile.ZipFile(stream) as package:
        unpacked = sum(entry.file_size for entry in package.infolist())
    stream.seek(0)
    if unpacked > limit:
        raise ParseError("archive_bomb", f"The document unpacks to more than {limit:,} bytes. Remove pictures.")


def _document_lines(document: WordDocument) -> Iterator[str]:
    headers, footers = _margins(document)
    yield from headers
    yield from _lines(document.element.body)
    yield from footers


def _margins(document: WordDocument) -> tuple[list[str], list[str]]:
    """Headers and footers of all sections, each text once. A linked one repeats its predecessor's."""
    headers: dict[str, None] = {}
    footers: dict[str, None] = {}
    for section in document.sections:
        for header in (section.first_page_header, section.header, section.even_page_header):
            if not header.is_linked_to_previous:
                headers["\n".join(_lines(header._element))] = None
        for footer in (section.first_page_footer, section.footer, section.even_page_footer):
            if not footer.is_linked_to_previous:
                footers["\n".join(_lines(footer._element))] = None
    return list(headers), list(footers)


def _lines(container: Any) -> Iterator[str]:
    """The lines of a body, cell, text box or content control, in document order."""
    for element in container:
        if element.tag == f"{_W}p":
            yield from _paragraph(element)
        elif element.tag == f"{_W}tbl":
            yield from _table(element)
        elif element.tag not in _SKIPPED:
            yield from _lines(element)


def _paragraph(paragraph: Any) -> Iterator[str]:
    """The paragraph's own text, then that of the text boxes anchored in it."""
    boxes: list[Any] = []
    yield "".join(_inline(paragraph, boxes))
    for box in boxes:
        yield from _lines(box)


def _inline(element: Any, boxes: list[Any]) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _INLINE:
            yield _INLINE[child.tag]
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag not in _SKIPPED:
            yield from _inline(child, boxes)


def _table(table: Any) -> Iterator[str]:
    """A row of one-line cells becomes one line; where cells hold paragraphs (a table for layout) they follow on."""
    for row in table.iter(f"{_W}tr"):
        if _owner(row, f"{_W}tbl") is table:
            cells = [list(_lines(cell)) for cell in row.iter(f"{_W}tc") if _owner(cell, f"{_W}tr") is row]
            yield from _row(cells)


def _row(cells: list[list[str]]) -> Iterator[str]:
    filled = [[line for line in cell if line.strip()] for cell in cells]
    if all(len(cell) <= 1 for cell in filled):
        yield " | ".join(line for cell in filled for line in cell)
    else:
        for cell in cells:
            yield from cell


def _owner(element: Any, tag: str) -> Any:
    """The nearest ancestor of this tag: rows and cells may lie in content controls, and tables in cells."""
    return next(element.iterancestors(tag))


def _damaged() -> ParseError:
    return ParseError("damaged", "The document is damaged or cut short. Open it in Word and save it again as DOCX.")
