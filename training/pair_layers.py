"""The upper layers of a BERT in training: a low-rank change beside each map, on states that stay as they are."""

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from scoring.changes import LEFT, RIGHT
from scoring.checkpoint import Layer, Parameters

_MAPS = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
         "intermediate.dense", "output.dense")  # fmt: skip


class LowRank(nn.Module):
    """A frozen map and a change of it that learns, of rank `rank`; the change begins as nothing."""

    def __init__(self, dense: nn.Linear, rank: int) -> None:
        super().__init__()
        self.dense = dense.requires_grad_(False)
        self.right = nn.Parameter(torch.randn(rank, dense.in_features) / dense.in_features**0.5)
        self.left = nn.Parameter(torch.zeros(dense.out_features, rank))

    def forward(self, inputs: Tensor) -> Tensor:
        mapped: Tensor = self.dense(inputs)
        return mapped + functional.linear(functional.linear(inputs, self.right), self.left)


class PairLayers(nn.Module):
    """Layers `first` and above, a pooler and a classifier: from the states below to the logit of a match.

    Dropout stands before the classifier alone: inside the layers it takes a third of a CPU's time.
    """

    def __init__(self, base: Parameters, first: int, rank: int, dropout: float) -> None:
        super().__init__()
        hidden = base.shape.hidden_size
        self.first, self.heads, self.dropout = first, base.shape.num_attention_heads, dropout
        self.layers = nn.ModuleList(cast(Layer, layer) for layer in base.layers[first:])
        self.pooler, self.classifier = nn.Linear(hidden, hidden), nn.Linear(hidden, 1)
        nn.init.eye_(self.pooler.weight)
        nn.init.zeros_(self.classifier.weight)
        for layer in self.layers:
            for place in _MAPS:
                owner = layer.get_submodule(place.rpartition(".")[0])
                dense = cast(nn.Linear, layer.get_submodule(place))
                setattr(owner, place.rpartition(".")[2], LowRank(dense, rank))
            for module in layer.modules():
                if isinstance(module, nn.LayerNorm):
                    module.requires_grad_(True)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(rows, tokens, hidden) states and their (rows, tokens) mask, true on real tokens, to (rows,) logits."""
        read = mask[:, None, None, :]
        for number, layer in enumerate(self.layers, 1):
            states = self._layer(cast(Layer, layer), states, read, 1 if number == len(self.layers) else None)
        pooled = functional.dropout(self.pooler(states[:, 0]).tanh(), self.dropout, self.training)
        logits: Tensor = self.classifier(pooled).float()
        return logits[:, 0]

    def changes(self) -> Iterator[tuple[str, Tensor]]:
        """What differs from the base, by the names that `scoring.changes` reads."""
        for name, parameter in self.named_parameters():
            if parameter.requires_grad:
                yield self._name(name), parameter.detach()

    def _name(self, name: str) -> str:
        if name.startswith("layers."):
            _, number, rest = name.split(".", 2)
            name = f"layers.{int(number) + self.first}.{rest}"
        for side in (LEFT, RIGHT):
            name = name.removesuffix(side) + ".weight" + side if name.endswith(side) else name
        return name

    def _layer(self, layer: Layer, states: Tensor, read: Tensor, wanted: int | None) -> Tensor:
        """One layer; of the last one only the first token is computed, as only that is read."""
        reads, mix = cast(nn.ModuleDict, layer.attention["self"]), cast(nn.ModuleDict, layer.attention["output"])
        query, key, value = (
            reads[name](side).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for name, side in (("query", states[:, :wanted]), ("key", states), ("value", states))
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=read)
        mixed = mix["dense"](mixed.transpose(1, 2).flatten(2))
        states = mix["LayerNorm"](states[:, :wanted] + mixed)
        thought = layer.output["dense"](functional.gelu(layer.intermediate["dense"](states)))
        ended: Tensor = layer.output["LayerNorm"](states + thought)
        return ended
