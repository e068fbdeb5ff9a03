"""Moderation packs are trained on groups that never stand on both sides, and thresholds keep clean documents clean."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.cards import read_card
from scoring.moderation import Moderator
from scoring.packs import load_pack
from scoring.second_look import SECOND_LOOK
from training.curves import CURVES
from training.flagging import choose_threshold, figures, least_threshold
from training.identity import sentences_for_measuring, sentences_for_training
from training.messages import group_keys, read_messages
from training.moderation import VERSIONS, build_pack, evaluate
from training.planted import documents_table, messages_table

CLEAN = "Managed the {0} team of engineers who ran the {0} database and its backups for the {0} branch"
POSTING = "We look for a {0} engineer who knows {0} tools and likes our {0} office"
HAM = "see you at the {0} station around noon, then shall we {0} walk along the river"
SPAM = "WINNER {0}! claim your free prize of £900 by {0} calling 09061701461 now"
ABUSE = "you {0} are a pathetic worthless moron and every {0} hates you"
WORDS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibex", "jay")


def messages(template: str, count: int) -> list[str]:
    """As many different messages of one sort."""
    return [template.format(WORDS[n % 10] + WORDS[n // 10]) for n in range(count)]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data sets of the public form, small and easy."""
    folder = tmp_path_factory.mktemp("data")
    spam = [("ham", text) for text in messages(HAM, 60)] + [("spam", text) for text in messages(SPAM, 20)]
    pd.DataFrame(spam, columns=["label", "text"]).to_csv(folder / "spam.csv", index=False)
    abuse = messages(ABUSE, 22)  # two of them pass for harmless: opinions differ
    toxic = [(text, 0) for text in messages(HAM, 58) + abuse[20:]] + [(text, 1) for text in abuse[:20]]
    pd.DataFrame(toxic, columns=["text", "toxic"]).to_csv(folder / "toxic_wikipedia.csv", index=False)
    pd.DataFrame(toxic[::2], columns=["comment_text", "toxic"]).to_csv(folder / "toxic_jigsaw.csv", index=False)
    documents = [f"{text}. {text} again." for text in messages(CLEAN, 80)]
    pd.DataFrame({"text": documents}).to_parquet(folder / "resume_corpus.parquet")
    pd.DataFrame({"description": messages(POSTING, 40)}).to_parquet(folder / "job_postings.parquet")
    return folder


@pytest.fixture(scope="module")
def packs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both packs, trained on these."""
    folder = tmp_path_factory.mktemp("packs")
    for kind in ("spam", "toxicity"):
        build_pack(kind, data_dir, folder, VERSIONS[kind], folder / "runs" / kind)
    return folder


@pytest.mark.parametrize(("kind", "name"), [("spam", "spam.csv"), ("toxicity", "toxic_wikipedia.csv")])
def test_a_pack_is_trained_measured_and_loaded(kind: str, name: str, data_dir: Path, packs: Path) -> None:
    pack = load_pack(packs / kind / VERSIONS[kind])
    measured = evaluate(data_dir / name, pack)
    assert (measured["n"], measured["positives"]) == (80, 20)
    assert measured["auc_pr"] > 0.9
    card = read_card(pack.manifest)
    assert {data.name for data in card.data} >= {name, "resume_corpus.parquet", "job_postings.parquet"}
    held_out, chosen_by = (int(str(measured["n"])) for measured in card.metrics.values())
    assert 0 < held_out < chosen_by
    assert held_out + chosen_by == 80
    assert SECOND_LOOK in pack.manifest["files"]
    assert (packs / "runs" / kind / CURVES).stat().st_size > 0


def test_training_twice_gives_the_same_pack(data_dir: Path, packs: Path, tmp_path: Path) -> None:
    spam, toxicity = (load_pack(packs / kind / VERSIONS[kind]) for kind in ("spam", "toxicity"))
    again = build_pack("spam", data_dir, tmp_path, VERSIONS["spam"], tmp_path / "run")
    first, second = (Moderator.load(pack, toxicity).explain(SPAM) for pack in (spam, again))
    assert first == second


def test_a_planted_line_is_measured_on_its_way_through_the_service(data_dir: Path, packs: Path) -> None:
    assert messages_table("spam", data_dir, packs)[f"pack spam/{VERSIONS['spam']}"]["auc_pr"] > 0.9
    rows = documents_table(data_dir, packs)
    assert rows["untouched resumes"]["found"] == 0
    assert rows["either planted on a line of its own"]["share"] > 0.5


@pytest.mark.parametrize(
    ("columns", "rows", "labels"),
    [
        (["label", "text"], [("spam", "x"), ("ham", "NA")], [True, False]),
        (["text", "toxic"], [("x", 1), ("y", 0)], [True, False]),
        (["id", "comment_text", "toxic", "insult"], [(1, "x", 0, 0), (2, "y", 1, 1)], [False, True]),
        (["class", "tweet"], [(0, "x"), (1, "y"), (2, "z")], [True, True, False]),
    ],
)
def test_every_public_form_is_told_by_its_columns(columns: list, rows: list, labels: list, tmp_path: Path) -> None:
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "file.csv", index=False)
    read = read_messages(tmp_path / "file.csv")
    assert read.labels.tolist() == labels
    assert all(read.texts)


def test_a_file_of_unknown_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="columns"):
        read_messages(tmp_path / "file.csv")


def test_near_duplicates_share_a_key() -> None:
    won = "You have won a guaranteed prize of 900 pounds, call 123"
    texts = [
        won,
        f"URGENT!! {won.upper()} today 07",
        "see you",
        "See you!",
        "Call me when you have won something, dear",
    ]
    keys = group_keys(texts)
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert len(set(keys)) == 3


@given(st.lists(st.lists(st.floats(0, 1), min_size=1), min_size=1, max_size=2), st.sampled_from([0.0, 0.01, 0.1, 0.5]))
def test_the_least_threshold_keeps_clean_documents_clean(untouched: list[list[float]], limit: float) -> None:
    sorts = [np.array(scores) for scores in untouched]
    least = least_threshold(sorts, limit)
    assert np.mean([np.mean(scores >= least) for scores in sorts]) <= limit + 1e-9


def test_a_threshold_weighs_recall_as_told_and_is_never_below_the_least() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    truth = np.array([True, True, False, False, False, True])
    assert choose_threshold(scores, truth, 0.0, beta=0.5) == 0.8
    assert choose_threshold(scores, truth, 0.0, beta=2) == 0.4
    assert choose_threshold(scores, truth, 0.85, beta=2) == 0.9
    assert choose_threshold(scores, truth, 0.95, beta=2) == 0.95


def test_figures_are_those_of_the_threshold() -> None:
    measured = figures(np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, False, True, False]), 0.5)
    assert (measured["precision"], measured["recall"], measured["f1"]) == (0.5, 0.5, 0.5)
    assert (measured["n"], measured["positives"], measured["flagged"]) == (4, 2, 2)
    low, high = measured["recall_95"]
    assert 0 <= low <= 0.5 <= high <= 1


def test_identity_is_measured_on_sentences_that_training_never_saw() -> None:
    learned, measured = (
        {sentence for part in parts.values() for sentence in part}
        for parts in (sentences_for_training((1, 2)), sentences_for_measuring())
    )
    assert learned
    assert measured
    assert not learned & measured


def test_sentences_of_a_template_stand_in_one_fold() -> None:
    folds = sentences_for_training((1, 2, 3))
    starts = [{sentence.split()[0] for sentence in part} for part in folds.values()]
    assert all(starts)
    assert len(set().union(*starts)) == sum(map(len, starts))
