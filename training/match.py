"""Trains the match pack: `python -m training.match --data resume_data.csv`.

Resume and job are read together by the base encoder with low-rank adapters on its upper layers; the states under these
never change and are computed once. Learned are the binary label and the graded score it was cut from; tokens of both
sides are hidden at random, since a few hundred resumes against two dozen jobs are easily learned by heart.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from scoring.batches import TOKEN_BUDGETS, assemble, cut
from scoring.encoder import Encoder
from scoring.match import ADAPTERS, HEAD, Calibration, MatchHead
from scoring.packs import BASE_WEIGHTS, base_directory, sha256_of, write_manifest
from scoring.readable import match_text
from scoring.text import job_text
from scoring.tokens import Tokenizer
from scoring.windows import Window, pair_windows
from training.curves import CURVES, Predictions, draw, read_log
from training.data import Matches, read_matches
from training.loop import Run, Schedule, save_head, trainable
from training.lora import adapt, adapters_of
from training.metrics import best_accuracy_threshold, binary_metrics, ranking_metrics
from training.notice import NOTICE
from training.splits import HOLDOUTS, SEED, match_sides

MAX_LENGTH, STRIDE, JOB_LIMIT = 256, 32, 112
FIRST_WORD = 999
"""Ids of bert-base-uncased's vocabulary below this are special tokens; they are never dropped."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one run learns with; the defaults are those of the shipped pack."""

    layers: int = 3
    adapted: int = 2
    rank: int = 16
    epochs: int = 2
    batch: int = 32
    learning_rate: float = 5e-4
    dropout: float = 0.0
    token_dropout: float = 0.15
    graded: float = 1.0


