"""Sentence embeddings of the base encoder as it was published: what texts are about, whatever words they use."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from scoring.batches import compute
from scoring.checkpoint import EncoderShape
from scoring.encoder import Arithmetic, Encoder
from scoring.inputs import unwatched
from scoring.text import normalise
from scoring.tokens import Tokenizer
from scoring.windows import text_windows

WINDOW = 256
"""Tokens a window: what the published encoder was trained to read at once."""

Vectors = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Embedder:
    """The base encoder, all layers, and its tokenizer."""

    encoder: Encoder
    tokenizer: Tokenizer
    device: str

    @classmethod
    def load(cls, base: Path, device: str = "cpu") -> "Embedder":
        """Load from a base model's directory. Raises PackError."""
        layers = EncoderShape.read(base).num_hidden_layers
        return cls(Encoder.load(base, layers, Arithmetic(device=device)), Tokenizer.load(base), device)

    @torch.inference_mode()
    def embed(self, texts: Sequence[str], most_windows: int | None = None) -> Vectors:
        """A vector of length 1 for each text, float16[texts, hidden]; a text without words gets zeros.

        A long text is read in windows side by side, the first `most_windows` of it; its vector is their mean, weighted
        by tokens.
        """
        ids = self.tokenizer.encode([normalise(text) for text in texts])
        windows = [
            window
            for place, one in enumerate(ids)
            if len(one)
            for window in text_windows(place, one, WINDOW, 0)[:most_windows]
        ]
        sums = torch.zeros(len(texts), self.encoder.shape.hidden_size)
        if windows:
            means = compute(windows, self.encoder.mean, self.tokenizer, self.device, unwatched).float().cpu()
            weights = torch.tensor([window.length for window in windows], dtype=torch.float32)
            sums.index_add_(0, torch.tensor([window.owner for window in windows]), means * weights[:, None])
        return functional.normalize(sums, dim=1).half().numpy()


def similarities(vector: Vectors, others: Vectors) -> NDArray[np.float32]:
    """The cosine of a vector, (hidden,), with each of the others, (others, hidden)."""
    cosines: NDArray[np.float32] = others.astype(np.float32) @ vector.astype(np.float32)
    return cosines
