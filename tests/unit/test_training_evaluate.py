"""`python -m training.evaluate` and the report, on tiny packs and a handful of rows."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks.tiny_packs import write_encoder_packs, write_tiny_pairs
from training import evaluate, report
from training.data import LABELS


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("evaluate")
    write_encoder_packs(root, LABELS)
    write_tiny_pairs(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_BASE_MODEL", str(root / "base"))
        yield root


def _run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["evaluate", *map(str, arguments)])
    evaluate.main()
    return json.loads(capsys.readouterr().out)


def test_match_is_measured_on_all_rows(root, monkeypatch, capsys):
    rows = [
        {"career_objective": f"goal{resume} task{resume}", "skills": f"['sql', '{resume}']", "positions": "",
         "job_position_name": job, "educationaL_requirements": "B.Sc", "experiencere_requirement": "",
         "skills_required": "java", "responsibilities": job, "matched_score": str(round((resume * 7 % 10) / 10, 1))}
        for resume in range(10) for job in ("engineer", "manager")
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(root / "rows.csv", index=False)
    files = ("--data", root / "rows.csv", "--pack", root / "packs/match/1")
    figures = _run(monkeypatch, capsys, "match", *files, "--json")
    assert figures["n"] == 20
    assert figures["resumes"] == 10
    assert figures["jobs"] == 2
    assert 0 <= figures["auc"] <= 1
    assert figures["seconds"] > 0
    heldout = _run(monkeypatch, capsys, "match", *files, "--split", "heldout")
    assert 0 < heldout["n"] < 20
    assert heldout["n"] % 2 == 0  # both pairs of a resume stand on one side
    together = ("--data", root / "rows.csv", "--pack", root / "packs/pairs/1", "--split", "heldout")
    assert _run(monkeypatch, capsys, "pairs", *together)["n"] == heldout["n"]


def test_categories_are_measured_on_whole_resumes(root, monkeypatch, capsys):
    random = np.random.default_rng(1)
    texts = [f"java developer {number} " * (3 + number * 5) for number in range(30)]
    labels = [[label for label in LABELS if random.random() < 0.4] for _ in texts]
    frame = pd.DataFrame({"id": [str(n) for n in range(30)], "text": texts, "labels": labels})
    frame.to_parquet(root / "corpus.parquet")
    figures = _run(
        monkeypatch, capsys, "categories", "--data", root / "corpus.parquet", "--pack", root / "packs/categories/1",
        "--json",
    )  # fmt: skip
    assert figures["n"] == 30
    assert {"micro_f1", "map", "bce", "seconds"} <= figures.keys()
    assert set(figures["per_label"]) == set(LABELS)
    assert sum(row["n"] for row in figures["by_length"].values()) == 30


def test_tables_stand_between_their_markers():
    page = "a\n<!-- figures: match -->\nold\n<!-- /figures: match -->\nb"
    table = report.render("match", {"pack match/1": {"auc": 0.8125, "n": 12}})
    written = report.insert(page, "match", table)
    assert "old" not in written
    assert "0.812" in written
    assert written.startswith("a\n")
    assert written.endswith("\nb")
    assert report.insert(written, "match", table) == written
    with pytest.raises(ValueError, match="no markers for categories"):
        report.insert(page, "categories", table)
