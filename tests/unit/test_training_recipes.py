"""The references' recipes run from a file to figures, a model and curves, and go on where they were stopped."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.tiny_packs import write_tiny_base
from training.curves import CURVES
from training.data import JOB_COLUMNS, LABELS
from training.metrics import argmax_metrics
from training.recipes import categories_001, finetuning, match_000
from training.recipes.base import BERT, BaseError, base_named
from training.recipes.finetuning import OtherRunError, Texts, finetune
from training.recipes.record import FIGURES, table_rows

WORDS = ("java", "python", "sql", "manager", "engineer", "team")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_base(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture
def resume_data(tmp_path: Path) -> Path:
    columns = [*match_000.RESUME_COLUMNS, *JOB_COLUMNS.values(), "matched_score", "responsibilities"]
    path = tmp_path / "resume_data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for number in range(40):
            words = [WORDS[(number + place) % len(WORDS)] for place in range(8)]
            rows.writerow([*words, 0.9 if number % 4 else 0.6, "job text"])
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "resume_corpus.parquet"
    texts = [f'<span class="hl">{WORDS[n % 6]}</span> of the {WORDS[n % 5]}' for n in range(40)]
    pd.DataFrame({"text": texts, "labels": [[LABELS[n % 10], LABELS[n % 3]] for n in range(40)]}).to_parquet(path)
    return path


def test_reference_000_ends_in_a_model_its_figures_and_its_curves(base: Path, resume_data: Path) -> None:
    settings = replace(match_000.DEFAULTS, base=str(base), epochs=1, attention_dropout=0)
    run = resume_data.parent / "run"
    figures = match_000.run(resume_data, run, settings)
    assert (figures["train"], figures["n"]) == (32, 8)
    assert figures["majority_accuracy"] == 0.75  # stratified: 0.6 itself is no match
    assert {"accuracy", "auc", "f1", "ece", "per_second"} <= set(figures)
    assert json.loads((run / FIGURES).read_text())["accuracy"] == figures["accuracy"]
    assert (run / CURVES).exists()
    assert {"model.safetensors", "tokenizer.json"} <= {file.name for file in (run / "model").iterdir()}
    assert list(table_rows([run])) == ["reference 000 on base, 32 rows, epochs: 1, no dropout of attention"]


def test_reference_000_reads_its_own_columns_alone(resume_data: Path) -> None:
    rows = match_000.read(resume_data)
    assert (rows.resume[0], rows.job[0]) == ("java python sql manager", "engineer team java python")
    assert rows.matched[:5].tolist() == [0, 1, 1, 1, 0]


def test_reference_001_reports_its_argmax_figures_beside_honest_ones(base: Path, corpus: Path) -> None:
    settings = replace(categories_001.DEFAULTS, base=str(base), epochs=1, rows=30)
    figures = categories_001.run(corpus, corpus.parent / "run", settings)
    assert (figures["train"], figures["n"]) == (27, 3)
    assert figures["argmax_recall"] == figures["argmax_accuracy"]
    assert {"micro_f1", "micro_f1_95", "macro_f1", "map", "bce", "hamming_loss", "subset_accuracy"} <= set(figures)


def test_argmax_figures_do_not_see_a_label_that_is_missed() -> None:
    truth, logits = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[2.0, -9.0], [2.0, 3.0]])
    assert argmax_metrics(logits, truth)["argmax_accuracy"] == 0.5


class Interrupted(list[int]):
    """Labels whose reader is stopped after a while, as by Ctrl-C."""

    def __init__(self, labels: list[int], reads: int) -> None:
        super().__init__(labels)
        self.left = reads

    def __getitem__(self, row: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().__getitem__(row)


@pytest.fixture
def checkpoint_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetuning, "CHECKPOINT_SECONDS", 0.0)


@pytest.mark.usefixtures("checkpoint_at_every_step")
def test_a_run_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(base: Path, tmp_path: Path) -> None:
    settings = replace(match_000.DEFAULTS, base=str(base), epochs=2, batch=4, learning_rate=1e-2)
    labels = [number % 2 for number in range(16)]
    train = Texts([WORDS[n % 6] for n in range(16)], [WORDS[n % 5] for n in range(16)], labels)
    test = Texts(["java", "sql"], ["team", "manager"], [0, 1])
    whole = finetune(base, train, test, settings, tmp_path / "whole", num_labels=2)
    with pytest.raises(KeyboardInterrupt):
        finetune(base, replace(train, labels=Interrupted(labels, 21)), test, settings, tmp_path / "run", num_labels=2)
    assert sorted(path.name for path in (tmp_path / "run").glob("checkpoint-*"))  # something to go on from
    resumed = finetune(base, train, test, settings, tmp_path / "run", num_labels=2)
    np.testing.assert_allclose(resumed.logits, whole.logits, atol=1e-6)


def test_a_folder_of_another_run_is_left_alone(base: Path, resume_data: Path) -> None:
    settings = replace(match_000.DEFAULTS, base=str(base), epochs=1)
    match_000.run(resume_data, resume_data.parent / "run", settings)
    with pytest.raises(OtherRunError, match="other settings"):
        match_000.run(resume_data, resume_data.parent / "run", replace(settings, epochs=2))


def test_a_base_that_cannot_be_had_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BaseError, match="--base minilm"):
        base_named(BERT)
    with pytest.raises(BaseError, match=r"holds no model\.safetensors"):
        base_named(str(tmp_path))
