"""The category model: convolutions over the word pieces of the whole resume with attention a label, and a bag of words.

Job titles decide the labels and stand anywhere in a resume, so evidence is local but must be looked for everywhere:
every label attends over the tokens of all windows at once. Windows return partial sums, so that they can be computed
in any batch and merged exactly. Of the base encoder only the word pieces' own states are read, projected once at load:
a token then costs a look-up and two small convolutions. Where that leaves doubt, as where no title names a trade, the
sum over all words of the resume is added (`scoring/wordbag.py`), by as much as there is doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor, nn
from torch.nn import functional

from scoring.batches import Batch
from scoring.checkpoint import Parameters
from scoring.heads import HEAD, load_weights
from scoring.inputs import CategoryScore
from scoring.packs import Pack, find_base
from scoring.tokens import TokenIds
from scoring.windows import Window, text_windows
from scoring.wordbag import Reals, WordBag

_NEVER = -1e4
"""An attention logit that rounds to no weight at all."""


@dataclass(frozen=True, slots=True)
class HeadShape:
    """Sizes of a CategoryHead, as the manifest's `head` tells them; `narrow` is what `hidden` is projected to."""

    hidden: int
    narrow: int
    channels: int
    width: int
    labels: int


class CategoryHead(nn.Module):
    """A projection, two convolutions, the second residual and reaching further, then attention and values a label."""

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.labels = shape.labels
        self.narrow = nn.Linear(shape.hidden, shape.narrow)
        self.near = nn.Conv1d(shape.narrow, shape.channels, shape.width, padding="same")
        self.far = nn.Conv1d(shape.channels, shape.channels, 3, dilation=4, padding="same")
        self.out = nn.Conv1d(shape.channels, 2 * shape.labels, 1)
        self.bias = nn.Parameter(torch.zeros(shape.labels))

    def evidence(self, narrowed: Tensor, attention_mask: Tensor) -> Tensor:
        """(batch, tokens, narrow) to (batch, channels, tokens); padding is zeroed, so it reaches no neighbour."""
        mask = attention_mask[:, None, :].to(narrowed.dtype)
        near = functional.relu(self.near(narrowed.transpose(1, 2) * mask)) * mask
        return near + functional.relu(self.far(near))

    def partials(self, evidence: Tensor, attention_mask: Tensor) -> Tensor:
        """Softmax sums of each window, (batch, 3, labels): greatest attention logit, weights, weighted values."""
        attention, values = self.out(evidence).split(self.labels, dim=1)
        attention = attention.masked_fill(~attention_mask[:, None, :], _NEVER)
        peak = attention.amax(2)
        weights = (attention - peak[..., None]).exp()
        return torch.stack([peak, weights.sum(2), (weights * values).sum(2)], dim=1)

    def pool(self, partials: Tensor, owners: Tensor, resumes: int) -> Tensor:
        """Merge (windows, 3, labels) partial sums into (resumes, labels) logits."""
        peaks, weights, values = partials.unbind(1)
        index = owners[:, None].expand_as(peaks)
        top = torch.full((resumes, self.labels), 2 * _NEVER, device=peaks.device)
        top = top.scatter_reduce(0, index, peaks.detach(), "amax")
        scale = (peaks - top[owners]).exp()
        total = torch.zeros_like(top).scatter_add(0, index, weights * scale)
        return torch.zeros_like(top).scatter_add(0, index, values * scale) / total + self.bias


@dataclass(frozen=True, slots=True)
class CategoryModel:
    """A loaded categories pack; `words` is the projected state of every word piece, (vocabulary, narrow)."""

    pack: Pack
    words: Tensor
    head: CategoryHead
    bag: WordBag
    labels: tuple[str, ...]
    thresholds: tuple[float, ...]
    temperatures: NDArray[np.float64]

    @classmethod
    @torch.inference_mode()
    def load(cls, pack: Pack, device: str = "cpu") -> "CategoryModel":
        """Load the head and project the base's word pieces. Raises PackError."""
        manifest = pack.manifest
        words = Parameters.read(find_base(pack), 0).embeddings.words()
        labels = tuple(manifest["labels"])
        head = CategoryHead(HeadShape(words.shape[1], **manifest["head"], labels=len(labels)))
        load_weights(head, pack, HEAD)
        thresholds = tuple(float(manifest["thresholds"][label]) for label in labels)
        temperatures = np.array([manifest["temperatures"][label] for label in labels])
        bag = WordBag.load(pack, len(words))
        return cls(pack, head.narrow(words).to(device), head.to(device), bag, labels, thresholds, temperatures)

    def windows(self, owner: int, resume: TokenIds) -> list[Window]:
        """The windows of one resume, as the manifest cuts them."""
        return text_windows(owner, resume, self.pack.manifest["max_length"], self.pack.manifest["stride"])

    def forward(self, batch: Batch) -> Tensor:
        """(rows, 3, labels) partial sums of a batch's windows."""
        evidence = self.head.evidence(functional.embedding(batch.input_ids, self.words), batch.attention_mask)
        return self.head.partials(evidence, batch.attention_mask)

    def probabilities(self, windows: Sequence[Window], partials: Tensor, bags: Reals) -> NDArray[np.float64]:
        """(windows, 3, labels) partial sums and (resumes, labels) logits of bags to calibrated probabilities."""
        owners = torch.tensor([window.owner for window in windows], device=partials.device)
        logits = swayed(self.head.pool(partials, owners, len(bags)).double().cpu().numpy(), bags)
        return np.asarray(expit(logits / self.temperatures))

    def scores(self, probabilities: NDArray[np.float64]) -> tuple[CategoryScore, ...]:
        """One resume's (labels,) probabilities with each label's own threshold applied."""
        rows = zip(self.labels, probabilities.tolist(), self.thresholds, strict=True)
        return tuple(CategoryScore(label, value, value >= threshold) for label, value, threshold in rows)


def swayed(logits: NDArray[np.float64], bags: Reals) -> NDArray[np.float64]:
    """The (resumes, labels) logits of the head, swayed by those of the bag where the head is in doubt.

    Doubt is 4 p (1 - p): 1 at an even chance, next to nothing where the head is sure.
    """
    likely = expit(logits)
    return np.asarray(logits + 4 * likely * (1 - likely) * bags)
