"""In which format a pack's encoder computes, and where; with what int8 must know of the base below the pack."""

from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from scoring.encoder import Arithmetic
from scoring.formats import Format
from scoring.packs import Pack, PackError

SPREADS = Path(__file__).parent / "spreads"
"""How large the inputs of a base's maps tend to be, a file a base, named by the first digits of its sha256; written by
`python -m training.spread`."""
SPREAD = "spread"
_DIGITS = 16


def arithmetic(pack: Pack, device: str = "cpu", format: str = Format.FP32) -> Arithmetic:
    """What to load the encoder of `pack` with; `format` as a screening names it. Raises PackError if there is none."""
    try:
        known = Format(format)
    except ValueError as error:
        raise PackError(f"no format is called {format}") from error
    return Arithmetic(known, device, _spread(pack.manifest["base"]["sha256"]) if known is Format.INT8 else None)


def spread_file(sha256: str) -> Path:
    """Where the spread of a base with these weights is kept."""
    return SPREADS / f"{sha256[:_DIGITS]}.safetensors"


def _spread(sha256: str) -> Tensor | None:
    """(2, layers, hidden); None of a base that nobody has measured: its inputs are then rounded as they come."""
    file = spread_file(sha256)
    return load_file(file)[SPREAD] if file.is_file() else None
