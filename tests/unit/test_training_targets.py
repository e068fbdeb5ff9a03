"""The table of targets says what the figures say, and is the one on the page."""

import json
from pathlib import Path

import pytest

from training.report import insert, keep
from training.targets import TARGETS, Target, render

DOCS = Path(__file__).parents[2] / "docs"
AUC = Target("match: AUC", "match", r"unseen: recipe of match/\d+", "auc", 0.8)
ERROR = Target("match: calibration error", "match", r"unseen: recipe of match/\d+", "ece", 0.03, at_most=True)
RECALL = Target("spam: recall", "spam", r"pack spam/\d+", "recall", 0.9)
GAIN = Target("gain", "categories", "whole against cut", "difference", 0.01, clear=True)


def test_the_page_says_what_its_figures_say():
    figures = json.loads((DOCS / "models.json").read_text(encoding="utf-8"))
    page = (DOCS / "MODELS.md").read_text(encoding="utf-8")
    assert insert(page, "targets", render(figures)) == page
    assert "not measured" not in render(figures)


@pytest.mark.parametrize(
    ("target", "row", "reached", "met"),
    [
        (AUC, {"auc": {"mean": 0.81, "spread": 0.02}}, "0.810 ± 0.020", "yes"),
        (AUC, {"auc": {"mean": 0.79, "spread": 0.02}}, "0.790 ± 0.020", "no"),
        (ERROR, {"ece": 0.02, "ece_95": [0.01, 0.04]}, "0.020 (0.010 to 0.040)", "yes"),
        (ERROR, {"ece": 0.031}, "0.031", "no"),
    ],
)
def test_a_figure_stands_beside_its_target(target, row, reached, met):
    assert target.line({"match": {"unseen: recipe of match/2": row}})[2:] == (reached, met)


def test_the_last_pack_counts_and_no_other_row():
    rows = {"pack spam/2": {"recall": 0.8}, "pack spam/3": {"recall": 0.95}, "pack spam/3 on tweets": {"recall": 0.1}}
    assert RECALL.line({"spam": rows})[2:] == ("0.950", "yes")


def test_what_was_not_measured_is_said_so():
    assert {target.line({})[2:] for target in TARGETS} == {("not measured", "-")}


@pytest.mark.parametrize(("low", "met"), [(0.002, "yes"), (-0.002, "no")])
def test_a_gain_counts_where_its_interval_lies_above_zero(low, met):
    gain = {"difference": 0.02, "difference_95": [low, 0.04]}
    assert GAIN.line({"categories": {"whole_against_cut": gain}})[1:] == (
        ">= 0.01, interval above 0", f"0.020 ({low:.3f} to 0.040)", met,
    )  # fmt: skip


def test_the_worst_of_ten_labels_is_held_against_its_target():
    row = {"per_label": {"A": {"ece": 0.01}, "B": {"ece": 0.05}}}
    target = next(target for target in TARGETS if target.kind == "categories" and target.column == "ece")
    assert target.line({"categories": {"tables": {"grouped": {"our pack": row}}}})[2:] == ("0.050", "no")


def test_whatever_is_kept_writes_the_targets_anew(tmp_path):
    page = tmp_path / "MODELS.md"
    page.write_text("".join(f"<!-- figures: {kind} -->\n<!-- /figures: {kind} -->\n" for kind in ("targets", "spam")))
    keep(page, "spam", {"pack spam/4": {"recall": 0.95, "f1": 0.9}})
    written = page.read_text(encoding="utf-8")
    assert "| spam: recall | >= 0.9 | 0.950 | yes |" in written
    assert "| pack spam/4 |" in written
