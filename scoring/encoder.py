"""The base encoder: a BERT forward over batches of token ids, in one of the numeric formats.

Written out here because it is short, because it loads without transformers (seconds of import in every worker), and
because the weights are laid out for the processor once, at load.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from scoring.attention import Padded
from scoring.batches import Batch
from scoring.checkpoint import Layer, Parameters
from scoring.formats import Format, Input, computable, linear, states_type
from scoring.linear import GELU_LEAST
from scoring.packed import Packed, packs
from scoring.packs import PackError


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """In which format an encoder computes, and where.

    `spread`, for int8: how large the inputs of attention and of the inner maps tend to be, (2, layers, hidden).
    """

    format: Format = Format.FP32
    device: str = "cpu"
    spread: Tensor | None = None

    def linear(self, dense: nn.Linear, gelu: bool = False, inputs: Input | None = None) -> nn.Module:
        """A layer's map, laid out for this arithmetic."""
        return linear(self.format, self.device, dense.weight.detach(), dense.bias.detach(), gelu, inputs)


PLAIN = Arithmetic()
"""fp32 on the CPU."""
TOGETHER = 512
"""Tokens that a CPU takes through the two large maps at a time: what lies between them, 3 MiB, stays in its cache."""


class LaidOutLayer(nn.Module):
    """One layer ready to compute: query, key and value in one product, every map in the format of the encoder."""

    def __init__(self, layer: Layer, heads: int, arithmetic: Arithmetic, number: int) -> None:
        super().__init__()
        attention, inner, spread = layer.attention, layer.intermediate["dense"], arithmetic.spread
        mixed = cast(nn.ModuleDict, attention["output"])
        reads, thinks = (Input(None if spread is None else spread[side, number]) for side in (0, 1))
        self.heads = heads
        self.triple = arithmetic.linear(_joined(cast(nn.ModuleDict, attention["self"]), heads), inputs=reads)
        self.mix = arithmetic.linear(cast(nn.Linear, mixed["dense"]))
        self.inner = arithmetic.linear(cast(nn.Linear, inner), gelu=True, inputs=thinks)
        self.outer = arithmetic.linear(cast(nn.Linear, layer.output["dense"]), inputs=Input(least=GELU_LEAST))
        dtype = states_type(arithmetic.format, arithmetic.device)
        self.mixed, self.out = (
            norm.to(arithmetic.device, dtype) for norm in (mixed["LayerNorm"], layer.output["LayerNorm"])
        )

    def forward(self, states: Tensor, rows: Padded | Packed, wanted: int | None = None) -> Tensor:
        """(..., tokens, hidden) to the same, laid out as `rows` tell.

        Of the last layer often only the first `wanted` tokens are read, and only they are computed then.
        """
        mixed = rows.attend(self.triple(states), self.heads, wanted)
        states = self.mixed(rows.asking(states, wanted) + self.mix(mixed))
        return self._think(states.flatten(0, -2)).view(states.shape)

    def _think(self, states: Tensor) -> Tensor:
        """The two large maps and what they are added to, (tokens, hidden) to the same."""
        parts = (states,) if states.is_cuda else torch.split(states, TOGETHER)
        ended = [self.out(part + self.outer(self.inner(part))) for part in parts]
        return ended[0] if len(ended) == 1 else torch.cat(ended)


def _joined(maps: nn.ModuleDict, heads: int) -> nn.Linear:
    """Query, key and value as one map; queries come out divided by the root of a head's size."""
    query, *others = (cast(nn.Linear, maps[name]) for name in ("query", "key", "value"))
    scale = (query.out_features // heads) ** -0.5
    joined = nn.Linear(query.in_features, 3 * query.out_features, device="meta")
    joined.weight = nn.Parameter(torch.cat([query.weight * scale, *(part.weight for part in others)]))
    joined.bias = nn.Parameter(torch.cat([query.bias * scale, *(part.bias for part in others)]))
    return joined


class Encoder(nn.Module):
    """The embeddings and the lowest layers of a BERT."""

    def __init__(self, parameters: Parameters, arithmetic: Arithmetic) -> None:
        super().__init__()
        self.shape = parameters.shape
        dtype = states_type(arithmetic.format, arithmetic.device)
        self.packs = packs(arithmetic.device, dtype)
        self.embeddings = parameters.embeddings.to(arithmetic.device, dtype)
        layers, heads = cast(Iterable[Layer], parameters.layers), self.shape.num_attention_heads
        self.layers = nn.ModuleList(LaidOutLayer(layer, heads, arithmetic, n) for n, layer in enumerate(layers))

    @classmethod
    def load(cls, directory: Path, layers: int, arithmetic: Arithmetic = PLAIN) -> "Encoder":
        """Read the base weights and lay them out. Raises PackError, also when this machine lacks the format."""
        return cls.of(Parameters.read(directory, layers), arithmetic)

    @classmethod
    def of(cls, parameters: Parameters, arithmetic: Arithmetic = PLAIN) -> "Encoder":
        """Lay parameters out. Raises PackError when this machine lacks the format."""
        if arithmetic.format not in computable(arithmetic.device):
            raise PackError(f"{arithmetic.device} does not compute {arithmetic.format}")
        return cls(parameters, arithmetic).eval()

    def forward(self, batch: Batch, wanted: int | None = None) -> Tensor:
        """States of the first `wanted` tokens (of all, if None), (rows, tokens, hidden); padding's mean nothing."""
        states: Tensor = self.embeddings(batch.input_ids, batch.token_type_ids)
        if not self.packs:
            return self._read(states, Padded.of(batch.attention_mask, states.dtype), wanted)
        packed = Packed(batch.lengths, states.shape[1], states.device)
        return packed.pad(self._read(packed.pack(states), packed, wanted), wanted)

    def mean(self, batch: Batch) -> Tensor:
        """The mean of each row's token states, scaled to length 1, (rows, hidden), as the base was trained; fp32."""
        states, mask = self(batch).float(), batch.attention_mask[:, :, None].float()
        return functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)

    def _read(self, states: Tensor, rows: Padded | Packed, wanted: int | None) -> Tensor:
        for number, layer in enumerate(self.layers, 1):
            states = layer(states, rows, wanted if number == len(self.layers) else None)
        return states
