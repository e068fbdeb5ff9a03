"""What a resume takes, measured here: arithmetic of the encoder, and processor time to prepare it and its pairs."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.performance.peers import interleave
from benchmarks.scale import samples
from scoring.inputs import Job, Resume
from scoring.packs import base_directory, newest_pack
from scoring.pipeline import PACKS, Pipeline

RESUMES, ROUNDS = 40, 3
TIMES = 25
"""How often the sample jobs are taken: an explanation is short, and is lost in the spread of what a resume takes."""


@dataclass(frozen=True, slots=True)
class Work:
    """Of a resume of `characters` characters.

    `tokens` are those that the encoder reads, special ones and overlaps included, and `flops` its arithmetic on them.
    `prepare` is seconds of a processor until a resume's windows are cut, and `pair` of one explanation with a job.
    """

    characters: int
    tokens: float
    flops: float
    prepare: float
    pair: float


def measure() -> Work:
    """Over synthetic resumes of the samples' lines, with one job and with many."""
    versions = {name: newest_pack(samples.PACKS, name).version for name in PACKS}
    pipeline = Pipeline.load(samples.PACKS, versions)
    jobs = samples.jobs() * TIMES
    resumes = [Resume(str(number), text) for number, text in enumerate(samples.resume_texts()[:RESUMES])]
    pipeline.prepare(resumes, jobs)  # what is read, compiled and remembered at first use is no resume's
    found = interleave(ROUNDS, {
        "one": lambda: _seconds(pipeline, resumes, jobs[:1]), "many": lambda: _seconds(pipeline, resumes, jobs),
    })  # fmt: skip
    one, many = median(found["one"]), median(found["many"])
    pair = max(0.0, many - one) / (RESUMES * (len(jobs) - 1))
    windows = pipeline.prepare(resumes, jobs).match_windows
    layers = newest_pack(samples.PACKS, "match").manifest["layers"]
    return Work(
        samples.CHARACTERS,
        sum(window.length for window in windows) / RESUMES,
        sum(_flops(window.length, layers) for window in windows) / RESUMES,
        one / RESUMES - pair,
        pair,
    )


def _seconds(pipeline: Pipeline, resumes: Sequence[Resume], jobs: Sequence[Job]) -> float:
    begun = time.process_time()
    pipeline.prepare(resumes, jobs)
    return time.process_time() - begun


def _flops(length: int, layers: int) -> float:
    """Two for each multiplication of a forward pass: four maps of a layer's width and two of its inner width a token,
    and attention's two products, which grow with the window.
    """
    shape = json.loads((base_directory() / "config.json").read_text(encoding="utf-8"))
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    return float(layers * (2 * length * (4 * width**2 + 2 * width * inner) + 4 * length**2 * width))
