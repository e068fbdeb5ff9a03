"""The match model: resume and job read together as a sentence pair by the adapted encoder, and a small head."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from scoring.batches import Batch
from scoring.encoder import Encoder
from scoring.packs import Pack, PackError, find_base
from scoring.tokens import TokenIds
from scoring.windows import Window, pair_windows

ADAPTERS, HEAD = "adapters.safetensors", "head.safetensors"


class MatchHead(nn.Module):
    """Compares the mean state of the job's tokens with that of the resume's: u, v, |u - v| and u * v, then two layers.

    Two logits come out: of the binary label, and of the graded score that it was cut from.
    """

    def __init__(self, hidden: int, inner: int = 128) -> None:
        super().__init__()
        self.inner = nn.Linear(4 * hidden, inner)
        self.out = nn.Linear(inner, 2)

    def forward(self, states: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(batch, tokens, hidden) states to (batch, 2) logits."""
        second = token_type_ids.bool() & attention_mask
        job, resume = _mean(states, attention_mask & ~second), _mean(states, second)
        features = torch.cat([job, resume, (job - resume).abs(), job * resume], dim=-1)
        logits: Tensor = self.out(functional.gelu(self.inner(features)))
        return logits


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression from the two pooled logits to a probability, fitted on the validation side."""

    weights: tuple[float, float]
    bias: float

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """(pairs, 2) logits to (pairs,) probabilities."""
        return np.asarray(1 / (1 + np.exp(-(logits @ np.array(self.weights) + self.bias))))


@dataclass(frozen=True, slots=True)
class MatchModel:
    """A loaded match pack."""

    pack: Pack
    encoder: Encoder
    head: MatchHead
    calibration: Calibration

    @classmethod
    def load(cls, pack: Pack, device: str = "cpu") -> "MatchModel":
        """Load the base encoder with the pack's adapters merged in, and its head. Raises PackError."""
        encoder = Encoder.load(find_base(pack), pack.manifest["layers"], load_file(pack.path(ADAPTERS)))
        head = MatchHead(encoder.shape.hidden_size)
        load_weights(head, pack, HEAD)
        fitted = pack.manifest["calibration"]
        return cls(pack, encoder.to(device), head.to(device), Calibration(tuple(fitted["weights"]), fitted["bias"]))

    @property
    def threshold(self) -> float:
        """The pack's own threshold, chosen on its validation side."""
        return float(self.pack.manifest["threshold"])

    def windows(self, owner: int, job: TokenIds, resume: TokenIds) -> list[Window]:
        """The windows of one pair, as the manifest cuts them."""
        manifest = self.pack.manifest
        return pair_windows(owner, job, resume, manifest["max_length"], manifest["stride"], manifest["job_limit"])

    def forward(self, batch: Batch) -> Tensor:
        """(rows, 2) logits of a batch's windows."""
        inputs = (batch.input_ids, batch.token_type_ids, batch.attention_mask)
        logits: Tensor = self.head(self.encoder(*inputs), *inputs[1:])
        return logits

    def probabilities(self, windows: Sequence[Window], logits: NDArray[np.float64], pairs: int) -> NDArray[np.float64]:
        """Pool the windows' logits to one probability a pair."""
        return self.calibration.probabilities(pool_logits(windows, logits, pairs))


def pool_logits(windows: Sequence[Window], logits: NDArray[np.float64], pairs: int) -> NDArray[np.float64]:
    """(windows, 2) logits to (pairs, 2): the mean, weighted by the resume tokens that each window holds.

    So a short last window weighs little, and a long resume is not favoured for having many windows.
    """
    owners = np.array([window.owner for window in windows])
    weights = np.array([max(1, len(window.second)) for window in windows], dtype=np.float64)
    sums = np.zeros((pairs, logits.shape[1]))
    np.add.at(sums, owners, logits * weights[:, None])
    return np.asarray(sums / np.bincount(owners, weights, minlength=pairs)[:, None])


def load_weights(module: nn.Module, pack: Pack, filename: str) -> None:
    """Fill a head from a pack's file (stored in fp16, used in fp32), in evaluation mode. Raises PackError."""
    try:
        module.load_state_dict({name: tensor.float() for name, tensor in load_file(pack.path(filename)).items()})
    except RuntimeError as error:
        raise PackError(f"{filename} of pack {pack.name} {pack.version} does not fit its head: {error}") from error
    module.eval()


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    weights = mask.to(states.dtype)[..., None]
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1)
