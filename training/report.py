"""The tables of docs/MODELS.md: figures are kept in docs/models.json and put between the page's markers.

No figure there is typed by hand; a command whose figures the targets name calls `keep`, which writes these anew too.
"""

import json
from pathlib import Path

from training import targets
from training.markdown import cells, table

MESSAGES = (
    "precision", "recall", "recall_95", "f1", "f1_95", "auc_pr", "auc_pr_95", "threshold", "n", "positives",
    "per_second",
)  # fmt: skip
COLUMNS = {
    "match": (
        "accuracy",
        "auc",
        "f1",
        "ece",
        "ece_95",
        "spearman_in_job",
        "ndcg10_in_job",
        "auc_in_job",
        "n",
        "per_second",
    ),
    "pairs": (
        "accuracy",
        "auc",
        "f1",
        "ece",
        "spearman_in_job",
        "ndcg10_in_job",
        "auc_in_job",
        "n",
        "per_second",
    ),
    "spam": MESSAGES,
    "toxicity": MESSAGES,
    "explanations": ("share", "low", "high", "fall_named", "fall_random", "passes", "windows", "n", "resumes"),
    "fairness": ("resumes", "n", "texts", "signed", "mean", "p95", "max", "flips", "flip_share"),
    "latencies": ("calls", "median_ms", "p95_ms", "items_per_second"),
    "documents": ("n", "found", "share", "share_95", "spam", "toxicity", "per_second"),
}
NAMES = {
    "fairness": "change",
    "match": "split: model",
    "pairs": "split: model",
    "latencies": "calls of /ats/evaluate",
}
"""What the rows of a table are, where they are not sides or baselines."""
TARGETS = "targets"
BEGIN, END = "<!-- figures: {} -->", "<!-- /figures: {} -->"


def render(kind: str, rows: dict[str, dict]) -> str:
    """One table in Markdown."""
    columns, named = COLUMNS[kind], NAMES.get(kind, "held-out side")
    return "\n".join(table((named, *columns), [(name, *cells(row, columns)) for name, row in rows.items()]))


def insert(page: str, kind: str, text: str) -> str:
    """The page with a text between its markers; raises ValueError when they are not there."""
    begin, end = BEGIN.format(kind), END.format(kind)
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page has no markers for {kind}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def kept(page: Path, kind: str) -> dict:
    """The figures that were last kept beside a page; none is an empty one."""
    store = page.with_name("models.json")
    return dict(json.loads(store.read_text(encoding="utf-8")).get(kind, {})) if store.exists() else {}


def keep(page: Path, kind: str, rows: dict[str, dict], text: str | None = None) -> None:
    """Put figures into models.json beside the page, and their table (or `text`) into the page; leave all else there."""
    store = page.with_name("models.json")
    figures = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    figures[kind] = rows
    store.write_text(json.dumps(figures, indent=1, default=float) + "\n", encoding="utf-8")
    written = insert(page.read_text(encoding="utf-8"), kind, text or render(kind, rows))
    page.write_text(insert(written, TARGETS, targets.render(figures)), encoding="utf-8")
