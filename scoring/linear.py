"""Linear maps in the numeric formats: weights laid out once at load, then many products with them.

Every map is a module called with states (..., inputs) and returns (..., outputs); `gelu` applies the exact GELU to the
product, where a format can do so without another pass over memory. No row depends on another, in any format.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

_TINY = 1e-6
_ROUNDING = 1.5 * 2.0**23
"""fp32 numbers around this are the whole ones, and the lowest byte of such a number is its distance from this."""
GELU_LEAST = -0.17
"""The exact GELU's least value is -0.16997."""


class Linear(nn.Module):
    """Weights and bias as torch multiplies them, in the type that they are given in, on any device."""

    def __init__(self, weight: Tensor, bias: Tensor, gelu: bool = False) -> None:
        super().__init__()
        self.gelu = gelu
        self.register_buffer("weight", weight.contiguous())
        self.register_buffer("bias", bias.contiguous())

    def forward(self, states: Tensor) -> Tensor:
        product = functional.linear(states, self.get_buffer("weight"), self.get_buffer("bias"))
        return functional.gelu(product) if self.gelu else product


class PackedLinear(nn.Module):
    """fp32 or bf16 by oneDNN on a CPU: the processor's widest vectors, weights packed for them, GELU in the same pass.

    torch's own `linear` asks MKL, which on AMD's processors uses half of their width: see
    docs/decisions/numeric-formats.md. The operators are those that torch's compiler emits for a frozen linear layer.
    bf16 weights multiply what is rounded to bf16 and give bf16; sums are fp32 inside.
    """

    def __init__(self, weight: Tensor, bias: Tensor, gelu: bool = False) -> None:
        super().__init__()
        self.packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
        self.bias = bias.contiguous()
        self.after: tuple[str, list[float], str] = ("gelu", [], "none") if gelu else ("none", [], "")

    def forward(self, states: Tensor) -> Tensor:
        states = states.to(self.bias.dtype)
        product: Tensor = torch.ops.mkldnn._linear_pointwise(states, self.packed, self.bias, *self.after)
        return product


class Int8Linear(nn.Module):
    """8-bit integers by oneDNN on a CPU: a weight scale an output, an activation scale a row, found as the row comes.

    `spread`, (inputs,): how large each input tends to be. Part of what is uneven is moved into the weights before both
    are rounded, so that a few large inputs do not cost all others their digits (SmoothQuant, Xiao et al., ICML 2023).
    `least`: no input lies below; inputs behind a GELU use the whole range of an unsigned byte, but are overwritten.
    """

    EVENED = 0.7
    """The share of the inputs' unevenness that the weights take over."""

    def __init__(
        self, weight: Tensor, bias: Tensor, gelu: bool = False, spread: Tensor | None = None, least: float | None = None
    ) -> None:
        super().__init__()
        self.gelu, self.least = gelu, least
        self.smooth = None
        if spread is not None:
            self.smooth = _smoothing(weight, spread, self.EVENED)
            weight = weight / self.smooth
        scales = weight.abs().amax(1).clamp_min(1e-8) / 127
        rounded = (weight / scales[:, None]).round()
        # x W = (x - least) W + least W, and the last term is the same for every row.
        self.bias = bias if least is None else bias + least * (rounded * scales[:, None]).sum(1)
        self.packed = torch.ops.onednn.qlinear_prepack(rounded.to(torch.int8), None)
        self.scales, self.zeros = scales, torch.zeros(len(scales), dtype=torch.int32)
        self.zero = torch.full(weight.shape[1:], _ROUNDING + (128 if least is None else 0))

    def forward(self, states: Tensor) -> Tensor:
        codes, steps = self._codes(states if self.smooth is None else states * self.smooth)
        product = self.product(codes)
        torch.addcmul(self.bias, product, steps, out=product)
        return torch.ops.aten.gelu_(product) if self.gelu else product

    def product(self, codes: Tensor) -> Tensor:
        """The product with bytes, (..., inputs), times the weights' own scales: fp32, (..., outputs)."""
        product: Tensor = torch.ops.onednn.qlinear_pointwise(
            codes, 1.0, 128 if self.least is None else 0, self.packed, self.scales, self.zeros, None,
            1.0, 0, torch.float32, "none", [], "",
        )  # fmt: skip
        return product

    def _codes(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Unsigned bytes, (..., inputs), and the step between two of them, (..., 1)."""
        if self.least is None:
            steps = torch.maximum(states.amax(-1, keepdim=True), states.amin(-1, keepdim=True).neg_())
            steps.clamp_min_(_TINY).div_(127)
        else:
            steps = states.sub_(self.least).amax(-1, keepdim=True).clamp_min_(_TINY).div_(255)
        return torch.addcmul(self.zero, states, steps.reciprocal()).view(torch.int32).to(torch.uint8), steps


def _smoothing(weight: Tensor, spread: Tensor, share: float) -> Tensor:
    """What each input is multiplied by, (inputs,)."""
    return weight.abs().amax(0).clamp_min(_TINY) ** (1 - share) / spread.clamp_min(_TINY) ** share
