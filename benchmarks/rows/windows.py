"""Whole resumes in windows of 512 tokens through one BERT classifier: our engine against the pipeline of transformers.

The shipped category model is no BERT any more (docs/decisions/categories-by-word-pieces.md); this row holds the engine
itself against the references' way to classify long texts, with the same weights and the same windows.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, pipeline

from benchmarks.performance.classifier import write_classifier
from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import timed
from benchmarks.performance.texts import multiplied_samples, resume_corpus
from scoring.batches import compute
from scoring.packs import base_directory
from scoring.pairs import PairModel
from scoring.text import normalise
from scoring.tokens import Tokenizer
from scoring.windows import text_windows

MAX_LENGTH = 512
ENGINE, PIPELINE = "Winnow fp32", "transformers' pipeline"
Scores = NDArray[np.float64]


def measure(setup: Setup) -> list[Row]:
    """One row."""
    texts, told = _texts(setup)
    folder = write_classifier(setup.folder / "classifier", texts[:8], None, MAX_LENGTH)
    model = PairModel.load(folder, max_length=MAX_LENGTH)
    peers: dict[str, Callable[[], Scores]] = {ENGINE: lambda: _ours(model, texts), PIPELINE: _pipeline(folder, texts)}
    scores = {name: peer() for name, peer in peers.items()}  # the first call of each warms up, and is not timed
    np.testing.assert_allclose(scores[ENGINE], scores[PIPELINE], atol=1e-4)
    found = interleave(setup.repeats, {name: _rate(peer, len(texts)) for name, peer in peers.items()})
    lengths = [len(ids) + 2 for ids in model.tokenizer.encode(texts)]
    return [
        Row(
            name=f"windows of {MAX_LENGTH} tokens, a BERT classifier: {ENGINE}",
            against=f"{PIPELINE}, batches of 8, padded to {MAX_LENGTH}, the same windows",
            target=Target(1.5),
            values=ratios(found[ENGINE], found[PIPELINE]),
            rates=medians(found, "windows/s"),
            ceiling=f"padding costs {MAX_LENGTH * len(lengths) / sum(lengths):.2f}x; the rest is the width of the "
            "processor's vectors",
            n=len(texts),
            texts=told,
            limit="Most windows are full, so padding gives little; a third of the time is attention over 512 tokens, "
            "whose logits are too many for the inner caches.",
        )
    ]


def _texts(setup: Setup) -> tuple[list[str], str]:
    """Every window as a text, so that both peers tokenise it."""
    count, path = setup.of(20, 500), setup.real("resume_corpus.parquet")
    rows = multiplied_samples(count) if path is None else resume_corpus(path, count)
    tokenizer, words = Tokenizer.load(base_directory()), AutoTokenizer.from_pretrained(base_directory())
    ids = tokenizer.encode([normalise(row["text"]) for row in rows])
    windows = [window for place, one in enumerate(ids) for window in text_windows(place, one, MAX_LENGTH - 8, 0)]
    source = "the samples" if path is None else "resume_corpus"
    return [str(words.decode(window.first)) for window in windows], f"{count} resumes of {source}, whole; random head"


def _ours(model: PairModel, texts: list[str]) -> Scores:
    ids = model.tokenizer.encode(texts)
    windows = [window for place, one in enumerate(ids) for window in text_windows(place, one, MAX_LENGTH, 0)[:1]]
    with torch.inference_mode():
        logits = compute(windows, model.forward, model.tokenizer, "cpu", lambda *_: None)
    return logits.double().sigmoid().numpy()


def _pipeline(folder: Path, texts: list[str]) -> Callable[[], Scores]:
    classify = pipeline("text-classification", str(folder), device="cpu", batch_size=8)
    how = {"padding": "max_length", "truncation": True, "max_length": MAX_LENGTH, "function_to_apply": "sigmoid"}
    return lambda: np.array([one["score"] for one in classify(texts, **how)], dtype=np.float64)


def _rate(peer: Callable[[], Scores], count: int) -> Callable[[], float]:
    return lambda: count / timed(peer)
