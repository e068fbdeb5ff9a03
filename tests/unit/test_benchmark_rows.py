"""Rows of the benchmark: their verdicts, how they are kept, and how the page shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.performance import kept, optimised, page, plot
from benchmarks.performance.kept import Kept
from benchmarks.performance.peers import interleave, ratios
from benchmarks.performance.provenance import Provenance
from benchmarks.performance.registry import ROWS
from benchmarks.performance.row import Curve, Row, Target


def row(name: str, *values: float, at_most: bool = False, curve: Curve | None = None) -> Row:
    rates = {"Winnow, rows/s": 12_345.6}
    return Row(
        name, "a peer", Target(2.0, at_most), values, rates, "2.2x: padding", 10, "samples", "Disk | bound.", curve
    )


def line(made: Row) -> Kept:
    return kept.as_line("intake", "full", made, Provenance("a machine", 0.1, "2026-01-02 03:04", "abc"))


@pytest.mark.parametrize(("at_most", "values", "met"), [
    (False, (1.9, 2.0, 9.9), True), (False, (1.9, 1.9, 9.9), False),
    (True, (1.0, 2.0, 9.9), True), (True, (1.0, 2.1, 2.1), False),
])  # fmt: skip
def test_the_median_is_held_against_the_target(at_most: bool, values: tuple[float, ...], met: bool) -> None:
    assert row("r", *values, at_most=at_most).met is met


def test_a_row_tells_what_was_measured_and_where() -> None:
    told = page.cells(line(row("r", 3.0, 1.0, 2.0)))
    assert told == (
        "r", "a peer", ">= 2x", "2x (1 to 3)", "Winnow, rows/s 12,346", "2.2x: padding", "10", "2026-01-02, abc"
    )  # fmt: skip


def test_a_miss_is_shown_with_its_reason_and_breaks_no_table() -> None:
    rows = [line(row("slow", 1.0)), line(row("fast", 2.0))]
    assert page.misses(rows) == "- slow, against a peer: Disk | bound."
    table = page.markdown(rows).splitlines()
    assert "**1x**" in table[2]
    assert "**" not in table[3]
    assert {cells.count("|") for cells in table[:4]} == {len(page.COLUMNS) + 1}


def test_a_row_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    kept.merge(file, [line(row("a", 1.0)), line(row("b", 1.0))])
    kept.merge(file, [line(row("a", 5.0)), {**line(row("a", 7.0)), "against": "another peer"}])
    assert [(one["name"], one["median"]) for one in kept.read(file)] == [("a", 5.0), ("b", 1.0), ("a", 7.0)]


def test_a_line_that_a_crash_cut_off_is_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    kept.write(file, [line(row("a", 1.0)), line(row("b", 1.0))])
    file.write_text(file.read_text()[:-5])
    assert [one["name"] for one in kept.read(file)] == ["a"]


def test_peers_take_turns() -> None:
    said: list[str] = []

    def peer(name: str, seconds: float) -> float:
        said.append(name)
        return seconds

    found = interleave(3, {"ours": lambda: peer("ours", 2.0), "theirs": lambda: peer("theirs", 4.0)})
    assert said == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert ratios(found["ours"], found["theirs"]) == [0.5, 0.5, 0.5]


def test_a_curve_is_drawn(tmp_path: Path) -> None:
    made = line(row("Cost of N", 1.0, curve=Curve("resumes", "ms", {"one job": [(10, 1.0), (100, 1.1)]})))
    plot.draw(tmp_path, made)
    assert (tmp_path / "cost-of-n.png").read_bytes().startswith(b"\x89PNG")
    assert page.plots([made]) == "![Cost of N](plots/cost-of-n.png)"


def test_every_row_of_the_registry_is_a_file_and_every_file_is_in_it() -> None:
    folder = Path(page.__file__).parents[1] / "rows"
    assert {file.stem for file in folder.glob("*.py")} - {"__init__"} == set(ROWS)


def test_an_optimisation_tells_before_and_after() -> None:
    told = {"what": "Rows go ahead", "row": "upload", "unit": "x its time", "before": [2.5, 2.4, 3.0], "after": [1.5]}
    table = optimised.markdown([{**told, "date": "2026-01-02 03:04", "commits": "abc^ to abc"}])
    assert table.splitlines()[2] == (
        "| Rows go ahead | upload | 2.5x its time (2.4 to 3) | 1.5x its time (1.5 to 1.5) | 2026-01-02, abc^ to abc |"
    )
