"""The vectors of many windows, kept in a file a portion: a long measurement goes on where it was stopped."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from scoring.bags import Vectors
from scoring.batches import compute
from scoring.inputs import unwatched
from scoring.match import MatchModel
from scoring.tokens import Tokenizer
from scoring.windows import Window

PORTION = 1024
"""Windows to a file: about a minute of one core."""


@dataclass(frozen=True, slots=True)
class WindowVectors:
    """Reads windows as the model's encoder does and keeps their vectors in a folder."""

    model: MatchModel
    tokenizer: Tokenizer
    folder: Path

    def of(self, windows: Sequence[Window]) -> Vectors:
        """Float[windows, hidden], in the order of the windows; equal ones are read once."""
        distinct = {window.first.tobytes(): window for window in windows}
        places = {key: place for place, key in enumerate(distinct)}
        ordered = list(distinct.values())
        starts = tqdm(range(0, len(ordered), PORTION), desc=f"{len(ordered)} windows", unit="portion")
        vectors = np.concatenate([self._portion(ordered[start : start + PORTION]) for start in starts])
        return np.asarray(vectors[[places[window.first.tobytes()] for window in windows]])

    def _portion(self, windows: Sequence[Window]) -> Vectors:
        path = self.folder / f"{self._name(windows)}.npy"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            with partial.open("wb") as file:
                np.save(file, self._read(windows))
            partial.replace(path)
        return np.asarray(np.load(path))

    @torch.inference_mode()
    def _read(self, windows: Sequence[Window]) -> Vectors:
        return np.asarray(compute(windows, self.model.reader.encoder.mean, self.tokenizer, "cpu", unwatched).numpy())

    def _name(self, windows: Sequence[Window]) -> str:
        """What decides the vectors: the encoder and the ids of the windows, each with its length."""
        manifest = self.model.pack.manifest
        digest = hashlib.sha256(f"{manifest['base']['sha256']} {manifest['layers']}".encode())
        for window in windows:
            digest.update(len(window.first).to_bytes(4, "little") + window.first.tobytes())
        return digest.hexdigest()[:16]
