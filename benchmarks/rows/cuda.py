"""One CUDA device: how near an encoder of bert-base's shape comes to what the device multiplies at most, in fp16.

Not measured anywhere yet: without a device this row is left out.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from scoring.batches import Batch, compute
from scoring.checkpoint import EncoderShape, Parameters
from scoring.encoder import Arithmetic, Encoder
from scoring.formats import Format
from scoring.packs import base_directory
from scoring.tokens import Tokenizer
from scoring.windows import Window, text_windows

BERT_BASE = EncoderShape(
    vocab_size=30522, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
    max_position_embeddings=512, type_vocab_size=2, layer_norm_eps=1e-12,
)  # fmt: skip
DEVICE = "cuda"
SIDE, CALLS = 8192, 20
"""Of the square matrices that tell the device's peak, and how often they are multiplied."""
ENGINE, PADDED, PEAK = "encoder", "encoder, padded rows", "square products"


def measure(setup: Setup) -> list[Row]:
    """Three rows a length: the arithmetic, what packing the rows gives, and how long the device waits."""
    if not torch.cuda.is_available():
        print("no CUDA device: nothing to measure")
        return []
    torch.manual_seed(1)
    layers = BERT_BASE.num_hidden_layers
    parameters = Parameters(BERT_BASE, layers).requires_grad_(False)
    arithmetic, tokenizer = Arithmetic(Format.FP16, DEVICE), Tokenizer.load(base_directory())
    encoders = {ENGINE: Encoder.of(parameters, arithmetic), PADDED: Encoder.of(parameters, arithmetic)}
    encoders[PADDED].packs = False
    return [
        row
        for most, what in ((256, "pairs"), (512, "windows"))
        for row in _rows(setup, encoders, tokenizer, drawn_windows(setup.of(2_000, 20_000), most), f"{what} of {most}")
    ]


def drawn_windows(count: int, most: int) -> list[Window]:
    """Windows of drawn word pieces, as long as texts are that are cut at `most`: half of them full."""
    drawn = np.random.default_rng(3)
    lengths = np.minimum(drawn.integers(most // 4, 2 * most, count), most - 2)
    ids = (drawn.integers(1_000, 30_000, length, dtype=np.int32) for length in lengths)
    return [window for place, one in enumerate(ids) for window in text_windows(place, one, most, 0)]


def operations(shape: EncoderShape, windows: Sequence[Window]) -> float:
    """What the windows' real tokens ask for; padding counts as time and not as work."""
    dense = 4 * shape.hidden_size**2 + 2 * shape.hidden_size * shape.intermediate_size
    each = (2.0 * one.length * dense + 4.0 * one.length**2 * shape.hidden_size for one in windows)
    return sum(each) * shape.num_hidden_layers


def _rows(
    setup: Setup, encoders: Mapping[str, Encoder], tokenizer: Tokenizer, windows: list[Window], what: str
) -> list[Row]:
    claims = {name: partial(run, encoder, tokenizer, windows, DEVICE) for name, encoder in encoders.items()}
    peers: dict[str, Callable[[], float]] = {name: partial(_rate, claim, windows) for name, claim in claims.items()}
    peers[PEAK] = _peak
    for peer in peers.values():
        peer()  # warms up
    found = interleave(setup.repeats, peers)
    name, texts = f"one CUDA device, bert-base, {what} tokens, fp16", "drawn word pieces"
    return [
        Row(
            name=f"{name}: arithmetic over real tokens",
            against=f"the fastest product of {torch.cuda.get_device_name()}",
            target=Target(0.45),
            values=ratios(found[ENGINE], found[PEAK]),
            rates=medians({peer: found[peer] for peer in (ENGINE, PEAK)}, "TFLOP/s"),
            ceiling="1x, if everything beside the products took no time",
            n=len(windows),
            texts=texts,
        ),
        Row(
            name=f"{name}: rows packed one behind another",
            against="the same rows padded, and a mask",
            target=Target(1),
            values=ratios(found[ENGINE], found[PADDED]),
            rates=medians({peer: found[peer] for peer in (ENGINE, PADDED)}, "TFLOP/s"),
            ceiling="what padding and the mask cost",
            n=len(windows),
            texts=texts,
        ),
        Row(
            name=f"{name}: device idle during a claim",
            against="the claim's time",
            target=Target(3, at_most=True, unit="%"),
            values=[100 * _idle(claims[ENGINE]) for _ in range(setup.repeats)],
            rates={},
            ceiling="0%: the next batch is always there",
            n=len(windows),
            texts=texts,
        ),
    ]


def run(encoder: Encoder, tokenizer: Tokenizer, windows: Sequence[Window], device: str) -> Tensor:
    """A claim as a worker computes it: batches sorted by length, one wait at the end. (windows, hidden)."""

    def first(batch: Batch) -> Tensor:
        states: Tensor = encoder(batch)
        return states[:, 0]

    with torch.inference_mode():
        return compute(windows, first, tokenizer, device, lambda *_: None).float().cpu()


def _rate(claim: Callable[[], object], windows: Sequence[Window]) -> float:
    """TFLOP/s over real tokens."""
    return operations(BERT_BASE, windows) / _seconds(claim) / 1e12


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _peak() -> float:
    """TFLOP/s of large square products."""
    one = torch.randn(SIDE, SIDE, dtype=torch.float16, device=DEVICE)
    torch.cuda.synchronize()

    def multiply() -> None:
        for _ in range(CALLS):
            one @ one
        torch.cuda.synchronize()

    return CALLS * 2 * SIDE**3 / _seconds(multiply) / 1e12


def _idle(claim: Callable[[], object]) -> float:
    """The share of a claim in which the device runs no kernel."""
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        seconds = _seconds(claim)
    busy = sum(event.self_device_time_total for event in seen.key_averages()) / 1e6
    return float(max(0.0, 1 - busy / seconds))
