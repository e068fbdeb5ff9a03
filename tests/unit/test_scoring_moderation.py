"""Moderation names the passage that is spam or abuse, wherever it stands, and what drove the score."""

import shutil
from itertools import pairwise
from pathlib import Path
from zipfile import ZIP_DEFLATED

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from skops import io as skops

from scoring.canonical import canonical
from scoring.cards import read_card
from scoring.detector import PIPELINE_FILE, Block, Detector, Words
from scoring.inputs import Resume
from scoring.moderation import Moderator
from scoring.occurrences import Counts
from scoring.packs import PackError, load_pack, write_manifest
from scoring.passages import MAX_WORDS, Document, read
from scoring.readable import read_resume
from scoring.remembered import Remembered
from training.identity import sentences_for_measuring

PACKS, SAMPLES = (Path(__file__).parents[2] / name for name in ("packs", "samples"))
VERSIONS = {"spam": "3", "toxicity": "3"}
LINES = [
    "Database administrator with ten years of experience in Oracle and PostgreSQL.",
    "Led the migration of forty servers to a new data centre without downtime.",
    "Bachelor of Science in Computer Science, University of Leeds, 2009.",
    "References are available on request.",
]
ABUSE = "you are a stupid fucking idiot and i hate you"
SPAM = "URGENT! You have won a guaranteed £2000 cash prize. Call 09061701461 now to claim, 150ppm!"


@pytest.fixture(scope="module")
def moderator() -> Moderator:
    """The shipped packs."""
    return Moderator.load(*(load_pack(PACKS / kind / VERSIONS[kind]) for kind in ("spam", "toxicity")))


def passages(document: Document) -> list[str]:
    return [document.text[slice(*document.span(passage))] for passage in document.passages]


@given(st.text(alphabet=st.sampled_from("ab .!?;•\n\t\u00a0é"), max_size=600))
def test_every_word_is_read_in_passages_of_at_most_fifty(text: str) -> None:
    document = read(text)
    assert document.words == text.split()
    assert {word for first, end in document.passages for word in range(first, end)} == set(range(len(document.words)))
    assert all(1 <= end - first <= MAX_WORDS == 50 for first, end in document.passages)
    assert all(1 <= len(passage.split()) <= MAX_WORDS for passage in passages(document))


@given(st.integers(0, 300), st.integers(1, 50))
def test_whatever_stands_in_running_text_fills_most_of_some_passage(before: int, length: int) -> None:
    document = read(" ".join(["word"] * (before + length + 100)))
    shared = (
        (min(end, before + length) - max(first, before)) / max(end - first, length) for first, end in document.passages
    )
    assert max(shared) >= min(0.5, length / 16)


def test_a_line_stands_alone_between_its_neighbours() -> None:
    text = f"{LINES[0]}\nWork\n{LINES[1]}\n{ABUSE}\n{LINES[2]}"
    assert {LINES[0], LINES[1], ABUSE, LINES[2]} <= set(passages(read(text)))


def test_short_lines_are_read_together() -> None:
    short = "Jane Doe\nSeven Mill Lane\nLeeds\nSkills and tools"
    assert {short, LINES[0]} <= set(passages(read(f"{short}\n{LINES[0]}")))


def test_a_few_words_are_never_read_alone_in_a_longer_text() -> None:
    text = f"{LINES[0]}\nCall me on [phone] now please\n{LINES[1]}"
    assert min(end - first for first, end in read(text).passages) >= 8
    assert read("Call [phone]").passages == ((0, 2),)


def test_sentences_of_one_line_are_passages_of_their_own_once_long_enough() -> None:
    long = "Led the migration of forty servers to a new data centre in Leeds without any downtime at all."
    assert {long, f"Short one. {long} Rest."} <= set(passages(read(f"{long} Short one. {long} Rest.")))


