"""Makes the sample files that are not written by hand. Run it after changing anything under samples/source.

    python samples/build.py

The same sources give the same bytes: no time of day and no random number goes into any file.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.table import _Cell
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.platypus import Paragraph, SimpleDocTemplate

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "source"
WRITTEN = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
DAMAGED = "anders-vik-data-engineer"  # cut short on purpose: every pool has one such file
TABLE_MARK = "layout: table\n"  # the whole text lies in a table, as in many templates


def main(target: Path = HERE) -> None:
    """Write every generated file below `target`."""
    (target / "resumes").mkdir(exist_ok=True)
    (target / "jobs").mkdir(exist_ok=True)
    for source in sorted((SOURCE / "pdf").glob("*.txt")):
        content = pdf(source.read_text())
        if source.stem == DAMAGED:
            content = content[: len(content) // 2]
        (target / "resumes" / f"{source.stem}.pdf").write_bytes(content)
    for source in sorted((SOURCE / "docx").glob("*.txt")):
        (target / "resumes" / f"{source.stem}.docx").write_bytes(word(source.read_text()))
    write_csv(target / "resumes.csv", list(resume_rows()))
    jobs = [json.loads(line) for line in (HERE / "jobs.ndjson").read_text().splitlines()]
    write_csv(target / "jobs.csv", jobs)
    for job in jobs:
        (target / "jobs" / f"{job['external_id']}.txt").write_text(job_text(job))


def is_heading(line: str) -> bool:
    """Headings stand in capitals; nothing else in the sources does for a whole line."""
    return line.isupper() and len(line) < 60


def pdf(text: str) -> bytes:
    """A4 pages, one paragraph a line."""
    body = ParagraphStyle("body", fontName="Helvetica", fontSize=11.5, leading=17)
    styles = {
        "name": ParagraphStyle("name", body, fontName="Helvetica-Bold", fontSize=18, leading=24),
        "heading": ParagraphStyle("heading", body, fontName="Helvetica-Bold", spaceBefore=12),
        "item": ParagraphStyle("item", body, leftIndent=0.5 * cm),
        "body": body,
    }
    story = [Paragraph(escape(line) or "&nbsp;", styles[kind]) for kind, line in lines(text)]
    buffer = io.BytesIO()
    margin = 2.2 * cm
    template = SimpleDocTemplate(
        buffer, pagesize=A4, invariant=1, leftMargin=margin, rightMargin=margin, topMargin=margin, bottomMargin=margin
    )
    template.build(story)
    return buffer.getvalue()


def lines(text: str) -> Iterator[tuple[str, str]]:
    """(kind, line) of every line; kind: name, heading, item or body."""
    for number, line in enumerate(text.splitlines()):
        if number == 0:
            yield "name", line
        elif is_heading(line):
            yield "heading", line
        else:
            yield ("item" if line.startswith("- ") else "body"), line


def word(text: str) -> bytes:
    """Headings, bullet lists and tables; or one table that holds it all."""
    document = docx.Document()
    document.core_properties.author = "Winnow samples"
    document.core_properties.created = document.core_properties.modified = WRITTEN
    if text.startswith(TABLE_MARK):
        in_one_table(document, text.removeprefix(TABLE_MARK))
    else:
        in_paragraphs(document, text)
    buffer = io.BytesIO()
    document.save(buffer)
    return without_clock(buffer.getvalue())


def in_paragraphs(document: Document, text: str) -> None:
    """Lines with bars between their parts, two or more in a row, become a table."""
    for is_table, group in groupby(lines(text), lambda each: each[1].count(" | ") == 2 and "@" not in each[1]):
        if is_table:
            add_table(document, [line.split(" | ") for _, line in group])
        else:
            for kind, line in group:
                add_line(document, kind, line)


def add_line(holder: Document | _Cell, kind: str, line: str) -> None:
    """One paragraph; blank lines are the styles' business."""
    if line:
        style = {"name": "Title", "heading": "Heading 2", "item": "List Bullet", "body": "Normal"}[kind]
        holder.add_paragraph(line.removeprefix("- "), style=style)


def add_table(document: Document, rows: list[list[str]]) -> None:
    """A plain grid."""
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def in_one_table(document: Document, text: str) -> None:
    """A row a section: the heading on the left, its lines on the right."""
    table = document.add_table(rows=0, cols=2)
    for section in text.split("\n\n"):
        first, *rest = section.splitlines()
        left, right = table.add_row().cells
        left.text = first
        for line in rest:
            add_line(right, "item" if line.startswith("- ") else "body", line)


def without_clock(package: bytes) -> bytes:
    """The same ZIP package with one fixed time on all its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return buffer.getvalue()


def resume_rows() -> Iterator[dict[str, str]]:
    """One row a file of source/csv; its name begins with the external id."""
    for source in sorted((SOURCE / "csv").glob("*.txt")):
        text = source.read_text().strip()
        yield {"external_id": source.stem[:5], "name": text.splitlines()[0], "text": text}


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    """RFC 4180, UTF-8."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def job_text(job: dict[str, str]) -> str:
    """A job posting as a person would save it: title, description, then the lists."""
    sections = [job["title"], job["description"]]
    sections += [f"{name.capitalize()}\n{job[name]}" for name in ("education", "experience", "skills")]
    return "\n\n".join(sections) + "\n"


if __name__ == "__main__":
    main()
