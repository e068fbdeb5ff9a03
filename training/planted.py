"""Measures moderation where it works: `python -m training.planted --data-dir FOLDER`.

On held-out messages, and on whole documents: untouched, and with one bad line planted in each, which then go the way
of any resume, redaction included. Writes the tables of docs/MODELS.md; nothing measured here was learned from, nor
chosen by.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from scoring.detector import Detector
from scoring.inputs import Flag, Resume
from scoring.moderation import Moderator
from scoring.packs import load_pack
from scoring.passages import MAX_WORDS
from scoring.readable import read_resume
from training.examples import HELD_OUT, Examples, read_examples
from training.flagging import figures, worst_scores
from training.identity import sentences_for_measuring
from training.messages import SPLIT_SEED, read_documents, read_messages
from training.moderation import RECIPES, VERSIONS
from training.report import keep

PLANTED = 500
"""Clean resumes that get one bad line each: half of them spam, half abuse."""


def messages_table(kind: str, data_dir: Path, packs: Path) -> dict[str, dict]:
    """The held-out messages under the majority class, a plain TF-IDF classifier and the shipped pack, by row name."""
    examples = read_examples(RECIPES[kind].files, data_dir)
    rows = examples.measured_in(HELD_OUT)
    texts, truth = [examples.texts[row] for row in rows], examples.labels[rows]
    pack = load_pack(packs / kind / VERSIONS[kind])
    detector, plain, name = Detector.load(pack), _plain(examples), f"pack {pack.name}/{pack.version}"
    table = {
        "majority class": _measured(lambda texts: np.zeros(len(texts)), texts, truth, 0.5),
        "TF-IDF words + logistic regression": _measured(plain, texts, truth, 0.5),
        name: _measured(lambda texts: worst_scores(detector, texts), texts, truth, detector.threshold),
    }
    if kind == "toxicity":
        tweets = read_messages(data_dir / "toxic_davidson.csv")
        scores = worst_scores(detector, tweets.texts)
        table[f"{name} on tweets"] = figures(scores, tweets.labels, detector.threshold)
    return table


def documents_table(data_dir: Path, packs: Path) -> dict[str, dict]:
    """Documents that no model learned from and how many are flagged, by row name; a planted line must be named."""
    moderator = Moderator.load(*(load_pack(packs / kind / VERSIONS[kind]) for kind in ("spam", "toxicity")))
    documents, random = read_documents(data_dir), np.random.default_rng(SPLIT_SEED)
    table = {
        "untouched resumes": _flagged(moderator, documents.of("test", is_resume=True)),
        "untouched postings": _flagged(moderator, documents.of("test", is_resume=False)),
        **{row: _flagged(moderator, sentences) for row, sentences in sentences_for_measuring().items()},
    }
    resumes = documents.raw_of("test", is_resume=True)
    chosen = [resumes[row] for row in random.permutation(len(resumes))[:PLANTED]]
    parts = {"spam": chosen[::2], "toxicity": chosen[1::2]}
    lines = {kind: _bad_lines(kind, data_dir) for kind in parts}
    for form, separator in (("on a line of its own", "\n"), ("in running text", " ")):
        found = {kind: _found(moderator, part, lines[kind], separator, random) for kind, part in parts.items()}
        rows = {**found, "either": [hit for hits in found.values() for hit in hits]}
        table |= {f"{kind} planted {form}": _share(hits) for kind, hits in rows.items()}
    return table


def _plain(examples: Examples) -> Callable[[Sequence[str]], np.ndarray]:
    """The reference's way: TF-IDF of words, logistic regression, learned from the same messages."""
    learned = examples.outside(HELD_OUT)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    model.fit([examples.texts[row] for row in learned], examples.labels[learned])
    return lambda texts: model.predict_proba(texts)[:, 1]


def _measured(
    score: Callable[[Sequence[str]], np.ndarray], texts: Sequence[str], truth: np.ndarray, threshold: float
) -> dict:
    began = time.monotonic()
    scores = score(texts)
    return {**figures(scores, truth, threshold), "per_second": int(len(texts) / (time.monotonic() - began))}


def _share(hits: Sequence[bool]) -> dict:
    """The share with its 95% interval (Wilson 1927)."""
    count, share, z = len(hits), float(np.mean(hits)), 1.96
    middle, spread = share + z**2 / (2 * count), z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    interval = [float(end / (1 + z**2 / count)) for end in (middle - spread, middle + spread)]
    return {"n": count, "found": int(sum(hits)), "share": share, "share_95": interval}


def _flagged(moderator: Moderator, texts: Sequence[str]) -> dict:
    began = time.monotonic()
    kinds = [{flag.kind for flag in moderator.flags(text)} for text in texts]
    seconds = time.monotonic() - began
    return {
        **_share([bool(own) for own in kinds]), "spam": sum("spam" in own for own in kinds),
        "toxicity": sum("toxicity" in own for own in kinds), "per_second": int(len(texts) / seconds),
    }  # fmt: skip


def _found(
    moderator: Moderator, documents: Sequence[str], lines: Sequence[str], separator: str, random: np.random.Generator
) -> list[bool]:
    """Whether a bad line planted in each document is named, by a flag of whichever kind."""
    hits = []
    for document in documents:
        text, start, end = _plant(document, lines[int(random.integers(len(lines)))], separator, random)
        readable = read_resume(Resume("planted", text))
        hits.append(_overlaps(map(readable.own, moderator.flags(readable.redacted.text)), start, end))
    return hits


def _bad_lines(kind: str, data_dir: Path) -> list[str]:
    """Held-out bad messages of at most MAX_WORDS words, as they came."""
    recipe = RECIPES[kind]
    examples, raw = read_examples(recipe.files, data_dir), read_messages(data_dir / recipe.measured).raw
    bad = [" ".join(raw[row].split()) for row in examples.measured_in(HELD_OUT) if examples.labels[row]]
    return [line for line in bad if len(line.split()) <= MAX_WORDS]


def _plant(document: str, line: str, separator: str, random: np.random.Generator) -> tuple[str, int, int]:
    """The document with the line put between two of its words, and where the line then stands."""
    words = document.split(" ")
    at = int(random.integers(1, max(len(words), 2)))
    head, tail = " ".join(words[:at]) + separator, separator + " ".join(words[at:])
    return head + line + tail, len(head), len(head) + len(line)


def _overlaps(flags: Iterable[Flag], start: int, end: int) -> bool:
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
