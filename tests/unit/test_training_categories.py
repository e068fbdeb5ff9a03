"""The categories model: what it is given of a resume, a whole training on a handful of them, and its tables."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.tiny_packs import write_tiny_base
from scoring.cards import read_card
from scoring.packs import base_directory, load_pack
from scoring.tokens import Tokenizer
from training.categories import Recipe, train
from training.category_data import BEGINNINGS, WHOLE, Reading, random_sides, read_resumes
from training.category_figures import Calibration, Held, difference, figures
from training.category_linear import linear_logits
from training.category_pack import pack_on
from training.category_render import render
from training.category_table import joined, with_references
from training.data import LABELS
from training.recipes.categories_001 import DEFAULTS, KEPT, STRIPPED
from training.titles import LabelNames, Titles

TRADES = {
    "Java_Developer": "java developer",
    "Python_Developer": "python developer",
    "Project_manager": "manager of sql",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    root = tmp_path_factory.mktemp("categories")
    write_tiny_base(root / "base")
    random = np.random.default_rng(1)
    rows = []
    for number in range(480):
        label = list(TRADES)[number % 3]
        words = " ".join(random.choice(["team", "with", "sql", "years", "engineer"], 30))
        rows.append({"text": f"{number} {TRADES[label]} {words} {number}", "labels": [label]})
    pd.DataFrame(rows).to_parquet(root / "corpus.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_BASE_MODEL", str(root / "base"))
        yield root / "corpus.parquet"


@pytest.fixture(scope="module")
def resumes(corpus):
    return read_resumes(corpus, Reading(), corpus.parent / "cache")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Sr. Java/J2EE Full Stack Developer at Intel", "Sr. at Intel"),
        ("Front-End Developer, JavaScript", ", JavaScript"),
        ("DBA for Oracle, led webmasters", "for Oracle, led"),
        ("Systems Administrator / Network Engineer II", "/ II"),
        ("Manager of a shop, Java, firewalls", "Manager of a shop, Java, firewalls"),
        ("", ""),
    ],
)
def test_titles_are_taken_and_skills_stay(text, left):
    tokenizer = Tokenizer.load(base_directory())
    ids, expected = tokenizer.encode([text, left])
    assert ids[Titles(tokenizer).outside(ids)].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Sr. Java Developer, Acme", "Sr., Acme"),
        ("Front-End Developers and System Administrators", "and"),
        ("Java engineer, developer of databases", "Java engineer, developer of databases"),
    ],
)
def test_only_the_names_of_labels_are_taken(text, left):
    tokenizer = Tokenizer.load(base_directory())
    ids, expected = tokenizer.encode([text, left])
    assert ids[LabelNames(tokenizer).outside(ids)].tolist() == expected.tolist()


def test_one_reading_is_measured_anew_and_the_others_stay():
    earlier = {"tables": {"grouped": {"a": 1}, "random": {"b": 2}}, "whole_against_cut": {"n": 3}}
    page = joined(earlier, {"tables": {"grouped, label names masked": {"c": 4}, "random": {"b": 5}}})
    assert list(page["tables"].items()) == [
        ("grouped", {"a": 1}), ("grouped, label names masked", {"c": 4}), ("random", {"b": 5}),
    ]  # fmt: skip
    assert page["whole_against_cut"] == {"n": 3}


def test_a_run_of_the_reference_stands_with_what_it_read(tmp_path):
    for run, texts in (("stripped", STRIPPED), ("kept", KEPT)):
        settings = replace(DEFAULTS, base="minilm", rows=600, epochs=1, texts=texts, precision="bf16")
        figures = {"recipe": "reference 001", "settings": asdict(settings), "train": 540, "n": 60}
        (tmp_path / run).mkdir()
        (tmp_path / run / "figures.json").write_text(json.dumps(figures))
    runs = [tmp_path / "stripped", tmp_path / "kept", tmp_path / "unfinished"]
    name, ours = "reference 001 on minilm, 540 rows, epochs: 1, bf16", {"our recipe": {"n": 1}}
    former = {reading.name: {"reference 001 on minilm, 20 rows": {"n": 2}, **ours} for reading in BEGINNINGS[1:]}
    tables = with_references({BEGINNINGS[0].name: ours, **former}, runs)
    assert tables.pop(BEGINNINGS[0].name) == ours
    for reading in BEGINNINGS[1:]:
        assert list(tables[reading.name]) == [name, "our recipe"]
        assert tables[reading.name][name]["settings"]["texts"] == (KEPT if reading.tags else STRIPPED)


def test_a_reading_is_what_it_says(corpus, resumes):
    cache = corpus.parent / "cache"
    masked = read_resumes(corpus, Reading(titles=False, cut=10), cache)
    assert max(map(len, masked.ids)) == 10
    assert masked.whole.tolist() == [len(one) for one in resumes.ids]
    assert sum(map(len, resumes.titleless)) < sum(map(len, resumes.ids))
    assert np.array_equal(masked.side, resumes.side)
    nameless = read_resumes(corpus, Reading(names=False), cache)
    assert {len(one) - len(other) for one, other in zip(resumes.ids, nameless.ids, strict=True)} == {0, 2}
    assert Reading("random", cut=510, tags=True).folder == "random-first-512-tags-left-in"


def test_the_random_split_is_nine_to_one():
    assert {side: int((random_sides(1000) == side).sum()) for side in ("train", "valid", "test")} == {
        "train": 855, "valid": 45, "test": 100,
    }  # fmt: skip


@pytest.fixture
def one_thread():
    """Two threads that wait for each other at every small step take minutes where other work has the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
