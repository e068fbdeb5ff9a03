"""Small files made on the spot for the parsing tests."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping

import docx
import pypdf
from PIL import Image
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

SENTENCE = "Eight years of keeping ward records, training new nurses and planning rosters."


def pdf(*pages: Iterable[str]) -> bytes:
    """A PDF of the given pages, each a list of lines."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in pages:
        for number, line in enumerate(page):
            canvas.drawString(40, 800 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def scanned_pdf(stamp: str = "") -> bytes:
    """A PDF whose page is a picture, with a scanning app's stamp."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawImage(ImageReader(Image.new("L", (20, 20), 200)), 0, 0, 500, 700)
    canvas.drawString(40, 20, stamp)
    canvas.save()
    return buffer.getvalue()


def protected_pdf(user_password: str) -> bytes:
    """A PDF under AES-256; with an empty user password it opens for everyone, but may not be edited."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf([SENTENCE])))
    writer.encrypt(user_password, owner_password="owner", algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def exploding_pdf(megabytes: int) -> bytes:
    """A PDF whose one page's content unpacks to so many megabytes of drawing operators."""
    content = zlib.compress(b"BT /F 9 Tf (x) Tj ET\n" * (megabytes * 2**20 // 21), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n0\n%%EOF\n"


def word(document: "docx.document.Document") -> bytes:
    """The document's bytes."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def simple_docx(*paragraphs: str) -> bytes:
    """A DOCX of plain paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return word(document)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these members, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()
