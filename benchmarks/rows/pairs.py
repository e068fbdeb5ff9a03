"""Pairs of resume and job through one classifier: our engine, in fp32 and int8, against what others read pairs with.

infinity-emb is a peer only where an environment of it is named (benchmarks/performance/infinity.py).
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from benchmarks.performance.classifier import write_classifier
from benchmarks.performance.infinity import infinity
from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.stage import timed
from benchmarks.performance.texts import multiplied_samples, sample_jobs
from scoring.encoder import Arithmetic
from scoring.formats import Format, computable
from scoring.pairs import MAX_LENGTH, PairModel
from training.recipes.match_000 import read
from training.spread import spread

FP32, INT8, CROSS_ENCODER, LOOP = "Winnow fp32", "Winnow int8", "CrossEncoder.predict", "the references' loop"
INFINITY = "infinity-emb's rerank engine"
LIMIT = (
    "Attention, norms and what lies between the products are fp32 in every format: int8 makes the products faster and "
    "nothing else. Tokenising is a twentieth of it, and the same for all."
)
SCALED_BY = 64
"""Pairs that scale the head and tell int8 how large inputs are; they are not among those that are scored."""
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs as rows of texts, as the peers take them."""

    resumes: list[str]
    jobs: list[str]
    texts: str

    def of(self, rows: slice) -> "_Pairs":
        return _Pairs(self.resumes[rows], self.jobs[rows], self.texts)


def measure(setup: Setup) -> list[Row]:
    """Speed of all peers over the same pairs and weights."""
    pairs = _pairs(setup, setup.of(200, 2000) + SCALED_BY)
    known, pairs = pairs.of(slice(SCALED_BY)), pairs.of(slice(SCALED_BY, None))
    folder = write_classifier(setup.folder / "pair", known.resumes, known.jobs, MAX_LENGTH)
    plain = PairModel.load(folder)
    peers: dict[str, Callable[[], Scores]] = {
        FP32: lambda: _ours(plain, pairs),
        CROSS_ENCODER: _cross_encoder(folder, pairs),
        LOOP: _loop(folder, pairs),
    }
    if Format.INT8 in computable("cpu"):
        places = [(place, place) for place in range(SCALED_BY)]
        seen = spread(plain.encoder, plain.tokenizer, plain.windows(known.resumes, known.jobs, places))
        eighths = PairModel.load(folder, Arithmetic(Format.INT8, spread=seen))
        peers[INT8] = lambda: _ours(eighths, pairs)
    scores = {name: peer() for name, peer in peers.items()}  # the first call of each warms up, and is not timed
    count = len(pairs.resumes)
    timed_peers = {name: _rate(peer, count) for name, peer in peers.items()}
    both = list(zip(pairs.resumes, pairs.jobs, strict=True))
    with infinity(folder, both, torch.get_num_threads()) as engine:
        if engine is not None:
            scores[INFINITY] = np.array(engine.score()[1])
            timed_peers[INFINITY] = lambda: count / engine.score()[0]
        _agree(scores)
        found = interleave(setup.repeats, timed_peers)
    return _speed(found, pairs, plain)


def _speed(found: dict[str, list[float]], pairs: _Pairs, plain: PairModel) -> list[Row]:
    wanted = [
        (FP32, CROSS_ENCODER, 1.4), (FP32, LOOP, 1.9), (FP32, INFINITY, 1.3),
        (INT8, CROSS_ENCODER, 2.5), (INT8, FP32, 1.7),
    ]  # fmt: skip
    lengths = [window.length for window in plain.windows(pairs.resumes, pairs.jobs, _places(pairs))]
    padding = MAX_LENGTH * len(lengths) / sum(lengths)
    return [
        Row(
            name=f"pair scoring: {ours}",
            against=f"{theirs}, {MAX_LENGTH} tokens",
            target=Target(bound),
            values=ratios(found[ours], found[theirs]),
            rates=medians({name: found[name] for name in (ours, theirs)}, "pairs/s"),
            ceiling=f"padding all pairs to {MAX_LENGTH} costs {padding:.2f}x; the rest is the format and the width of "
            "the processor's vectors: see the rows of the arithmetic",
            n=len(lengths),
            texts=pairs.texts,
            limit=LIMIT,
        )
        for ours, theirs, bound in wanted
        if ours in found and theirs in found
    ]


def _pairs(setup: Setup, count: int) -> _Pairs:
    table = setup.real("resume_data.csv")
    if table is not None:
        rows = read(table)
        drawn = np.random.default_rng(1).permutation(len(rows.resume))[:count]
        told = "pairs of resume_data.csv as reference 000 joins their columns; random head on all-MiniLM-L6-v2"
        return _Pairs([rows.resume[row] for row in drawn], [rows.job[row] for row in drawn], told)
    jobs = [" ".join((job["title"], job["description"])) for job in sample_jobs()]
    resumes = [row["text"] for row in multiplied_samples(count // len(jobs) + 1)]
    both = list(itertools.product(resumes, jobs))[:count]
    told = "lines of the sample resumes with the sample jobs; random head on all-MiniLM-L6-v2"
    return _Pairs([resume for resume, _ in both], [job for _, job in both], told)


def _places(pairs: _Pairs) -> list[tuple[int, int]]:
    return [(place, place) for place in range(len(pairs.resumes))]


def _ours(model: PairModel, pairs: _Pairs) -> Scores:
    """Every text once, whatever the number of pairs that it stands in."""
    resumes, jobs = (_distinct(texts) for texts in (pairs.resumes, pairs.jobs))
    both = zip(pairs.resumes, pairs.jobs, strict=True)
    return model.probabilities(list(resumes), list(jobs), [(resumes[resume], jobs[job]) for resume, job in both])


def _distinct(texts: Sequence[str]) -> dict[str, int]:
    return {text: place for place, text in enumerate(dict.fromkeys(texts))}


def _cross_encoder(folder: object, pairs: _Pairs) -> Callable[[], Scores]:
    model = CrossEncoder(str(folder), max_length=MAX_LENGTH, device="cpu")
    both = list(zip(pairs.resumes, pairs.jobs, strict=True))
    return lambda: np.asarray(model.predict(both, show_progress_bar=False), dtype=np.float64)


def _loop(folder: object, pairs: _Pairs) -> Callable[[], Scores]:
    """As the references evaluate: row by row in the file's order, eight at a time, padded to the most."""
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    model = AutoModelForSequenceClassification.from_pretrained(str(folder)).eval()

    @torch.no_grad()
    def run() -> Scores:
        scores = []
        for start in range(0, len(pairs.resumes), 8):
            some = pairs.of(slice(start, start + 8))
            encoded = tokenizer(
                some.resumes, some.jobs, truncation=True, padding="max_length", max_length=MAX_LENGTH,
                return_tensors="pt",
            )  # fmt: skip
            scores.append(model(**encoded).logits[:, 0].sigmoid().double().numpy())
        return np.concatenate(scores)

    return run


def _rate(peer: Callable[[], Scores], count: int) -> Callable[[], float]:
    return lambda: count / timed(peer)


def _agree(scores: dict[str, Scores]) -> None:
    """Whoever computes in fp32 computes the same."""
    for name in scores.keys() - {FP32, INT8}:
        np.testing.assert_allclose(scores[name], scores[FP32], atol=1e-4, err_msg=name)
