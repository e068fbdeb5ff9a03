"""The categories tables as Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.category_data import Reading
from training.markdown import cells, table
from training.targets import worst_label

COLUMNS = (
    "micro_f1", "micro_f1_95", "macro_f1", "map", "subset_accuracy", "hamming_loss", "bce", "ece", "n", "per_second",
)  # fmt: skip
ARGMAX = ("argmax_accuracy", "argmax_precision", "argmax_recall", "argmax_f1")
PER_LABEL = ("precision", "recall", "f1", "support", "threshold", "ece")
GAIN = ("n", "micro_f1", "micro_f1_cut", "difference", "difference_95")
REFERENCE = {
    "argmax_accuracy": 0.892, "argmax_precision": 0.923, "argmax_recall": 0.892, "argmax_f1": 0.903,
    "bce": 0.0181, "per_second": 39.2,
}  # fmt: skip
"""What the reference prints of itself: its split by rows, its tags left in, an RTX 4060."""
SHIPPED = Reading().name


def render(measured: Mapping[str, Any]) -> str:
    """Every figure."""
    tables, gain = measured["tables"], measured.get("whole_against_cut", {})
    every = [(name, model, row) for name, rows in tables.items() for model, row in rows.items()]
    parts = (
        table(("reading", "model", *COLUMNS),
              [(name, model, *cells({"ece": worst_label(row)} | row, COLUMNS)) for name, model, row in every]),
        table((SHIPPED, *PER_LABEL),
              [(label, *cells(row, PER_LABEL)) for label, row in _last(tables[SHIPPED])["per_label"].items()]),
        table(("reading", "model", "up to 512 tokens", "n", "over 512 tokens", "n"),
              [(name, model, *_lengths(row)) for name, model, row in every if "by_length" in row]),
        table(("resumes over 512 tokens", *GAIN), [("whole against cut", *cells(gain, GAIN))]),
        table(("by an argmax", "model", *ARGMAX, "bce", "per_second"), _argmax(every)),
    )  # fmt: skip
    return "\n\n".join("\n".join(part) for part in parts)


def _argmax(every: Sequence[tuple[str, str, Mapping[str, Any]]]) -> list[Sequence[str]]:
    columns = (*ARGMAX, "bce", "per_second")
    own = [(name, model, *cells(row, columns)) for name, model, row in every]
    return [("random, first 512, tags left in", "the reference, as printed", *cells(REFERENCE, columns)), *own]


def _last(rows: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ours stands last in a reading."""
    return list(rows.values())[-1]


def _lengths(row: Mapping[str, Any]) -> Sequence[str]:
    return [cell for part in row["by_length"].values() for cell in reversed(cells(part, ("n", "micro_f1")))]
