"""How large each input of an encoder's maps tends to be, which 8-bit integers need to know before they round.

A text or two hundred suffice: the largest inputs of a trained encoder stand in the same few places whatever it reads.

    python -m training.spread --data-dir DATA      writes scoring/spreads/DIGITS.safetensors of the installed base
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from scoring.arithmetic import SPREAD, spread_file
from scoring.batches import Batch, compute
from scoring.checkpoint import EncoderShape
from scoring.encoder import Encoder
from scoring.packs import BASE_WEIGHTS, base_directory, sha256_of
from scoring.text import normalise
from scoring.tokens import Tokenizer
from scoring.windows import PairWindow, Window, text_windows

READ = 100
"""Texts of each of the two files; none of them is measured by what measures formats."""
WINDOW = 128
SEED = 6


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
    return encoder(batch)[:, 0]


def _note(largest: Tensor, _: nn.Module, inputs: tuple[Tensor]) -> None:
    torch.maximum(largest, inputs[0].abs().flatten(0, -2).amax(0), out=largest)


def main() -> None:
    """Read some texts in windows and write down how large the inputs were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    data = parser.parse_args().data_dir
    base = base_directory()
    encoder, tokenizer = Encoder.load(base, EncoderShape.read(base).num_hidden_layers), Tokenizer.load(base)
    ids = tokenizer.encode([normalise(text) for text in _texts(data)])
    windows = [window for place, one in enumerate(ids) for window in text_windows(place, one, WINDOW, 0)]
    file = spread_file(sha256_of(base / BASE_WEIGHTS))
    file.parent.mkdir(exist_ok=True)
    save_file({SPREAD: spread(encoder, tokenizer, windows)}, file)
    file.chmod(0o644)  # safetensors writes files that their owner alone can read
    print(f"{file}: {len(ids)} texts, {len(windows)} windows")


def _texts(data: Path) -> list[str]:
    resumes = pd.read_parquet(data / "resume_corpus.parquet", columns=["text"])["text"]
    postings = pd.read_parquet(data / "job_postings.parquet", columns=["description"])["description"].dropna()
    return [str(text) for rows in (resumes, postings) for text in rows.sample(READ, random_state=SEED)]


if __name__ == "__main__":
    main()
