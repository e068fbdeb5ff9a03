"""How the fairness of the match score is measured: resumes told twice, and what moved between the two."""

from pathlib import Path

import numpy as np
import pytest

from scoring.inputs import Resume
from scoring.match import MatchModel
from scoring.packs import find_base, find_pack
from scoring.readable import match_text
from scoring.tokens import Tokenizer
from training.fairness import ALL_SWAPS, Told, table, told, unredacted_text
from training.swaps import AFFILIATIONS, GAPS, HEADERS, swaps
from training.window_vectors import WindowVectors

LINED = Resume("a.pdf", "Accountant\nExperience\nAccountant, Northwind Traders Ltd., 2012 - 2016\nKept the books.")
COLUMNS = Resume("7", "", {"career_objective": "To keep books well.", "skills": "Excel, SAP"})


def test_a_resume_is_told_the_same_way_every_time():
    assert list(swaps(LINED)) == list(swaps(LINED))
    assert {swap.kind for swap in swaps(COLUMNS)} == {HEADERS, AFFILIATIONS, GAPS}


@pytest.mark.parametrize("resume", [LINED, COLUMNS], ids=["text", "columns"])
def test_the_work_is_left_as_it_is(resume):
    for swap in swaps(resume):
        for one in (swap.before, swap.after):
            read = unredacted_text(one)
            assert ("Kept the books" if resume.text else "To keep books well") in read
            assert one.fields.get("skills") == resume.fields.get("skills")


def test_a_position_is_shortened_by_two_years():
    (shorter,) = [swap.after.text for swap in swaps(LINED) if swap.change.endswith("shorter")]
    assert shorter == LINED.text.replace("2016", "2014")


def test_headers_differ_until_they_are_redacted():
    parts = [swap for swap in swaps(LINED) if swap.kind == HEADERS and "none" not in swap.change]
    assert all(unredacted_text(swap.before) != unredacted_text(swap.after) for swap in parts)
    assert all(match_text(swap.before) == match_text(swap.after) for swap in parts)


def test_what_is_read_without_redaction_is_told_apart():
    cases = told([LINED, COLUMNS], bare={"7"})
    assert {case.swap.before.id for case in cases if not case.redacted} == {"7"}
    assert {case.swap.kind for case in cases if not case.redacted} == {HEADERS, AFFILIATIONS, GAPS}


def test_the_table_counts_moves_and_flips():
    swap = next(swap for swap in swaps(COLUMNS) if swap.kind == HEADERS)
    cases = [Told(swap, True, *texts) for texts in (("low", "high"), ("high", "higher"), ("same", "same"))]
    scores = {"low": np.array([0.4, 0.1]), "high": np.array([0.6, 0.1]), "higher": np.array([0.7, 0.1])}
    rows = table(cases, scores, 2, 0.5)
    assert set(rows) == {f"{swap.change}, redacted", f"{ALL_SWAPS}, redacted"}
    row = rows[f"{ALL_SWAPS}, redacted"]
    assert (row["n"], row["texts"], row["flips"], row["resumes"]) == (6, 2, 1, 1)
    assert row["max"] == pytest.approx(0.2)
    assert row["mean"] == row["signed"] == pytest.approx(0.05)
    assert row["flip_share"] == pytest.approx(1 / 6)


def test_windows_are_read_once_and_kept(tiny_packs, tmp_path, monkeypatch):
    monkeypatch.setattr("training.window_vectors.PORTION", 2)
    settings = dict(tiny_packs)
    monkeypatch.setenv("WINNOW_BASE_MODEL", settings["WINNOW_BASE_MODEL"])
    pack = find_pack(Path(settings["WINNOW_PACKS"]), "match", "1")
    model, tokenizer = MatchModel.load(pack), Tokenizer.load(find_base(pack))
    texts = ["java developer", "sql team", "java developer", "years with sql"]
    windows = model.reader.windows(tokenizer, texts)
    read = WindowVectors(model, tokenizer, tmp_path).of(windows)
    assert np.allclose(read, model.reader.read(tokenizer, texts).vectors, atol=1e-6)
    assert np.array_equal(read[0], read[2])
    first, last = sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_size)
    last.unlink()
    before = first.stat().st_mtime_ns
    assert np.allclose(WindowVectors(model, tokenizer, tmp_path).of(windows), read, atol=1e-6)
    assert len(list(tmp_path.iterdir())) == 2
    assert first.stat().st_mtime_ns == before
