"""How large each input of an encoder's maps tends to be, which 8-bit integers need to know before they round.

A text or two hundred suffice: the largest inputs of a trained encoder stand in the same few places whatever it reads.
"""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from scoring.batches import Batch, compute
from scoring.encoder import Encoder
from scoring.tokens import Tokenizer
from scoring.windows import PairWindow, Window


@torch.inference_mode()
def spread(encoder: Encoder, tokenizer: Tokenizer, windows: Sequence[Window] | Sequence[PairWindow]) -> Tensor:
    """The largest input seen in each place, (2, layers, hidden): those of attention, then those of the inner maps.

    `encoder` computes in fp32 on the CPU.
    """
    largest = torch.zeros(2, len(encoder.layers), encoder.shape.hidden_size)
    hooks = [
        getattr(layer, name).register_forward_pre_hook(partial(_note, largest[side, number]))
        for number, layer in enumerate(encoder.layers)
        for side, name in enumerate(("triple", "inner"))
    ]
    compute(windows, partial(_first, encoder), tokenizer, "cpu", lambda *_: None)
    for hook in hooks:
        hook.remove()
    return largest


def _first(encoder: Encoder, batch: Batch) -> Tensor:
    return encoder(batch.input_ids, batch.token_type_ids, batch.attention_mask)[:, 0]


def _note(largest: Tensor, _: nn.Module, inputs: tuple[Tensor]) -> None:
    torch.maximum(largest, inputs[0].abs().flatten(0, -2).amax(0), out=largest)
