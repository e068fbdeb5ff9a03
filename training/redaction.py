"""Measures redaction and fields: `python -m training.redaction --data-dir DIR` fills their tables in docs/MODELS.md.

On invented resumes, whose personal data is known by construction, and on the sixty labelled ones (training/labels).
Redaction: a label is found when every letter and digit of it is replaced, whatever the kind; a span is right when it
touches a label of any personal kind. Fields: a label is found when a span of its kind touches it, and the other way
round. What touches only `ignore` counts for nothing.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scoring.fields.fields import Fields
from scoring.leaks import leaks
from scoring.redact import KINDS, read
from scoring.spans import Span, overlaps
from training.invented import invent
from training.labelled import corpus_texts, labelled_documents, read_labelled
from training.report import insert

FIELD_KINDS = ("title", "employer", "dates", "years", "degree", "language", "certification")
INVENTED, SEED, SPEED_RESUMES = 600, 20261122, 500


@dataclass(frozen=True, slots=True)
class Document:
    """A text, what is known to be in it, and what was found."""

    text: str
    labels: tuple[Span, ...]
    found: tuple[Span, ...]
    fields: Fields
    leaked: int


def read_documents(documents: Iterable[tuple[str, tuple[Span, ...]]]) -> list[Document]:
    """Redact every document and read its fields."""
    result = []
    for text, labels in documents:
        reading = read(text)
        result.append(
            Document(text, labels, reading.redacted.spans, reading.fields, len(leaks(text, reading.redacted)))
        )
    return result


def redaction_rows(documents: Sequence[Document]) -> dict[str, dict]:
    """By kind: labels, how many are covered wholly and in part, spans, and how many touch something personal."""
    rows = {}
    for kind in KINDS:
        labels = [(document, label) for document in documents for label in document.labels if label.kind == kind]
        covered = [_covered(document.text, label, document.found) for document, label in labels]
        spans = [
            (document, span)
            for document in documents
            for span in document.found
            if span.kind == kind and _counts(span, document.labels, KINDS)
        ]
        right = sum(
            overlaps(span, [label for label in document.labels if label.kind in KINDS]) for document, span in spans
        )
        rows[kind] = _row(
            len(labels),
            sum(share == 1 for share in covered),
            len(spans),
            right,
            touched=sum(share > 0 for share in covered),
        )
    return _with_total(rows)


def field_rows(documents: Sequence[Document]) -> dict[str, dict]:
    """By kind: labels, how many a span of the kind touches, spans, and how many of those touch such a label."""
    rows = {}
    for kind in FIELD_KINDS:
        labels = found = spans = right = 0
        for document in documents:
            wanted = [label for label in document.labels if label.kind == kind]
            got = [
                span
                for span in document.fields.spans()
                if span.kind == kind and _counts(span, document.labels, (kind,))
            ]
            labels, found = labels + len(wanted), found + sum(overlaps(label, got) for label in wanted)
            spans, right = spans + len(got), right + sum(overlaps(span, wanted) for span in got)
        rows[kind] = _row(labels, found, spans, right)
    return _with_total(rows)


def _covered(text: str, label: Span, found: Sequence[Span]) -> float:
    """The share of a label's letters and digits that lies under spans."""
    positions = [position for position in range(label.start, label.end) if text[position].isalnum()]
    hidden = sum(any(span.start <= position < span.end for span in found) for position in positions)
    return hidden / len(positions)


def _counts(span: Span, labels: Sequence[Span], kinds: Sequence[str]) -> bool:
    """Does the span count, as right or wrong? Not when it touches nothing but what can be read either way."""
    return overlaps(span, [label for label in labels if label.kind in kinds]) or not overlaps(
        span, [label for label in labels if label.kind == "ignore"]
    )


def _row(labels: int, found: int, spans: int, right: int, touched: int | None = None) -> dict:
    row = {
        "labels": labels,
        "found": found,
        "recall": found / labels if labels else None,
        "spans": spans,
        "right": right,
    }
    return {
        **row,
        "precision": right / spans if spans else None,
        **({"touched": touched} if touched is not None else {}),
    }


def _with_total(rows: dict[str, dict]) -> dict[str, dict]:
    sums: Counter[str] = Counter()
    for row in rows.values():
        sums.update({key: row[key] for key in ("labels", "found", "spans", "right")})
    touched = sum(row["touched"] for row in rows.values()) if all("touched" in row for row in rows.values()) else None
    return {**rows, "all": _row(sums["labels"], sums["found"], sums["spans"], sums["right"], touched)}


def measure(data_dir: Path) -> dict:
    """Every figure of the two tables."""
    labelled = list(read_labelled(data_dir))
    real = read_documents((document.text, document.labels) for document in labelled)
    made = read_documents((resume.text, resume.spans) for resume in invent(INVENTED, SEED))
    return {
        "real": {
            "documents": len(real),
            "left_out": len(labelled_documents()) - len(real),
            "leaks": sum(document.leaked for document in real),
            "redaction": redaction_rows(real),
            "fields": field_rows(real),
        },
        "invented": {
            "documents": len(made),
            "leaks": sum(document.leaked for document in made),
            "redaction": redaction_rows(made),
        },
        "megabytes_a_second": _speed(corpus_texts(data_dir, SPEED_RESUMES)),
    }


def _speed(texts: Sequence[str]) -> float:
    """Megabytes (of characters) redacted a second of CPU time, on one core, with the fields read in the same pass."""
    started = time.process_time()
    for text in texts:
        read(text)
    return sum(map(len, texts)) / 1e6 / (time.process_time() - started)


def render(figures: dict) -> str:
    """The tables in Markdown."""
    real, invented = figures["real"], figures["invented"]
    return "\n\n".join(
        (
            f"Redaction, {real['documents']} real resumes ({real['left_out']} left"
            f" out: their text is not the one that was"
            f" labelled). The leak check finds {real['leaks']} places afterwards.",
            _redaction_table(real["redaction"]),
            f"Redaction, {invented['documents']} invented resumes. The leak check"
            f" finds {invented['leaks']} places afterwards.",
            _redaction_table(invented["redaction"]),
            "Fields, the same real resumes.",
            _field_table(real["fields"]),
            f"{SPEED_RESUMES} resumes of the corpus were read at {figures['megabytes_a_second']:.2f} MB of text a"
            " second of CPU time on one core, fields included, beside other work on the machine.",
        )
    )


def _redaction_table(rows: dict[str, dict]) -> str:
    header = ("kind", "labels", "wholly redacted", "recall", "touched", "spans", "right", "precision")
    return _table(
        header,
        [
            _cells(kind, row, ("labels", "found", "recall", "touched", "spans", "right", "precision"))
            for kind, row in rows.items()
        ],
    )


def _field_table(rows: dict[str, dict]) -> str:
    columns = ("labels", "found", "recall", "spans", "right", "precision")
    return _table(("field", *columns), [_cells(kind, row, columns) for kind, row in rows.items()])


def _cells(kind: str, row: dict, columns: Sequence[str]) -> list[str]:
    values = [row[column] for column in columns]
    return [
        kind.replace("_", " "),
        *("-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value) for value in values),
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))


def main() -> None:
    """Measure, keep the figures in docs/models.json, and put the tables between their markers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    figures = measure(options.data_dir)
    store = options.page.with_name("models.json")
    kept = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    store.write_text(json.dumps({**kept, "redaction": figures}, indent=1) + "\n", encoding="utf-8")
    options.page.write_text(
        insert(options.page.read_text(encoding="utf-8"), "redaction", render(figures)), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