def test_a_trained_pack_knows_the_titles_it_learned(corpus, resumes, tmp_path, monkeypatch):
    monkeypatch.chdir(corpus.parent)
    monkeypatch.setattr("training.categories.read_resumes", lambda *_: resumes)
    recipe = Recipe(narrow=8, channels=16, epochs=2, batch=4, learning_rate=2e-2, dropout=0.0, titleless=0.0)
    pack = train(corpus, Reading(), tmp_path / "run", recipe, tmp_path / "categories" / "9")
    held, per_second = pack_on(load_pack(pack.directory), resumes)
    assert figures(held)["micro_f1"] > 0.9
    assert per_second > 0
    assert read_card(pack.manifest).counts["train"] == len(resumes.rows("train"))
    assert pack.version == "9"


@pytest.mark.filterwarnings("ignore:Label not")  # seven of the ten labels stand on no row
def test_the_linear_model_knows_them_too(resumes):
    of_valid, of_test = linear_logits(resumes, Tokenizer.load(base_directory()).words.get_vocab_size())
    fitted = Calibration.fit(of_valid, resumes.labels[resumes.rows("valid")])
    assert (fitted.temperatures > 0).all()
    best = of_test[:, [LABELS.index(label) for label in TRADES]].argmax(1)
    truth = resumes.labels[resumes.rows("test")][:, [LABELS.index(label) for label in TRADES]].argmax(1)
    assert (best == truth).mean() > 0.9


def _held(errors: int) -> Held:
    truth = np.tile(np.eye(len(LABELS), dtype=np.float32), (20, 1))
    scores = np.where(truth > 0, 0.9, 0.1)
    scores[:errors] = 1 - scores[:errors]
    return Held(scores, np.full(len(LABELS), 0.5), truth, np.arange(len(truth)) % 2 == 0)


def test_a_better_model_gains_with_an_interval_above_zero():
    gain = difference(_held(0), _held(40))
    assert gain["n"] == 100
    low, high = gain["difference_95"]
    assert 0 < low < gain["difference"] < high
    assert difference(_held(10), _held(10))["difference"] == 0


def test_the_tables_hold_every_reading():
    row = figures(_held(20)) | {"per_second": 12.5}
    tables = {reading.name: {"majority class": figures(_held(150)), "our recipe": row} for reading in WHOLE}
    reference = {name: figure for name, figure in row.items() if name != "by_length"}
    tables |= {reading.name: {"reference 001": reference, "our recipe": row} for reading in BEGINNINGS}
    page = render({"tables": tables, "whole_against_cut": difference(_held(0), _held(40))})
    assert all(f"| {reading.name} | our recipe |" in page for reading in (*WHOLE, *BEGINNINGS))
    assert "the reference, as printed" in page
    assert page.count("\n\n") == 4
