"""The texts of the match grid as the encoder sees them: window vectors, kept in a file, as the encoder never learns."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file
from tqdm import tqdm

from scoring.bags import Bags
from scoring.encoder import Encoder
from scoring.match import Reader
from scoring.packs import BASE_WEIGHTS, base_directory, sha256_of
from scoring.readable import match_text
from scoring.text import job_text
from scoring.tokens import Tokenizer
from training.data import Matches
from training.grid import Grid
from training.match_fit import Groups
from training.splits import alike

LAYERS, MAX_LENGTH, STRIDE = 6, 128, 16
CACHE = Path("runs/cache")


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of the grid: texts, their bags, rounded to fp16 as packs store them, and the seconds that took."""

    resume_texts: list[str]
    job_texts: list[str]
    resumes: Bags
    jobs: Bags
    seconds: float

    def grid(self, matches: Matches) -> Grid:
        """With the scores of the file in their cells."""
        scores = np.full((len(self.resumes), len(self.jobs)), np.nan)
        scores[matches.resume, matches.job] = matches.score
        return Grid.of(self.resumes, self.jobs, scores)

    def groups(self) -> Groups:
        """Near-duplicate resumes share a key; jobs that read the same do."""
        return Groups(alike(self.resume_texts), self.job_texts)


def read_sides(matches: Matches, cache: Path = CACHE) -> Sides:
    """Encode every resume and every job once, or read what a former run kept."""
    resume_texts = [match_text(resume) for resume in matches.resumes]
    job_texts = [job_text(job) for job in matches.jobs]
    path = cache / f"match-{_fingerprint(resume_texts, job_texts)}.safetensors"
    if not path.exists():
        _encode(resume_texts, job_texts, path)
    with safe_open(path, "np") as file:
        resumes, jobs = (
            Bags(file.get_tensor(f"{side}_vectors").astype(np.float32), file.get_tensor(f"{side}_counts"))
            for side in ("resume", "job")
        )
        return Sides(resume_texts, job_texts, resumes, jobs, float(file.metadata()["seconds"]))


def base_reader() -> Reader:
    """The encoder as it was published; nothing in it is learned here."""
    return Reader(Encoder.load(base_directory(), LAYERS), MAX_LENGTH, STRIDE)


def stored(bags: Bags, side: str) -> dict[str, np.ndarray]:
    """Bags as packs store them."""
    return {f"{side}_vectors": bags.vectors.astype(np.float16), f"{side}_counts": bags.counts.astype(np.int32)}


def _encode(resumes: list[str], jobs: list[str], path: Path) -> None:
    began, reader, tokenizer = time.monotonic(), base_reader(), Tokenizer.load(base_directory())
    tensors: dict[str, np.ndarray] = {}
    for side, one in (("resume", resumes), ("job", jobs)):
        with tqdm(desc=f"{side}s", unit="token") as bar:
            tensors |= stored(reader.read(tokenizer, one, "cpu", lambda tokens, _: _count(bar, tokens)), side)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, {"seconds": f"{time.monotonic() - began:.1f}"})
    partial.replace(path)


def _count(bar: "tqdm[Any]", tokens: int) -> None:
    bar.update(tokens)


def _fingerprint(resumes: list[str], jobs: list[str]) -> str:
    read = [resumes, jobs, LAYERS, MAX_LENGTH, STRIDE, sha256_of(base_directory() / BASE_WEIGHTS)]
    return hashlib.sha256(json.dumps(read).encode("ascii")).hexdigest()[:16]
