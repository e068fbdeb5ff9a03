"""Low-rank adapters on the encoder's linear maps (LoRA, arXiv 2106.09685), and how they are stored."""

from typing import cast

import torch
from torch import Tensor, nn

from scoring.encoder import ADAPTED, Encoder


class LowRank(nn.Module):
    """A frozen linear map plus a learned map of low rank; begins as the frozen map alone."""

    def __init__(self, base: nn.Linear, rank: int, dropout: float) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = nn.Linear(base.in_features, rank, bias=False)
        self.up = nn.Linear(rank, base.out_features, bias=False)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        nn.init.normal_(self.down.weight, std=base.in_features**-0.5)
        nn.init.zeros_(self.up.weight)

    def forward(self, states: Tensor) -> Tensor:
        return self.base(states) + self.up(self.down(self.dropout(states)))


def adapt(encoder: Encoder, rank: int, dropout: float, upper: int) -> Encoder:
    """Freeze an encoder and put an adapter beside every linear map of its `upper` last layers, in place."""
    encoder.requires_grad_(False)
    for layer in list(encoder.layers)[len(encoder.layers) - upper :]:
        for name in ADAPTED:
            parent, _, child = name.rpartition(".")
            owner = cast(nn.ModuleDict, layer.get_submodule(parent))
            owner[child] = LowRank(cast(nn.Linear, owner[child]), rank, dropout)
    return encoder


def adapters_of(encoder: Encoder) -> dict[str, Tensor]:
    """The adapters as a pack stores them, fp16."""
    stored = {}
    for name, module in encoder.named_modules():
        if isinstance(module, LowRank):
            stored[f"{name}.down"] = module.down.weight.detach().to(torch.float16).contiguous()
            stored[f"{name}.up"] = module.up.weight.detach().to(torch.float16).contiguous()
    return stored
