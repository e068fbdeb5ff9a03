"""Writes the tables of docs/MODELS.md: `python -m training.report --data FOLDER`.

Measures the shipped match pack and the baselines on the same held-out rows, keeps the figures in
docs/models.json, and puts the tables between the markers of docs/MODELS.md. No figure there is typed by hand.
"""

import argparse
import json
from pathlib import Path

from scoring.packs import load_pack
from training.baselines import match_baselines
from training.evaluate import evaluate
from training.markdown import cells, table

FILES = {"match": "resume_data.csv"}
BASELINES = {"match": match_baselines}
MESSAGES = (
    "precision", "recall", "recall_95", "f1", "f1_95", "auc_pr", "auc_pr_95", "threshold", "n", "positives",
    "per_second",
)  # fmt: skip
COLUMNS = {
    "match": ("auc", "accuracy", "f1", "ece", "auc_in_job", "spearman_in_job", "ndcg10_in_job", "n", "seconds"),
    "spam": MESSAGES,
    "toxicity": MESSAGES,
    "explanations": ("share", "low", "high", "fall_named", "fall_random", "passes", "windows", "n", "resumes"),
    "fairness": ("resumes", "n", "texts", "signed", "mean", "p95", "max", "flips", "flip_share"),
    "documents": ("n", "found", "share", "share_95", "spam", "toxicity", "per_second"),
}
NAMES = {"fairness": "change"}
"""What the rows of a table are, where they are not sides or baselines."""
BEGIN, END = "<!-- figures: {} -->", "<!-- /figures: {} -->"


def measure(kind: str, data: Path, packs: Path) -> dict[str, dict]:
    """Every row of one table: the baselines, then the shipped pack, on the held-out side of the training file."""
    rows = BASELINES[kind](data / FILES[kind])
    pack = load_pack(packs / kind / "1")
    return {**rows, f"pack {kind}/{pack.version}": evaluate(kind, data / FILES[kind], pack, "heldout")}


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


def keep(page: Path, kind: str, rows: dict[str, dict], text: str | None = None) -> None:
    """Put figures into models.json beside the page, and their table (or `text`) into the page; leave all else there."""
    store = page.with_name("models.json")
    figures = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    figures[kind] = rows
    store.write_text(json.dumps(figures, indent=1, default=float) + "\n", encoding="utf-8")
    page.write_text(insert(page.read_text(encoding="utf-8"), kind, text or render(kind, rows)), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--only", choices=FILES, nargs="+", default=list(FILES), help="measure these alone")
    parser.add_argument("--packs", type=Path, default=Path("packs"))
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    for kind in options.only:
        keep(options.page, kind, measure(kind, options.data, options.packs))


if __name__ == "__main__":
    main()
