"""Trains the pairs pack: `python -m training.pairs --data resume_data.csv`.

A BERT that reads a resume and a job together, cut at 256 tokens, for the second stage of a screening. The lower layers
stay as they were published and are passed once; the upper ones learn a low-rank change of every map on the graded
score, with the head. Which epoch is kept, and the calibration, are decided on a validation part of the training side.
The same command goes on with a run that was interrupted.
"""

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor
from torch.nn import functional

from scoring.checkpoint import EncoderShape, Parameters
from scoring.formats import Format, computable
from scoring.packs import Pack, base_directory, load_pack
from scoring.pairs import MAX_LENGTH
from training.curves import CURVES, Predictions, draw, read_log
from training.data import MATCHED_ABOVE, Matches, read_matches
from training.loop import Run, Schedule, trainable
from training.match_fit import calibrate
from training.metrics import binary_metrics, ranking_metrics
from training.pair_layers import PairLayers
from training.pair_pack import THRESHOLD, Learned, build_pack
from training.pair_states import States, read_states
from training.splits import SEED, match_sides


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one run learns with; the defaults are those of the shipped pack. `frozen`: layers that learn nothing."""

    frozen: int = 3
    rank: int = 16
    epochs: int = 4
    batch: int = 16
    learning_rate: float = 1e-3
    dropout: float = 0.1


class Trainer:
    """A pair classifier in training, on frozen states."""

    def __init__(self, recipe: Recipe, matches: Matches, states: States, sides: np.ndarray, directory: Path) -> None:
        torch.manual_seed(SEED)
        base = base_directory()
        self.recipe, self.matches, self.states, self.sides = recipe, matches, states, sides
        self.layers = EncoderShape.read(base).num_hidden_layers
        parameters = Parameters.read(base, self.layers)
        self.model = PairLayers(parameters, recipe.frozen, recipe.rank, recipe.dropout)
        self.scores = torch.tensor(matches.score, dtype=torch.float32)
        torch.nn.init.constant_(self.model.classifier.bias, float(torch.logit(self.scores[self.rows("train")].mean())))
        self.halved = Format.BF16 in computable("cpu")
        schedule = Schedule(recipe.epochs, recipe.learning_rate, weight_decay=0.01, warmup=0.05, seed=SEED)
        steps = len(self._batches(epoch=0)) * recipe.epochs
        self.run = Run(directory, trainable([("pairs", self.model)]), schedule, steps)

    def train(self) -> None:
        """Train to the end of the recipe, resuming from a checkpoint where there is one."""
        self.run.train(self._batches, self._loss, self._validate)

    def learned(self, picture: Path) -> Learned:
        """What a pack is made of; draws the run's curves."""
        rows = {side: self.rows(side) for side in ("train", "valid", "test")}
        logits, truth = self.logits(rows["valid"]), self.matches.matched[rows["valid"]]
        calibration = calibrate(logits, truth)
        seen = Predictions.binary("match", truth, calibration.probabilities(logits), THRESHOLD)
        draw(picture, seen, read_log(self.run.directory))
        return Learned(self.model, calibration, rows, self.layers, asdict(self.recipe), self.run.seconds)

    def rows(self, side: str) -> np.ndarray:
        """The pairs of a side."""
        return np.flatnonzero(self.sides == side)

    @torch.no_grad()
    def logits(self, rows: np.ndarray) -> np.ndarray:
        """Of some pairs, (rows,)."""
        self.model.eval()
        order = rows[np.argsort(self.states.lengths[rows], kind="stable")]
        found = torch.zeros(len(self.states.ends))
        for some in np.array_split(order, max(1, len(order) // 32)):
            found[some] = self._forward(some)
        self.model.train()
        return found[rows].double().numpy()

    def _batches(self, epoch: int) -> list[np.ndarray]:
        """Pairs of like length stand in one batch, so that little is padded; which pairs do changes by epoch."""
        random, size = np.random.default_rng([SEED, epoch]), self.recipe.batch
        rows = random.permutation(self.rows("train"))
        pools = np.array_split(rows, max(1, len(rows) // (8 * size)))
        ordered = np.concatenate([pool[np.argsort(self.states.lengths[pool], kind="stable")] for pool in pools])
        batches = np.split(ordered[: len(ordered) // size * size], len(ordered) // size)
        return [batches[place] for place in random.permutation(len(batches))]

    def _loss(self, rows: np.ndarray) -> Tensor:
        return functional.binary_cross_entropy_with_logits(self._forward(rows), self.scores[rows])

    def _forward(self, rows: np.ndarray) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.halved):
            logits: Tensor = self.model(*self.states.batch(rows))
        return logits

    def _validate(self) -> tuple[float, dict]:
        """Chosen by the AUC over all validation pairs."""
        rows, matches = self.rows("valid"), self.matches
        predicted, truth = expit(self.logits(rows)), matches.matched[rows]
        figures = ranking_metrics(predicted, matches.score[rows], truth, matches.job[rows])
        return binary_metrics(predicted, truth, MATCHED_ABOVE)["auc"], figures


def train(data: Path, first: Path, run: Path, recipe: Recipe, directory: Path) -> Pack:
    """Train to the end, or go on where a run in the folder `run` was interrupted, and write the pack.

    It is measured beside the match pack in `first`.
    """
    matches = read_matches(data)
    states = read_states(matches, recipe.frozen, MAX_LENGTH)
    trainer = Trainer(recipe, matches, states, match_sides(matches, "resumes"), run)
    trainer.train()
    return build_pack(trainer.learned(run / CURVES), matches, load_pack(first), directory)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="resume_data.csv")
    parser.add_argument("--match", type=Path, default=Path("packs/match/2"), help="the pack that it is held against")
    parser.add_argument("--pack", type=Path, default=Path("packs/pairs/1"), help="where the pack is written")
    parser.add_argument("--run", type=Path, default=Path("runs/pairs"), help="checkpoints and log; resumed")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args())
    data, first, pack, run = (options.pop(name) for name in ("data", "match", "pack", "run"))
    train(data, first, run, Recipe(**options), pack)


if __name__ == "__main__":
    main()