@pytest.mark.parametrize(("kind", "line"), [("toxicity", ABUSE), ("spam", SPAM)])
@pytest.mark.parametrize("separator", ["\n", " "])
def test_one_bad_line_is_found_and_named(moderator: Moderator, kind: str, line: str, separator: str) -> None:
    document = separator.join([*LINES[:2], line, *LINES[2:]])
    flags = moderator.flags(document)
    assert {flag.kind for flag in flags} == {kind}
    for flag in flags:
        assert document[flag.start : flag.end] == flag.passage
        assert set(flag.passage.split()) & set(line.split())
        assert len(flag.passage.split()) <= MAX_WORDS
        assert flag.threshold <= flag.score <= 1


def test_of_the_sample_applicant_with_an_advert_the_advert_is_named(moderator: Moderator) -> None:
    resume = Resume("C-206", (SAMPLES / "source/csv/C-206-tamsin-holloway-customer-service.txt").read_text())
    (advert,) = (line for line in resume.text.splitlines() if "bank details" in line)
    readable = read_resume(resume)
    (flag,) = map(readable.own, moderator.flags(readable.redacted.text))
    assert flag.kind == "spam"
    assert flag.passage in advert


def test_flagged_passages_share_no_words(moderator: Moderator) -> None:
    flags = moderator.flags(" ".join([*LINES, SPAM, *LINES, SPAM, *LINES]))
    assert len(flags) >= 2
    assert all(before.end <= after.start for before, after in pairwise(flags))


def test_clean_text_raises_no_flag(moderator: Moderator) -> None:
    assert moderator.flags("\n".join(LINES * 5)) == ()
    assert moderator.flags("") == ()
    assert moderator.flags(" \n\t ") == ()


def test_many_documents_get_what_each_gets_alone(moderator: Moderator) -> None:
    documents = ["\n".join(LINES), "", f"{LINES[0]}\n{ABUSE}", SPAM, f"{SPAM}\n{ABUSE}"]
    together = moderator.flags_many(documents)
    for flags, document in zip(together, documents, strict=True):
        alone = moderator.flags(document)
        assert [(flag.kind, flag.start, flag.end) for flag in flags] == [
            (flag.kind, flag.start, flag.end) for flag in alone
        ]
        assert [flag.score for flag in flags] == pytest.approx([flag.score for flag in alone], abs=1e-9)
    assert moderator.flags_many([]) == []


def test_markup_between_words_hides_nothing(moderator: Moderator) -> None:
    assert [canonical(word, "toxicity").split() for word in ("<b>Fool</b>", "&amp;", "[name]")] == [["fool"], ["&"], []]
    assert moderator.flags(f"<p>{ABUSE.replace('stupid', '<b>stupid</b>')}</p>")


@pytest.mark.parametrize("sentences", sentences_for_measuring().values())
def test_saying_who_one_is_is_no_abuse(sentences: list[str], moderator: Moderator) -> None:
    assert [sentence for sentence in sentences[::4] if moderator.flags(sentence)] == []


def test_an_explanation_names_the_driving_terms(moderator: Moderator) -> None:
    spam, toxicity = moderator.explain(f"{LINES[0]}\n{ABUSE}")
    assert (spam.kind, spam.flagged, toxicity.kind, toxicity.flagged) == ("spam", False, "toxicity", True)
    assert set(ABUSE.split()) & set(toxicity.passage.split())
    assert {"stupid", "fucking", "idiot"} & {term.text for term in toxicity.terms[:3]}
    assert [term.weight for term in toxicity.terms] == sorted((term.weight for term in toxicity.terms), reverse=True)
    assert moderator.explain("  ") == ()


@pytest.mark.parametrize("kind", ["spam", "toxicity"])
def test_the_terms_add_up_to_the_log_odds(kind: str) -> None:
    detector = Detector.load(load_pack(PACKS / kind / VERSIONS[kind]))
    text = f"{SPAM} {ABUSE} {ABUSE}"
    words = Words.of([read(text)], kind)
    whole = np.array([[0, len(text.split())]])
    for block in detector.blocks:
        added = sum(weight for _, _, weight in block.terms(words))
        assert added == pytest.approx(float(block.log_odds(words, whole)[0]), rel=1e-6)


