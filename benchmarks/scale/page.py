"""The sections of docs/PERFORMANCE.md on how costs grow with the tables and what rows take, from docs/scale.json."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.performance.page import DOCS, PAGE
from benchmarks.performance.provenance import Provenance
from benchmarks.performance.row import figure
from benchmarks.scale.sizes import Bytes
from benchmarks.scale.timing import Answer
from training.markdown import table
from training.report import insert

FIGURES = DOCS / "scale.json"


def keep(run: dict[str, Any]) -> None:
    """Write a run's figures, and the page from them."""
    FIGURES.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    page = insert(PAGE.read_text(encoding="utf-8"), "scale", answers(run))
    PAGE.write_text(insert(page, "bytes", sizes(run)), encoding="utf-8")


def as_run(
    answers: Sequence[Answer],
    tables: Sequence[Bytes],
    indexes: dict[str, float],
    explanation: float,
    dropped: dict[int, tuple[int, float]],
    provenance: Provenance,
) -> dict[str, Any]:
    """All that one run found, as JSON holds it."""
    return {
        **asdict(provenance),
        "answers": [_keyed(asdict(one)) for one in answers],
        "tables": [{**asdict(one), "total": one.total} for one in tables],
        "indexes": indexes,
        "explanation": explanation,
        "dropped": {str(scores): {"rows": rows, "ms": 1000 * seconds} for scores, (rows, seconds) in dropped.items()},
    }


def answers(run: dict[str, Any]) -> str:
    """What each question cost by size, and how that grew."""
    sizes = sorted(run["answers"][0]["again"], key=int)
    columns = ("asked", *(f"{int(size):,} scores" for size in sizes), "growth", "tables read whole")
    rows = [
        (
            one["question"],
            *(f"{figure(one['server'][size])} ({figure(one['again'][size])}) {one['unit']}" for size in sizes),
            "{}x ({} to {})".format(*map(figure, one["growth"])),
            ", ".join(one["whole"]) or "none",
        )
        for one in run["answers"]
    ]
    if run["dropped"]:
        by_size = [run["dropped"][size] for size in sizes]
        times = [f"{figure(one['ms'])} ms, {one['rows']:,} scores" for one in by_size]
        rows.append(("dropping a month (by the clock)", *times, f"{figure(by_size[-1]['ms'] / by_size[0]['ms'])}x", ""))
    told = (
        f"Processor time of the server, and in brackets time by the clock; medians of {run['answers'][0]['rounds']} "
        f"rounds. {run['date'][:10]}, commit {run['commit']}, {run['machine']}, load {run['load']} before."
    )
    return "\n".join([*table(columns, rows), "", told])


def sizes(run: dict[str, Any]) -> str:
    """Bytes a row, and those of the indexes of scores."""
    rows = [
        (one["table"], f"{one['rows']:,}", *(f"{one[part]:,.0f}" for part in ("heap", "toast", "indexes", "total")))
        for one in run["tables"]
    ]
    lines = table(("table", "rows", "bytes a row", "out of line", "indexes", "all"), rows)
    each = ", ".join(f"`{name}` {size:,.0f}" for name, size in sorted(run["indexes"].items()))
    told = f"Of a score's bytes {run['explanation']:,.0f} are its explanation. Its indexes, bytes a score: {each}."
    return "\n".join([*lines, "", told])


def _keyed(answer: dict[str, Any]) -> dict[str, Any]:
    """Sizes as JSON has them, so that figures read back are the same."""
    return {
        name: {str(size): value for size, value in part.items()} if isinstance(part, dict) else part
        for name, part in answer.items()
    }
