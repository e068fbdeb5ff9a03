"""The command line that the recipes share."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from training.recipes.base import BERT, OURS, BaseError
from training.recipes.finetuning import OtherRunError, Settings

SCHEDULERS = ("linear", "cosine", "constant")
PRECISIONS = ("fp32", "bf16")


def parser(about: str | None, defaults: Settings, data: str, run: str) -> argparse.ArgumentParser:
    """A parser whose flags are --data, --run and the settings; the same flags again go on from the last checkpoint."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, required=True, help=data)
    made.add_argument("--run", type=Path, default=Path(run), help="checkpoints, model and figures; resumed if there")
    made.add_argument("--base", default=defaults.base, help=f"{BERT} (from its hub), {OURS} or a folder of weights")
    made.add_argument("--rows", type=int, help="use so many random rows of the file (default: all)")
    for name in ("epochs", "batch", "max_length", "seed"):
        made.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(defaults, name))
    made.add_argument("--learning-rate", type=float, default=defaults.learning_rate)
    made.add_argument("--scheduler", choices=SCHEDULERS, default=defaults.scheduler)
    made.add_argument("--precision", choices=PRECISIONS, default=defaults.precision, help="bf16: if the device has it")
    made.add_argument("--attention-dropout", type=float, default=defaults.attention_dropout, help="0: faster on a CPU")
    made.set_defaults(texts=defaults.texts)
    return made


def command(parser: argparse.ArgumentParser, run: Callable[[Path, Path, Settings], dict]) -> int:
    """Run a recipe and print its figures as one JSON line; 0 when it worked."""
    options = parser.parse_args()
    settings = Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})
    try:
        figures = run(options.data, options.run, settings)
    except (BaseError, OtherRunError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(figures, default=float))
    return 0
