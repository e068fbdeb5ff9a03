"""Measures moderation where it works: `python -m training.planted --data-dir FOLDER`.

On held-out messages, and on whole documents: untouched, and with one bad line planted in each. Writes the tables of
docs/MODELS.md; nothing measured here was learned from, nor chosen a threshold by.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from scoring.inputs import Flag
from scoring.moderation import Detector, Moderator
from scoring.packs import load_pack
from scoring.passages import MAX_WORDS
from training.identity import sentences_for_measuring
from training.messages import read_documents, read_messages
from training.moderation import HELD_OUT, RECIPES, figures, read_examples, worst_scores
from training.report import keep
from training.splits import SEED

PLANTED = 500
"""Clean resumes that get one bad line each: half of them spam, half abuse."""


def messages_table(kind: str, data_dir: Path, packs: Path) -> dict[str, dict]:
    """The held-out messages under the majority class, a plain TF-IDF classifier and the shipped pack, by row name."""
    examples, detector = read_examples(RECIPES[kind], data_dir), Detector.load(load_pack(packs / kind / "1"))
    rows, learned = examples.measured_in(HELD_OUT), examples.outside(HELD_OUT)
    texts, truth = [examples.texts[row] for row in rows], examples.labels[rows]
    plain = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    plain.fit([examples.texts[row] for row in learned], examples.labels[learned])
    table = {
        "majority class": figures(np.zeros(len(texts)), truth, 0.5),
        "TF-IDF words + logistic regression": figures(plain.predict_proba(texts)[:, 1], truth, 0.5),
        f"pack {kind}/1": figures(worst_scores(detector, texts), truth, detector.threshold),
    }
    if kind == "toxicity":
        tweets = read_messages(data_dir / "toxic_davidson.csv")
        scores = worst_scores(detector, tweets.texts)
        table["pack toxicity/1 on tweets"] = figures(scores, tweets.labels, detector.threshold)
    return table


def documents_table(data_dir: Path, packs: Path) -> dict[str, dict]:
    """Documents that no model learned from and how many are flagged, by row name; a planted line must be named."""
    moderator = Moderator.load(*(load_pack(packs / kind / "1") for kind in ("spam", "toxicity")))
    documents, random = read_documents(data_dir), np.random.default_rng(SEED)
    resumes, postings = (documents.of("test", is_resume) for is_resume in (True, False))
    table = {
        "untouched resumes": _flagged(moderator, resumes),
        "untouched postings": _flagged(moderator, postings),
        "identity sentences": _flagged(moderator, sentences_for_measuring()),
    }
    chosen = [resumes[row] for row in random.permutation(len(resumes))[:PLANTED]]
    parts = {"spam": chosen[: PLANTED // 2], "toxicity": chosen[PLANTED // 2 :]}
    lines = {kind: _bad_lines(kind, data_dir) for kind in parts}
    for form, separator in (("on a line of its own", "\n"), ("in running text", " ")):
        found = {kind: _found(moderator, part, lines[kind], separator, random) for kind, part in parts.items()}
        for kind, hits in found.items():
            table[f"{kind} planted {form}"] = {"n": len(hits), "found": sum(hits), "share": float(np.mean(hits))}
        both = [hit for hits in found.values() for hit in hits]
        table[f"either planted {form}"] = {"n": len(both), "found": sum(both), "share": float(np.mean(both))}
    return table


def _flagged(moderator: Moderator, texts: Sequence[str]) -> dict:
    began = time.monotonic()
    kinds = [{flag.kind for flag in own} for own in moderator.flags_many(texts)]
    seconds = time.monotonic() - began
    return {
        "n": len(texts), "found": sum(map(bool, kinds)), "share": sum(map(bool, kinds)) / len(texts),
        "spam": sum("spam" in own for own in kinds), "toxicity": sum("toxicity" in own for own in kinds),
        "per_second": int(len(texts) / seconds),
    }  # fmt: skip


def _found(
    moderator: Moderator, documents: Sequence[str], lines: Sequence[str], separator: str, random: np.random.Generator
) -> list[bool]:
    """Whether a bad line planted in each document is named, by a flag of whichever kind."""
    planted = [_plant(document, lines[int(random.integers(len(lines)))], separator, random) for document in documents]
    flags = moderator.flags_many([text for text, _, _ in planted])
    return [_overlaps(own, start, end) for own, (_, start, end) in zip(flags, planted, strict=True)]


def _bad_lines(kind: str, data_dir: Path) -> list[str]:
    examples = read_examples(RECIPES[kind], data_dir)
    bad = [" ".join(examples.texts[row].split()) for row in examples.measured_in(HELD_OUT) if examples.labels[row]]
    return [line for line in bad if len(line.split()) <= MAX_WORDS]


def _plant(document: str, line: str, separator: str, random: np.random.Generator) -> tuple[str, int, int]:
    """The document with the line put between two of its words, and where the line then stands."""
    words = document.split(" ")
    at = int(random.integers(1, max(len(words), 2)))
    head, tail = " ".join(words[:at]) + separator, separator + " ".join(words[at:])
    return head + line + tail, len(head), len(head) + len(line)


def _overlaps(flags: Sequence[Flag], start: int, end: int) -> bool:
    return any(flag.start < end and flag.end > start for flag in flags)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--packs", type=Path, default=Path("packs"))
    parser.add_argument("--page", type=Path, default=Path("docs/MODELS.md"))
    options = parser.parse_args()
    for kind in RECIPES:
        keep(options.page, kind, messages_table(kind, options.data_dir, options.packs))
    keep(options.page, "documents", documents_table(options.data_dir, options.packs))


if __name__ == "__main__":
    main()
