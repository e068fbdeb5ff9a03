"""What was aimed at, beside what came out: the first table of docs/MODELS.md, from the figures of all others.

`training.report` writes it anew whenever it keeps figures, so that it never says anything else than they do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.markdown import cells, table

Figures = Mapping[str, Any]
HEADER = ("what", "wanted", "reached", "met")
INTERVAL = "{}_95"


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that is to reach `bound`, or to stay within it (`at_most`).

    `kind` is its table, `row` a pattern of the row's name; of several rows the last counts. `clear`: its 95% interval
    must lie above zero as well.
    """

    what: str
    kind: str
    row: str
    column: str
    bound: float
    at_most: bool = False
    clear: bool = False

    def line(self, figures: Figures) -> tuple[str, str, str, str]:
        """A line of the table; `figures` are all kinds', as docs/models.json holds them."""
        row = self._row(figures)
        wanted = f"{'<=' if self.at_most else '>='} {self.bound}{', interval above 0' if self.clear else ''}"
        if row.get(self.column) is None:
            return self.what, wanted, "not measured", "-"
        interval = INTERVAL.format(self.column)
        reached, *spread = cells(row, (self.column, interval) if interval in row else (self.column,))
        return self.what, wanted, reached + "".join(f" ({part})" for part in spread), "yes" if self._met(row) else "no"

    def _row(self, figures: Figures) -> Figures:
        rows = named_rows(self.kind, figures.get(self.kind, {}))
        return next((row for name, row in reversed(rows.items()) if re.fullmatch(self.row, name)), {})

    def _met(self, row: Figures) -> bool:
        figure = row[self.column]
        value = figure["mean"] if isinstance(figure, Mapping) else figure
        reached = value <= self.bound if self.at_most else value >= self.bound
        return reached and (not self.clear or row[INTERVAL.format(self.column)][0] > 0)


def named_rows(kind: str, figures: Figures) -> dict[str, Figures]:
    """The rows of a kind by name; of categories `READING: MODEL`, with the calibration error of the worst label."""
    if kind != "categories":
        return dict(figures)
    rows = {
        f"{reading}: {model}": {"ece": worst_label(row)} | row
        for reading, models in figures.get("tables", {}).items()
        for model, row in models.items()
    }
    return {**rows, "whole against cut": figures.get("whole_against_cut", {})}


def worst_label(row: Figures) -> float:
    """The calibration error of the label that is calibrated worst."""
    return max(label["ece"] for label in row["per_label"].values())


_RESUMES, _JOBS, _OURS = r"unseen resumes: recipe of match/\d+", r"unseen jobs: recipe of match/\d+", ": our recipe"
_HEADERS = r"match/\d+, all swaps of headers and pronouns, redacted"
TARGETS = (
    Target("categories, grouped: micro-F1", "categories", "grouped: our pack", "micro_f1", 0.95),
    Target("categories, grouped: mAP", "categories", "grouped: our pack", "map", 0.98),
    Target("categories, grouped, label names masked: micro-F1", "categories", f"grouped, label names masked{_OURS}",
           "micro_f1", 0.87),
    Target("categories, grouped, titles masked: micro-F1", "categories", f"grouped, titles masked{_OURS}",
           "micro_f1", 0.87),
    Target("categories, random rows: BCE", "categories", f"random{_OURS}", "bce", 0.018, at_most=True),
    Target("categories, over 512 tokens: micro-F1, whole less cut at 512", "categories", "whole against cut",
           "difference", 0.01, clear=True),
    Target("categories, grouped: calibration error of the worst label", "categories", "grouped: our pack", "ece", 0.03,
           at_most=True),
    Target("match, unseen resumes: AUC", "match", _RESUMES, "auc", 0.88),
    Target("match, unseen resumes: accuracy", "match", _RESUMES, "accuracy", 0.84),
    Target("match, unseen resumes: calibration error", "match", _RESUMES, "ece", 0.03, at_most=True),
    Target("match, unseen jobs: AUC", "match", _JOBS, "auc", 0.75),
    Target("match, unseen jobs: Spearman inside a job", "match", _JOBS, "spearman_in_job", 0.45),
    Target("match, swaps of headers and pronouns, redacted: share of flips", "fairness", _HEADERS, "flip_share", 0.005,
           at_most=True),
    Target("spam: recall", "spam", r"pack spam/\d+", "recall", 0.9),
    Target("spam: F1", "spam", r"pack spam/\d+", "f1", 0.95),
    Target("toxicity (Wikipedia): AUC-PR", "toxicity", r"pack toxicity/\d+", "auc_pr", 0.85),
    Target("toxicity (Wikipedia): recall", "toxicity", r"pack toxicity/\d+", "recall", 0.5),
    Target("a bad line planted in a resume, on a line of its own: share found", "documents",
           "either planted on a line of its own", "share", 0.8),
    Target("a bad line planted in a resume, in running text: share found", "documents",
           "either planted in running text", "share", 0.8),
    Target("untouched resumes: share flagged", "documents", "untouched resumes", "share", 0.005, at_most=True),
    Target("untouched postings: share flagged", "documents", "untouched postings", "share", 0.005, at_most=True),
)  # fmt: skip


def render(figures: Figures) -> str:
    """The table in Markdown."""
    return "\n".join(table(HEADER, [target.line(figures) for target in TARGETS]))
