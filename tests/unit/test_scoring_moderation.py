"""Moderation names the passage that is spam or abuse, wherever it stands, and what drove the score."""

import json
import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import SGDClassifier
from skops import io as skops

from scoring.moderation import PIPELINE_FILE, Detector, Moderator, canonical
from scoring.packs import PackError, load_pack, write_manifest
from scoring.passages import MAX_WORDS, cut

PACKS = Path(__file__).parents[2] / "packs"
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
    return Moderator.load(load_pack(PACKS / "spam" / "1"), load_pack(PACKS / "toxicity" / "1"))


@given(st.text(alphabet=st.sampled_from("ab .!?;•\n\t\u00a0é"), max_size=600))
def test_passages_hold_every_word_once_in_order(text: str) -> None:
    passages = cut(text)
    assert [word for passage in passages for word in passage.text.split()] == text.split()
    assert all(text[passage.start : passage.end] == passage.text for passage in passages)
    assert all(1 <= len(passage.text.split()) <= MAX_WORDS for passage in passages)


def test_a_line_stands_alone_between_its_neighbours() -> None:
    text = f"{LINES[0]}\nWork\n{LINES[1]}\nclick here for cash prizes\n{ABUSE}\n{LINES[2]}"
    lines = [f"{LINES[0]}\nWork", LINES[1], "click here for cash prizes", ABUSE, LINES[2]]
    assert [passage.text for passage in cut(text)] == lines


def test_short_lines_are_read_together() -> None:
    assert [passage.text for passage in cut(f"Jane Doe\nLeeds\nSkills\n{LINES[0]}")] == [
        "Jane Doe\nLeeds\nSkills",
        LINES[0],
    ]


def test_sentences_of_one_line_are_passages_of_their_own_once_long_enough() -> None:
    long = "Led the migration of forty servers to a new data centre in Leeds without any downtime at all."
    assert [passage.text for passage in cut(f"{long} Short one. {long} Rest.")] == [long, f"Short one. {long} Rest."]


@pytest.mark.parametrize(("kind", "line"), [("toxicity", ABUSE), ("spam", SPAM)])
@pytest.mark.parametrize("separator", ["\n", " "])
def test_one_bad_line_is_found_and_named(moderator: Moderator, kind: str, line: str, separator: str) -> None:
    document = separator.join([*LINES[:2], line, *LINES[2:]])
    flags = moderator.flags(document)
    assert {flag.kind for flag in flags} == {kind}
    for flag in flags:
        assert document[flag.start : flag.end] == flag.passage
        assert set(flag.passage.split()) & set(line.split())
        assert flag.threshold <= flag.score <= 1


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
    assert canonical('a <span class="hl">Fool</span> &amp; more', "toxicity").split() == ["a", "fool", "&", "more"]
    assert moderator.flags(f"<p>{ABUSE.replace('stupid', '<b>stupid</b>')}</p>")


def test_an_explanation_names_the_driving_terms(moderator: Moderator) -> None:
    spam, toxicity = moderator.explain(f"{LINES[0]}\n{ABUSE}")
    assert (spam.kind, spam.flagged, toxicity.kind, toxicity.flagged) == ("spam", False, "toxicity", True)
    assert toxicity.passage == ABUSE
    assert {"stupid", "fucking", "idiot"} & {term.text for term in toxicity.terms[:3]}
    assert [term.weight for term in toxicity.terms] == sorted((term.weight for term in toxicity.terms), reverse=True)
    assert moderator.explain("  ") == ()


@pytest.mark.parametrize("kind", ["spam", "toxicity"])
def test_the_terms_add_up_to_the_log_odds(kind: str) -> None:
    detector = Detector.load(load_pack(PACKS / kind / "1"))
    text = canonical(f"{SPAM} {ABUSE} {ABUSE}", kind)
    added = sum(weight for block in detector.blocks for _, weight in block.terms(text))
    log_odds = sum(float(block.log_odds([text])[0]) for block in detector.blocks)
    assert added == pytest.approx(log_odds, rel=1e-4)


def test_pieces_of_words_are_counted_as_scikit_learn_counts_them() -> None:
    pieces = Detector.load(load_pack(PACKS / "toxicity" / "1")).blocks[1]
    texts = ["one two  two", "a\tbb ccc", "", LINES[0].lower()]
    expected = pieces.counts.transform(texts)
    assert np.abs(pieces.count(texts) - expected).max() == 0


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
    spam, toxicity = (load_pack(PACKS / kind / "1") for kind in ("spam", "toxicity"))
    with pytest.raises(PackError, match="kind toxicity"):
        Moderator.load(toxicity, spam)


def test_a_damaged_pack_is_refused(tmp_path: Path) -> None:
    directory = shutil.copytree(PACKS / "spam" / "1", tmp_path / "spam")
    content = bytearray((directory / PIPELINE_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (directory / PIPELINE_FILE).write_bytes(content)
    with pytest.raises(PackError, match="damaged"):
        load_pack(directory)


@pytest.mark.parametrize("kind", ["spam", "toxicity"])
def test_a_shipped_pack_is_small_and_says_what_it_is(kind: str) -> None:
    directory = PACKS / kind / "1"
    assert sum(path.stat().st_size for path in directory.iterdir()) < 5_000_000
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    assert 0 < manifest["threshold"] < 1
    assert {"seed", "split", "data", "metrics", "sklearn", "intended_use", "limits", "notice"} <= set(manifest)
