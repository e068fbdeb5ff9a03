"""How near the encoder's arithmetic comes to the best that this processor reaches on matrix products of its shapes."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.performance.peers import interleave, medians, ratios
from benchmarks.performance.row import Row, Target
from benchmarks.performance.setup import Setup
from benchmarks.performance.texts import multiplied_samples, resume_corpus
from scoring.batches import TOKEN_BUDGETS, Batch, assemble, cut
from scoring.checkpoint import EncoderShape
from scoring.encoder import Arithmetic, Encoder
from scoring.formats import Format, computable
from scoring.linear import Int8Linear, PackedLinear
from scoring.packs import base_directory
from scoring.text import normalise
from scoring.tokens import Tokenizer
from scoring.windows import Window, text_windows
from training.spread import spread

TARGETS = {Format.FP32: 0.85, Format.INT8: 0.6}
LIMITS = {
    Format.FP32: "Attention multiplies small matrices, heads of 32: at a quarter of the large products' speed by "
    "torch's fused kernel, a third with oneDNN's batched products and softmax between them. Tried and slower: a "
    "product a head, grouped convolutions, OpenBLAS, compiled kernels (docs/decisions/numeric-formats.md). Norms and "
    "padding are the rest.",
    Format.INT8: "The products are less than half of the time: attention stays fp32, and torch fuses neither steps of "
    "rows, rounding, GELU nor norms with an 8-bit product on a CPU unless it compiles, which takes a compiler. "
    "docs/decisions/numeric-formats.md tells what each pass takes.",
}
MAX_LENGTH, STRIDE = 128, 16
"""As the match model cuts windows."""
LASTING = 0.3
"""Seconds that each way to multiply is measured for: its mean, as the encoder's is one too."""


@dataclass(frozen=True, slots=True)
class _Work:
    """Batches, and the operations that their real tokens ask for: padding counts as time and not as work."""

    batches: tuple[Batch, ...]
    operations: float
    tokens: int


def measure(setup: Setup) -> list[Row]:
    """A row a format that this processor computes."""
    with torch.inference_mode():
        shape, tokenizer = EncoderShape.read(base_directory()), Tokenizer.load(base_directory())
        windows, texts = _windows(setup, tokenizer)
        work = _cut(windows, shape, tokenizer)
        layers = shape.num_hidden_layers
        seen = spread(Encoder.load(base_directory(), layers), tokenizer, windows[:64])
        return [
            _row(setup, format, work, Encoder.load(base_directory(), layers, Arithmetic(format, spread=seen)), texts)
            for format in TARGETS
            if format in computable("cpu")
        ]


def _row(setup: Setup, format: Format, work: _Work, encoder: Encoder, texts: str) -> Row:
    engine, best = f"encoder, {format}", "best matrix products"
    peers: dict[str, Callable[[], float]] = {
        engine: lambda: _engine(encoder, work) / 1e9,
        best: lambda: _best(encoder.shape, format) / 1e9,
    }
    for peer in peers.values():
        peer()  # warms up
    found = interleave(setup.repeats, peers)
    return Row(
        name=f"arithmetic of the encoder, {format}, over real tokens",
        against="the fastest way to multiply matrices of the same shapes",
        target=Target(TARGETS[format]),
        values=ratios(found[engine], found[best]),
        rates=medians(found, "GFLOP/s"),
        ceiling="1x, if attention, norms, activations and rounding took no time beside the products",
        n=work.tokens,
        texts=texts,
        limit=LIMITS[format],
    )


def _windows(setup: Setup, tokenizer: Tokenizer) -> tuple[list[Window], str]:
    count, path = setup.of(20, 200), setup.real("resume_corpus.parquet")
    rows = multiplied_samples(count) if path is None else resume_corpus(path, count)
    ids = tokenizer.encode([normalise(row["text"]) for row in rows])
    windows = [window for place, one in enumerate(ids) for window in text_windows(place, one, MAX_LENGTH, STRIDE)]
    return (
        windows,
        f"{count} resumes of {'the samples' if path is None else 'resume_corpus'} in windows of {MAX_LENGTH}",
    )


def _cut(windows: list[Window], shape: EncoderShape, tokenizer: Tokenizer) -> _Work:
    lengths = [window.length for window in windows]
    batches = tuple(assemble(windows, places, tokenizer) for places in cut(lengths, TOKEN_BUDGETS["cpu"]))
    dense = sum(inputs * outputs for inputs, outputs in _shapes(shape))
    operations = sum(2.0 * n * dense + 4.0 * n * n * shape.hidden_size for n in lengths) * shape.num_hidden_layers
    return _Work(batches, operations, sum(lengths))


def _shapes(shape: EncoderShape) -> Iterator[tuple[int, int]]:
    """(inputs, outputs) of a layer's four products."""
    hidden, inner = shape.hidden_size, shape.intermediate_size
    yield from ((hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden))


def _engine(encoder: Encoder, work: _Work) -> float:
    """Operations a second over all batches."""
    begun = time.perf_counter()
    for batch in work.batches:
        encoder(batch)
    return work.operations / (time.perf_counter() - begun)


def _best(shape: EncoderShape, format: Format) -> float:
    """Operations a second of a layer's products, each done the fastest way that is known here."""
    rows, seconds, operations = TOKEN_BUDGETS["cpu"], 0.0, 0.0
    for inputs, outputs in _shapes(shape):
        seconds += min(_seconds(way) for way in _ways(format, rows, inputs, outputs))
        operations += 2.0 * rows * inputs * outputs
    return operations / seconds


def _ways(format: Format, rows: int, inputs: int, outputs: int) -> Iterator[Callable[[], Tensor]]:
    weight, bias, states = torch.randn(outputs, inputs), torch.zeros(outputs), torch.randn(rows, inputs)
    if format is Format.FP32:
        packed = PackedLinear(weight, bias)
        yield from (lambda: functional.linear(states, weight, bias), lambda: packed(states))
        return
    eighth, codes = Int8Linear(weight, bias), torch.randint(0, 255, (rows, inputs), dtype=torch.uint8)
    signed, turned = (codes // 2).to(torch.int8), weight.to(torch.int8).t()
    yield from (lambda: eighth.product(codes), lambda: torch._int_mm(signed, turned))


def _seconds(work: Callable[[], Tensor]) -> float:
    """What a call takes on average over as long a time as the clock and the neighbours even out."""
    work()
    begun, calls = time.perf_counter(), 0
    while time.perf_counter() - begun < LASTING:
        work()
        calls += 1
    return (time.perf_counter() - begun) / calls
