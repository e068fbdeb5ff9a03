"""A base encoder as a pack changed it: the pack holds what differs, and nothing that the base has already.

A tensor of the pack stands in place of the base's of that name. Of a large map only a low-rank change is kept (LoRA,
https://arxiv.org/abs/2106.09685): NAME.left, (outputs, rank), times NAME.right, (rank, inputs), is added to the base's
NAME. Names are those of `scoring.checkpoint.Parameters`; all else in the file belongs to the pack's head.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from scoring.checkpoint import Parameters
from scoring.packs import Pack, PackError

CHANGES = "changes.safetensors"
LEFT, RIGHT = ".left", ".right"
_OF_BASE = ("embeddings.", "layers.")


@dataclass(frozen=True, slots=True)
class Changes:
    """The tensors of a pack, in fp32 (they are stored in fp16)."""

    tensors: Mapping[str, Tensor]

    @classmethod
    def read(cls, pack: Pack) -> "Changes":
        """Read the pack's file. Raises PackError."""
        try:
            return cls({name: tensor.float() for name, tensor in load_file(pack.path(CHANGES)).items()})
        except (OSError, SafetensorError) as error:
            raise PackError(f"cannot read {CHANGES} of pack {pack.name} {pack.version}: {error}") from error

    def apply(self, base: Parameters) -> Parameters:
        """The base, changed in place. Raises PackError where a tensor does not fit it."""
        state = base.state_dict()
        for name in {name.removesuffix(LEFT).removesuffix(RIGHT) for name in self.tensors if name.startswith(_OF_BASE)}:
            self._change(state, name)
        return base

    def dense(self, name: str) -> nn.Linear:
        """A dense map of the pack's head. Raises PackError."""
        try:
            weight, bias = (self.tensors[f"{name}.{part}"] for part in ("weight", "bias"))
        except KeyError as error:
            raise PackError(f"the pack's changes lack {error}") from error
        head = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
        head.weight, head.bias = nn.Parameter(weight), nn.Parameter(bias)
        return head.requires_grad_(False)

    @torch.no_grad()
    def _change(self, state: Mapping[str, Tensor], name: str) -> None:
        try:
            own, changed = self.tensors.get(name), state[name]
            value = changed + self.tensors[name + LEFT] @ self.tensors[name + RIGHT] if own is None else own
        except (KeyError, RuntimeError) as error:
            raise PackError(f"the pack's change of {name} does not fit the base: {error}") from error
        if value.shape != changed.shape:
            raise PackError(f"the pack's {name} is {tuple(value.shape)}, the base's {tuple(changed.shape)}")
        changed.copy_(value)