@pytest.mark.parametrize("kind", ["spam", "toxicity"])
def test_passages_score_as_scikit_learn_scores_their_text(kind: str) -> None:
    pack = load_pack(PACKS / kind / VERSIONS[kind])
    pipeline, detector = skops.load(pack.path(PIPELINE_FILE)), Detector.load(pack)
    document = read("The cat sat down, then the dog ran off with his big old toy; URGENT: buy it now, you idiot")
    texts = [" ".join(canonical(word, kind) for word in passage.split()) for passage in passages(document)]
    assert len(texts) > 1
    first = expit(detector.log_odds([document])[0])
    assert first == pytest.approx(pipeline.predict_proba(texts)[:, 1], abs=1e-5)


def test_a_pair_that_reaches_out_of_a_passage_is_not_counted_in_it() -> None:
    words = Words.of([read("one two three"), read("one two")], "spam")
    vectorizer = HashingVectorizer(ngram_range=(1, 2), alternate_sign=False)
    layers = Block.of(vectorizer, np.ones(2**20), np.ones(2**20)).occurrences(words)
    counts = Counts.of(layers, np.array([[0, 2], [3, 5], [1, 1]]), 2**20)
    assert np.bincount(counts.passages, counts.times, 3).tolist() == [3, 3, 0]  # two words and their pair


def test_a_pack_with_a_foreign_type_is_refused(tmp_path: Path) -> None:
    class Unknown(SGDClassifier):  # type: ignore[misc]
        pass

    skops.dump({"model": Unknown()}, tmp_path / PIPELINE_FILE, compression=ZIP_DEFLATED)
    pack = write_manifest(
        tmp_path, {"name": "spam", "version": "1", "kind": "spam", "threshold": 0.5}, (PIPELINE_FILE,)
    )
    with pytest.raises(PackError, match="not trusted"):
        Detector.load(pack)


def test_packs_in_each_others_place_are_refused() -> None:
    spam, toxicity = (load_pack(PACKS / kind / VERSIONS[kind]) for kind in ("spam", "toxicity"))
    with pytest.raises(PackError, match="kind toxicity"):
        Moderator.load(toxicity, spam)


def test_a_damaged_pack_is_refused(tmp_path: Path) -> None:
    directory = shutil.copytree(PACKS / "spam" / VERSIONS["spam"], tmp_path / "spam")
    content = bytearray((directory / PIPELINE_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (directory / PIPELINE_FILE).write_bytes(content)
    with pytest.raises(PackError, match="damaged"):
        load_pack(directory)


def test_both_kinds_look_again_through_one_encoder(moderator: Moderator) -> None:
    spam, toxicity = (detector.second for detector in moderator.detectors)
    assert spam
    assert toxicity
    assert spam.embedder is toxicity.embedder


@pytest.mark.parametrize("kind", ["spam", "toxicity"])
def test_a_shipped_pack_is_small_and_says_what_it_is(kind: str) -> None:
    directory = PACKS / kind / VERSIONS[kind]
    assert sum(path.stat().st_size for path in directory.iterdir()) < 5_000_000
    pack = load_pack(directory)
    assert 0 < pack.manifest["threshold"] < 1
    assert read_card(pack.manifest).metrics


def test_what_is_remembered_is_bounded_and_changes_nothing(monkeypatch):
    monkeypatch.setattr("scoring.remembered.MOST_KEPT", 3)
    asked = []

    def work(words):
        asked.append(words)
        return [len(word) for word in words]

    lengths = Remembered(work)
    assert lengths.of(["a", "bb", "a"]) == [1, 2, 1]
    assert lengths.of(["bb", "ccc"]) == [2, 3]
    assert asked == [["a", "bb"], ["ccc"]]
    assert lengths.of(["dddd", "a"]) == [4, 1]  # one too many: all that was known goes
    assert lengths.of(["dddd", "a", "e" * 50]) == [4, 1, 50]
    assert lengths.of(["e" * 50]) == [50]
    assert asked[2:] == [["dddd"], ["a", "e" * 50], ["e" * 50]]
