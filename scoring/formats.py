"""Numeric formats: what an encoder's products are computed in, and which of them this machine can compute.

A screening keeps the format it began with, so that all its scores are comparable. See
docs/decisions/numeric-formats.md for what each costs and changes.
"""

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor, nn

from scoring.linear import Int8Linear, Linear, PackedLinear


class Format(StrEnum):
    """Names as screenings and manifests keep them. Whatever the format, states between layers are fp32 on a CPU."""

    FP32 = "torch-fp32"
    FP16 = "torch-fp16"
    BF16 = "torch-bf16"
    INT8 = "torch-int8"


_WORKING = {Format.FP32: torch.float32, Format.FP16: torch.float16, Format.BF16: torch.bfloat16}


@dataclass(frozen=True, slots=True)
class Input:
    """What is known of a map's inputs; int8 alone asks. `spread`, (inputs,): how large each tends to be; `least`: no
    input lies below.
    """

    spread: Tensor | None = None
    least: float | None = None


def computable(device: str) -> frozenset[Format]:
    """The formats that `device` computes with instructions of its own; what it would only imitate is left out."""
    if device.startswith("cuda"):
        return frozenset({Format.FP32, Format.FP16, Format.BF16})
    able = torch.cpu.get_capabilities()
    found = {Format.FP32}
    if not torch._C._has_mkldnn:
        return frozenset(found)
    if able.get("avx512_bf16"):
        found.add(Format.BF16)
    if able.get("avx512_vnni"):
        found.add(Format.INT8)
    return frozenset(found)


def states_type(format: Format, device: str) -> torch.dtype:
    """What states have between layers: on CUDA the working type, on a CPU fp32."""
    return _WORKING[format] if device.startswith("cuda") else torch.float32


def linear(
    format: Format, device: str, weight: Tensor, bias: Tensor, gelu: bool = False, inputs: Input | None = None
) -> nn.Module:
    """A linear map in `format` on `device`, with a GELU behind it where asked; `weight` is (outputs, inputs), fp32."""
    if format is Format.INT8:
        known = inputs or Input()
        return Int8Linear(weight, bias, gelu, known.spread, known.least)
    weight, bias = weight.to(_WORKING[format]), bias.to(_WORKING[format])
    if device == "cpu" and torch._C._has_mkldnn:
        return PackedLinear(weight, bias, gelu)
    return Linear(weight, bias, gelu).to(device)
