"""Trains the categories pack: `python -m training.categories --data resume_corpus.parquet`.

Whole resumes, by windows, over the base encoder's word pieces as they are: what is learned is the head alone, so an
epoch over all the training tokens takes minutes on one core. From a part of the training resumes the job titles are
taken, so that the head learns the rest of a resume too. The same command goes on with a run that was interrupted.
"""

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from scoring.batches import TOKEN_BUDGETS, assemble, cut
from scoring.categories import CategoryHead, HeadShape, swayed
from scoring.checkpoint import Parameters
from scoring.packs import Pack, base_directory
from scoring.tokens import Tokenizer
from scoring.windows import Window, text_windows
from training.category_data import Reading, Resumes, read_resumes
from training.category_figures import Calibration
from training.category_linear import fit_bag, weighed
from training.category_pack import Learned, build_pack
from training.curves import CURVES, Predictions, draw, read_log
from training.data import LABELS
from training.loop import Run, Schedule, trainable
from training.metrics import label_metrics
from training.splits import SEED


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one run learns with; the defaults are those of the shipped pack.

    `longest`: word pieces read of a training resume; `titleless`: the share of training resumes whose titles are taken;
    `pairs`: columns of the bag of words for pairs of word pieces.
    """

    narrow: int = 64
    channels: int = 96
    width: int = 5
    epochs: int = 2
    batch: int = 16
    learning_rate: float = 4e-3
    dropout: float = 0.1
    longest: int = 1536
    titleless: float = 0.15
    pairs: int = 2**17


class Trainer:
    """A head in training, on the frozen word pieces of the base encoder."""

    max_length, stride = 512, 16

    def __init__(self, recipe: Recipe, resumes: Resumes, directory: Path) -> None:
        torch.manual_seed(SEED)
        base = base_directory()
        self.recipe, self.resumes = recipe, resumes
        self.tokenizer = Tokenizer.load(base)
        with torch.no_grad():
            self.words = Parameters.read(base, 0).embeddings.words()
        self.shape = HeadShape(self.words.shape[1], recipe.narrow, recipe.channels, recipe.width, len(LABELS))
        self.head = CategoryHead(self.shape)
        self._initialise()
        self.labels = torch.from_numpy(resumes.labels)
        schedule = Schedule(
            recipe.epochs, recipe.learning_rate, weight_decay=0.01, warmup=0.05, seed=SEED, cycles=recipe.epochs
        )
        steps = len(self._batches(epoch=0)) * recipe.epochs
        self.run = Run(directory, trainable([("head", self.head)]), schedule, steps)

    def train(self) -> None:
        """Train to the end of the recipe, resuming from a checkpoint where there is one."""
        self.run.train(self._batches, self._loss, self._validate)

    def learned(self) -> Learned:
        """What a pack is made of: the bag is fitted here, and weighed so that it helps with titles and without."""
        resumes, began = self.resumes, time.monotonic()
        train, valid = resumes.rows("train"), resumes.rows("valid")
        titleless = [resumes.titleless[row] for row in train]
        bag = fit_bag(titleless, resumes.labels[train], len(self.words), self.recipe.pairs)
        texts = [side[row] for side in (resumes.ids, resumes.titleless) for row in valid]
        network = self.logits(texts)
        bag = weighed(bag, texts, network, np.tile(resumes.labels[valid], (2, 1)))
        logits = swayed(network[: len(valid)], bag.logits(texts[: len(valid)]))
        seconds = self.run.seconds + time.monotonic() - began
        return Learned(
            self.head, bag, self.shape, logits, asdict(self.recipe), self.max_length, self.stride, seconds
        )  # fmt: skip

    @torch.no_grad()
    def logits(self, texts: list[np.ndarray]) -> np.ndarray:
        """(texts, labels) logits of the head, of whole texts by their ids."""
        self.head.eval()
        parts = [self._forward(texts[n : n + 64])
                 for n in tqdm(range(0, len(texts), 64), desc="scoring", leave=False)]  # fmt: skip
        self.head.train()
        return torch.cat(parts).double().numpy()

    @torch.no_grad()
    def _initialise(self) -> None:
        """The projection begins as the principal components of the word pieces, weighted as the training text is."""
        counts = np.bincount(np.concatenate([self.resumes.ids[row] for row in self.resumes.rows("train")[:4000]]),
                             minlength=len(self.words))  # fmt: skip
        weights = torch.from_numpy(counts).float().sqrt()[:, None]
        mean = (self.words * weights).sum(0) / weights.sum()
        components = torch.linalg.svd((self.words - mean) * weights, full_matrices=False)[2][: self.recipe.narrow]
        spread = ((self.words - mean) @ components.T * weights).square().sum() / weights.square().sum()
        self.head.narrow.weight.copy_(components / (spread / self.recipe.narrow).sqrt())
        self.head.narrow.bias.copy_(-self.head.narrow.weight @ mean)
        torch.nn.init.zeros_(self.head.far.weight)
        torch.nn.init.constant_(self.head.bias, -2.0)

    def _batches(self, epoch: int) -> list[np.ndarray]:
        rows = np.random.default_rng([SEED, epoch]).permutation(self.resumes.rows("train"))
        steps = len(rows) // self.recipe.batch
        return np.split(rows[: steps * self.recipe.batch], steps)

    def _loss(self, rows: np.ndarray) -> Tensor:
        recipe = self.recipe
        hidden = torch.rand(len(rows)) < recipe.titleless
        texts = [(self.resumes.titleless if hide else self.resumes.ids)[row][: recipe.longest]
                 for row, hide in zip(rows, hidden, strict=True)]  # fmt: skip
        return functional.binary_cross_entropy_with_logits(self._forward(texts), self.labels[rows])

    def _validate(self) -> tuple[float, dict]:
        rows = self.resumes.rows("valid")
        probabilities = expit(self.logits([self.resumes.ids[row] for row in rows]))
        metrics = label_metrics(probabilities, self.resumes.labels[rows], np.full(len(LABELS), 0.5), LABELS)
        return metrics["map"], {name: metrics[name] for name in ("micro_f1", "map", "bce")}

    def _forward(self, texts: list[np.ndarray]) -> Tensor:
        """Logits of a few texts, (texts, labels)."""
        windows: list[Window] = []
        for place, text in enumerate(texts):
            windows += text_windows(place, text.astype(np.int32), self.max_length, self.stride)
        partials, owners = [], []
        for places in cut([window.length for window in windows], 2 * TOKEN_BUDGETS["cpu"]):
            batch = assemble(windows, places, self.tokenizer)
            pieces, where = batch.input_ids.unique(return_inverse=True)
            narrowed = functional.embedding(where, self.head.narrow(self.words[pieces]))
            evidence = self.head.evidence(narrowed, batch.attention_mask)
            evidence = functional.dropout1d(evidence, self.recipe.dropout, self.head.training)
            partials.append(self.head.partials(evidence, batch.attention_mask))
            owners += [windows[place].owner for place in places]
        return self.head.pool(torch.cat(partials), torch.tensor(owners), len(texts))


def train(data: Path, reading: Reading, run: Path, recipe: Recipe, directory: Path) -> Pack:
    """Train a reading to its end, or go on where a run in the folder `run` was interrupted, and write the pack."""
    resumes = read_resumes(data, reading)
    trainer = Trainer(recipe, resumes, run)
    trainer.train()
    learned, truth = trainer.learned(), resumes.labels[resumes.rows("valid")]
    fitted = Calibration.fit(learned.logits, truth)
    seen = Predictions(LABELS, truth, fitted.probabilities(learned.logits), fitted.thresholds)
    draw(run / CURVES, seen, read_log(run))
    return build_pack(learned, resumes, reading, directory)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="resume_corpus.parquet")
    parser.add_argument("--pack", type=Path, default=Path("packs/categories/3"), help="where the pack is written")
    parser.add_argument("--run", type=Path, default=Path("runs/categories"), help="checkpoints and log; resumed")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args())
    data, pack, run = (options.pop(name) for name in ("data", "pack", "run"))
    train(data, Reading(), run, Recipe(**options), pack)


if __name__ == "__main__":
    main()