class Trainer:
    """Adapters and head in training."""

    def __init__(self, recipe: Recipe, matches: Matches, directory: Path, holdout: str) -> None:
        torch.manual_seed(SEED)
        base = base_directory()
        self.recipe, self.matches, self.holdout = recipe, matches, holdout
        self.tokenizer = Tokenizer.load(base)
        self.encoder = adapt(Encoder.load(base, recipe.layers), recipe.rank, recipe.dropout, recipe.adapted)
        self.head = MatchHead(self.encoder.shape.hidden_size)
        resumes = self.tokenizer.encode([match_text(resume) for resume in matches.resumes])
        jobs = self.tokenizer.encode([job_text(job) for job in matches.jobs])
        pairs = [
            pair_windows(row, jobs[job], resumes[resume], MAX_LENGTH, STRIDE, JOB_LIMIT)
            for row, (resume, job) in enumerate(zip(matches.resume, matches.job, strict=True))
        ]
        self.windows: list[Window] = [window for pair in pairs for window in pair]
        self.starts = np.cumsum([0, *map(len, pairs)])
        self.lengths = np.array([sum(window.length for window in pair) for pair in pairs])
        self.states = self._frozen_states(directory.parent / "cache")
        self.targets = torch.from_numpy(np.stack([matches.matched, matches.score], 1)).float()
        self.side = match_sides(matches, holdout)
        self.run = self._run(directory)

    def train(self) -> None:
        """Train to the end of the recipe, resuming from a checkpoint where there is one."""
        self.run.train(self._batches, self._loss, self._validate)

    @torch.no_grad()
    def logits(self, rows: np.ndarray) -> np.ndarray:
        """(rows, 2) pooled logits of pairs."""
        self._mode(training=False)
        parts = [self._forward(rows[n : n + 128]) for n in tqdm(range(0, len(rows), 128), desc="scoring", leave=False)]
        self._mode(training=True)
        return torch.cat(parts).double().numpy()

    def _run(self, directory: Path) -> Run:
        recipe, steps = self.recipe, int((self.side == "train").sum()) // self.recipe.batch
        schedule = Schedule(recipe.epochs, recipe.learning_rate, weight_decay=0.05, warmup=0.1, seed=SEED)
        learned = trainable([("encoder", self.encoder), ("head", self.head)])
        return Run(directory, learned, schedule, steps * recipe.epochs)

    def _batches(self, epoch: int) -> list[np.ndarray]:
        """Random batches of pairs of like length: shuffled, sorted within runs of eight batches, shuffled again."""
        random, size = np.random.default_rng([SEED, epoch]), self.recipe.batch
        rows = random.permutation(np.where(self.side == "train")[0])
        rows = rows[: len(rows) // size * size]
        runs = [run[np.argsort(self.lengths[run])] for run in np.split(rows, range(8 * size, len(rows), 8 * size))]
        batches = np.split(np.concatenate(runs), len(rows) // size)
        return [batches[place] for place in random.permutation(len(batches))]

    def _loss(self, rows: np.ndarray) -> Tensor:
        losses = functional.binary_cross_entropy_with_logits(self._forward(rows), self.targets[rows], reduction="none")
        return losses[:, 0].mean() + self.recipe.graded * losses[:, 1].mean()

    def _validate(self) -> tuple[float, dict]:
        rows = np.where(self.side == "valid")[0]
        probabilities = 1 / (1 + np.exp(-self.logits(rows).sum(1)))
        metrics = binary_metrics(probabilities, self.matches.matched[rows], 0.5)
        return metrics["auc"], metrics

    def _mode(self, training: bool) -> None:
        self.encoder.train(training)
        self.head.train(training)

    def _forward(self, rows: np.ndarray) -> Tensor:
        """(rows, 2) logits of a few pairs, their windows pooled as in service."""
        places = np.concatenate([np.arange(self.starts[row], self.starts[row + 1]) for row in rows])
        types, mask = self._masks(places)
        states = nn.utils.rnn.pad_sequence([self.states[place] for place in places], batch_first=True).float()
        for layer in list(self.encoder.layers)[self.recipe.layers - self.recipe.adapted :]:
            states = layer(states, mask[:, None, None, :])
        owners = torch.repeat_interleave(torch.arange(len(rows)), torch.from_numpy(np.diff(self.starts)[rows]))
        shares = torch.tensor([max(1, len(self.windows[place].second)) for place in places]).float()[:, None]
        logits = self.head(states, types, mask)
        sums = torch.zeros(len(rows), 3).index_add(0, owners, torch.cat([logits * shares, shares], dim=1))
        return sums[:, :2] / sums[:, 2:]

    def _masks(self, places: np.ndarray) -> tuple[Tensor, Tensor]:
        """Segment types and attention mask of windows; in training some tokens are hidden from the upper layers."""
        batch = assemble(self.windows, places, self.tokenizer)
        if not self.head.training:
            return batch.token_type_ids, batch.attention_mask
        seen = torch.rand(batch.attention_mask.shape) >= self.recipe.token_dropout
        seen |= batch.input_ids < FIRST_WORD
        return batch.token_type_ids, batch.attention_mask & seen

    def _frozen_states(self, cache: Path) -> Sequence[Tensor]:
        """The states under the lowest adapted layer, fp16, of every window; kept in a file, since they never change."""
        layers = self.recipe.layers - self.recipe.adapted
        path = cache / f"states-{layers}-{self.matches.fingerprint[:16]}.safetensors"
        if not path.exists():
            cache.mkdir(parents=True, exist_ok=True)
            save_file({"states": torch.cat(self._lower_states(layers))}, path)
        return load_file(path)["states"].split([window.length for window in self.windows])

    @torch.no_grad()
    def _lower_states(self, layers: int) -> list[Tensor]:
        lower = Encoder.load(base_directory(), layers)
        states: list[Tensor] = [torch.empty(0)] * len(self.windows)
        for places in tqdm(list(cut([window.length for window in self.windows], TOKEN_BUDGETS["cpu"])), desc="states"):
            batch = assemble(self.windows, places, self.tokenizer)
            result = lower(batch.input_ids, batch.token_type_ids, batch.attention_mask).half()
            for place, row in zip(places, result, strict=True):
                states[place] = row[: self.windows[place].length].clone()
        return states


def build_pack(trainer: Trainer, directory: Path, version: str) -> None:
    """Calibrate on the validation side, measure on the held-out side, and write the pack."""
    matches, recipe = trainer.matches, trainer.recipe
    valid, test = (np.where(trainer.side == side)[0] for side in ("valid", "test"))
    logits = trainer.logits(valid)
    calibration = calibrate(logits, matches.matched[valid])
    threshold = best_accuracy_threshold(calibration.probabilities(logits), matches.matched[valid])
    measured = calibration.probabilities(trainer.logits(test))
    directory.mkdir(parents=True, exist_ok=True)
    save_file(adapters_of(trainer.encoder), directory / ADAPTERS)
    save_head(trainer.head, directory / HEAD)
    manifest = {
        "name": "match", "version": version, "kind": "match",
        "base": {"name": "all-MiniLM-L6-v2", "sha256": sha256_of(base_directory() / BASE_WEIGHTS)},
        "layers": recipe.layers, "max_length": MAX_LENGTH, "stride": STRIDE, "job_limit": JOB_LIMIT,
        "labels": ["match"], "threshold": threshold,
        "calibration": {"weights": list(calibration.weights), "bias": calibration.bias},
        "recipe": asdict(recipe), "seed": SEED, "training_seconds": round(trainer.run.seconds),
        "split": f"unseen {trainer.holdout}, by hash: about 70% train, 10% validation, 20% held out",
        "counts": {side: int((trainer.side == side).sum()) for side in ("train", "valid", "test")},
        "data": {"name": "resume_data.csv (Resume Dataset, S. R. Arghya)", "sha256": matches.fingerprint},
        "metrics": {"heldout": {
            **binary_metrics(measured, matches.matched[test], threshold),
            **ranking_metrics(measured, matches.score[test], matches.matched[test], matches.job[test]),
        }},
        "notice": NOTICE,
    }  # fmt: skip
    write_manifest(directory, manifest, (ADAPTERS, HEAD))
    seen = Predictions.binary("match", matches.matched[valid], calibration.probabilities(logits), threshold)
    draw(trainer.run.directory / CURVES, seen, read_log(trainer.run.directory))


def calibrate(logits: np.ndarray, truth: np.ndarray) -> Calibration:
    """Logistic regression from the two logits to the label; strongly regularised, for a few dozen resumes."""
    fitted = LogisticRegression(C=0.1).fit(logits, truth)
    first, second = (round(float(weight), 5) for weight in fitted.coef_[0])
    return Calibration((first, second), round(float(fitted.intercept_[0]), 5))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="resume_data.csv")
    parser.add_argument("--pack", type=Path, default=Path("packs/match/1"), help="where the pack is written")
    parser.add_argument("--run", type=Path, default=Path("runs/match"), help="checkpoints and log; resumed if there")
    parser.add_argument("--holdout", choices=HOLDOUTS, default="resumes", help="what the held-out side has unseen")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args())
    data, pack, run, holdout = (options.pop(name) for name in ("data", "pack", "run", "holdout"))
    trainer = Trainer(Recipe(**options), read_matches(data), run, holdout)
    trainer.train()
    build_pack(trainer, pack, pack.name)


if __name__ == "__main__":
    main()
