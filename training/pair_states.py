"""Pairs as the lower layers of the base encoder leave them: those learn nothing, so every pair passes them once."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import save_file
from torch import Tensor
from tqdm import tqdm

from scoring.batches import TOKEN_BUDGETS, assemble, cut
from scoring.encoder import Encoder
from scoring.packs import BASE_WEIGHTS, base_directory, sha256_of
from scoring.readable import match_text
from scoring.text import job_text
from scoring.tokens import Tokenizer
from scoring.windows import PairWindow, pair_window
from training.data import Matches

CACHE = Path("runs/cache")
GRAIN = 16


@dataclass(frozen=True, slots=True)
class States:
    """The states of all pairs, float16[tokens, hidden], one pair's behind another's; pair i ends at `ends[i]`."""

    tokens: np.ndarray
    ends: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of every pair."""
        return np.diff(self.ends, prepend=0)

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """Some pairs, padded: (rows, tokens, hidden) in fp32 and the (rows, tokens) mask.

        Padded to a multiple of GRAIN: oneDNN keeps what it made for every shape that it ever met.
        """
        lengths = self.lengths[rows]
        states = torch.zeros(len(rows), -(-int(lengths.max()) // GRAIN) * GRAIN, self.tokens.shape[1])
        mask = torch.zeros(states.shape[:2], dtype=torch.bool)
        for place, (row, length) in enumerate(zip(rows, lengths, strict=True)):
            end = int(self.ends[row])
            states[place, :length] = torch.from_numpy(self.tokens[end - length : end].astype(np.float32))
            mask[place, :length] = True
        return states, mask


def read_states(matches: Matches, layers: int, max_length: int, cache: Path = CACHE) -> States:
    """Pass every pair through the lowest `layers` layers, or read what a former run kept: a gigabyte in all."""
    texts = [match_text(resume) for resume in matches.resumes], [job_text(job) for job in matches.jobs]
    pairs = list(zip(matches.resume.tolist(), matches.job.tolist(), strict=True))
    read = [*texts, pairs, layers, max_length, sha256_of(base_directory() / BASE_WEIGHTS)]
    name = hashlib.sha256(json.dumps(read).encode("ascii")).hexdigest()[:16]
    path = cache / f"pairs-{name}.safetensors"
    if not path.exists():
        tokenizer = Tokenizer.load(base_directory())
        resumes, jobs = map(tokenizer.encode, texts)
        windows = [pair_window(n, resumes[a], jobs[b], max_length) for n, (a, b) in enumerate(pairs)]
        _keep(_compute(windows, Encoder.load(base_directory(), layers), tokenizer), path)
    with safe_open(path, "np") as file:
        return States(file.get_tensor("tokens"), file.get_tensor("ends"))


@torch.inference_mode()
def _compute(windows: list[PairWindow], encoder: Encoder, tokenizer: Tokenizer) -> States:
    lengths = [window.length for window in windows]
    ends = np.cumsum(lengths)
    tokens = np.empty((int(ends[-1]), encoder.shape.hidden_size), dtype=np.float16)
    for rows in _shown(cut(lengths, TOKEN_BUDGETS["cpu"]), len(windows)):
        batch = assemble(windows, rows, tokenizer)
        states = encoder(batch).half().numpy()
        for place, row in enumerate(rows):
            tokens[ends[row] - lengths[row] : ends[row]] = states[place, : lengths[row]]
    return States(tokens, ends)


def _shown(batches: Iterable[np.ndarray], total: int) -> Iterable[np.ndarray]:
    with tqdm(total=total, desc="lower layers", unit="pair") as bar:
        for rows in batches:
            yield rows
            bar.update(len(rows))


def _keep(states: States, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file({"tokens": states.tokens, "ends": states.ends}, partial)
    partial.replace(path)
