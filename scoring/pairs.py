"""A sequence-pair classifier: a BERT that reads a resume and a job together, as the references' recipe makes them.

Such a model reads every pair, N x M, where the match model (scoring/match.py) reads N + M texts; each text is still
tokenised once. It is loaded from a pack, or from the folder that transformers' `save_pretrained` writes: config.json,
model.safetensors and tokenizer.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from scoring.batches import Batch, compute
from scoring.changes import Changes
from scoring.checkpoint import EncoderShape, Parameters
from scoring.encoder import PLAIN, Arithmetic, Encoder
from scoring.formats import states_type
from scoring.match import Calibration
from scoring.packs import BASE_WEIGHTS, Pack, PackError, find_base
from scoring.tokens import Tokenizer
from scoring.windows import PairWindow, pair_window

MAX_LENGTH = 256
"""Tokens a pair, as the references cut them: what does not fit is cut off the longer text."""


@dataclass(frozen=True, slots=True)
class PairModel:
    """A loaded classifier of two labels, or of one as sentence-transformers trains its cross-encoders.

    Of resumes it reads what the match model reads of them (`scoring.readable`), of jobs `scoring.text.job_text`.
    """

    encoder: Encoder
    pooler: nn.Linear
    classifier: nn.Linear
    tokenizer: Tokenizer
    device: str
    max_length: int
    calibration: Calibration = field(default_factory=lambda: Calibration(1.0, 0.0))
    threshold: float = 0.5

    @classmethod
    def from_pack(cls, pack: Pack, arithmetic: Arithmetic = PLAIN) -> "PairModel":
        """Load the base encoder as the pack changed it, and the pack's head. Raises PackError."""
        base, manifest, changes = find_base(pack), pack.manifest, Changes.read(pack)
        parameters = changes.apply(Parameters.read(base, manifest["layers"]))
        dtype = states_type(arithmetic.format, arithmetic.device)
        pooler, classifier = (changes.dense(name).to(arithmetic.device, dtype) for name in ("pooler", "classifier"))
        return cls(
            Encoder.of(parameters, arithmetic), pooler, classifier, Tokenizer.load(base), arithmetic.device,
            manifest["max_length"], Calibration(**manifest["calibration"]), manifest["threshold"],
        )  # fmt: skip

    @classmethod
    def load(cls, directory: Path, arithmetic: Arithmetic = PLAIN, max_length: int = MAX_LENGTH) -> "PairModel":
        """Read a checkpoint of BertForSequenceClassification. Raises PackError."""
        layers = EncoderShape.read(directory).num_hidden_layers
        encoder = Encoder.load(directory, layers, arithmetic)
        pooler, classifier = (
            _head(directory, name).to(arithmetic.device, states_type(arithmetic.format, arithmetic.device))
            for name in ("bert.pooler.dense", "classifier")
        )
        return cls(encoder, pooler, classifier, Tokenizer.load(directory), arithmetic.device, max_length)

    @torch.inference_mode()
    def probabilities(
        self, resumes: Sequence[str], jobs: Sequence[str], pairs: Sequence[tuple[int, int]]
    ) -> NDArray[np.float64]:
        """The calibrated probability of a match of each pair (place of the resume, place of the job): float[pairs]."""
        if not pairs:
            return np.zeros(0)
        windows = self.windows(resumes, jobs, pairs)
        logits = compute(windows, self.forward, self.tokenizer, self.device, lambda *_: None)
        return self.calibration.probabilities(logits.double().cpu().numpy())

    def windows(
        self, resumes: Sequence[str], jobs: Sequence[str], pairs: Sequence[tuple[int, int]]
    ) -> list[PairWindow]:
        """One window a pair, the resume first; every text is tokenised once."""
        read, wanted = self.tokenizer.encode(resumes), self.tokenizer.encode(jobs)
        return [
            pair_window(place, read[resume], wanted[job], self.max_length)
            for place, (resume, job) in enumerate(pairs)
        ]  # fmt: skip

    def forward(self, batch: Batch) -> Tensor:
        """(rows,): the logit of a match, of two labels the difference of theirs."""
        states = self.encoder(batch, wanted=1)
        logits: Tensor = self.classifier(self.pooler(states[:, 0]).tanh()).float()
        return logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]


def _head(directory: Path, name: str) -> nn.Linear:
    """One dense map of the checkpoint. Raises PackError."""
    try:
        with safe_open(directory / BASE_WEIGHTS, "pt") as file:
            weight, bias = (file.get_tensor(f"{name}.{part}").float() for part in ("weight", "bias"))
    except (OSError, SafetensorError) as error:
        raise PackError(f"{directory} holds no classifier of pairs: {error}") from error
    if name == "classifier" and weight.shape[0] > 2:
        raise PackError(f"the classifier in {directory} tells {weight.shape[0]} labels apart, not matched or not")
    head = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    head.weight, head.bias = nn.Parameter(weight), nn.Parameter(bias)
    return head.requires_grad_(False)
