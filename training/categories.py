"""Trains the categories pack: `python -m training.categories --data resume_corpus.parquet`.

Whole resumes, by windows, over frozen word-piece states of the base encoder: what is learned is the head alone, so an
epoch over all 32 million training tokens takes tens of minutes on two cores, where the whole encoder would take a day.
"""

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from scoring.batches import TOKEN_BUDGETS, assemble, cut
from scoring.categories import CategoryHead, HeadShape
from scoring.encoder import Encoder
from scoring.match import HEAD
from scoring.packs import BASE_WEIGHTS, base_directory, load_pack, sha256_of, write_manifest
from scoring.tokens import Tokenizer
from scoring.windows import Window, text_windows
from training.curves import CURVES, Predictions, draw, read_log
from training.data import LABELS, Corpus, read_corpus
from training.loop import Run, Schedule, save_head, trainable
from training.metrics import best_f1_threshold, fit_temperature, label_metrics
from training.notice import NOTICE
from training.splits import SEED, near_duplicate_keys, sides

MAX_LENGTH, STRIDE = 256, 32


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one run learns with; the defaults are those of the shipped pack."""

    layers: int = 0
    channels: int = 192
    width: int = 5
    epochs: int = 1
    skip: int = 0
    examples: int = 22_900
    batch: int = 16
    learning_rate: float = 1e-3
    dropout: float = 0.1
    longest: int = 3072


class Trainer:
    """A head in training, on the frozen lowest layers of the base encoder."""

    def __init__(self, recipe: Recipe, corpus: Corpus, directory: Path, start: Path | None = None) -> None:
        torch.manual_seed(SEED)
        base = base_directory()
        self.recipe, self.directory, self.corpus = recipe, directory, corpus
        self.start = load_pack(start).manifest["recipe"] if start else None
        self.tokenizer = Tokenizer.load(base)
        self.encoder = Encoder.load(base, recipe.layers).requires_grad_(False)
        self.shape = HeadShape(self.encoder.shape.hidden_size, recipe.channels, recipe.width, len(LABELS))
        self.head = CategoryHead(self.shape)
        torch.nn.init.zeros_(self.head.far.weight)
        torch.nn.init.constant_(self.head.bias, -2.0)
        if start:
            self.head.load_state_dict({name: tensor.float() for name, tensor in load_file(start / HEAD).items()})
        self.labels = torch.from_numpy(corpus.labels)
        self.tokens = cached_tokens(corpus, self.tokenizer, directory.parent / "cache")
        self.side = sides(near_duplicate_keys(corpus.plain), "categories")
        self.run = self._run()

    def train(self) -> None:
        """Train to the end of the recipe, resuming from a checkpoint where there is one."""
        self.run.train(self._batches, self._loss, self._validate)

    @torch.no_grad()
    def logits(self, rows: np.ndarray) -> np.ndarray:
        """(rows, labels) logits of whole resumes."""
        self.head.eval()
        parts = [self._forward(rows[n : n + 64]) for n in tqdm(range(0, len(rows), 64), desc="scoring", leave=False)]
        self.head.train()
        return torch.cat(parts).double().numpy()

    def _run(self) -> Run:
        recipe, steps = self.recipe, len(self._batches(epoch=0))
        schedule = Schedule(recipe.epochs, recipe.learning_rate, weight_decay=0.01, warmup=0.05, seed=SEED)
        return Run(self.directory, trainable([("head", self.head)]), schedule, steps * recipe.epochs)

    def _batches(self, epoch: int) -> list[np.ndarray]:
        rows = np.random.default_rng([SEED, epoch]).permutation(np.where(self.side == "train")[0])[self.recipe.skip :]
        steps = min(self.recipe.examples, len(rows)) // self.recipe.batch
        return np.split(rows[: steps * self.recipe.batch], steps)

    def _loss(self, rows: np.ndarray) -> Tensor:
        return functional.binary_cross_entropy_with_logits(self._forward(rows), self.labels[rows])

    def _validate(self) -> tuple[float, dict]:
        rows = np.where(self.side == "valid")[0]
        metrics = label_metrics(sigmoid(self.logits(rows)), self.corpus.labels[rows], np.full(len(LABELS), 0.5), LABELS)
        return metrics["map"], {name: metrics[name] for name in ("micro_f1", "map", "bce")}

    def _forward(self, rows: np.ndarray) -> Tensor:
        """Logits of a few resumes, (rows, labels); training reads the first `longest` tokens, scoring all."""
        limit = self.recipe.longest if self.head.training else None
        windows: list[Window] = []
        for place, row in enumerate(rows):
            windows += text_windows(place, self.tokens[row][:limit].astype(np.int32), MAX_LENGTH, STRIDE)
        partials, owners = [], []
        for places in cut([window.length for window in windows], 4 * TOKEN_BUDGETS["cpu"]):
            batch = assemble(windows, places, self.tokenizer)
            states = self.encoder(batch.input_ids, batch.token_type_ids, batch.attention_mask)
            evidence = self.head.evidence(states, batch.attention_mask)
            evidence = functional.dropout(evidence, self.recipe.dropout, self.head.training)
            partials.append(self.head.partials(evidence, batch.attention_mask))
            owners += [windows[place].owner for place in places]
        return self.head.pool(torch.cat(partials), torch.tensor(owners), len(rows))


def build_pack(trainer: Trainer, directory: Path, version: str) -> None:
    """Calibrate on the validation side, measure on the held-out side, and write the pack."""
    truth = trainer.corpus.labels
    valid, test = (np.where(trainer.side == side)[0] for side in ("valid", "test"))
    logits = trainer.logits(valid)
    temperatures = np.array([fit_temperature(logits[:, n], truth[valid, n]) for n in range(len(LABELS))])
    probabilities = sigmoid(logits / temperatures)
    thresholds = np.array([best_f1_threshold(probabilities[:, n], truth[valid, n]) for n in range(len(LABELS))])
    measured = label_metrics(sigmoid(trainer.logits(test) / temperatures), truth[test], thresholds, LABELS)
    directory.mkdir(parents=True, exist_ok=True)
    save_head(trainer.head, directory / HEAD)
    manifest = {
        "name": "categories", "version": version, "kind": "categories",
        "base": {"name": "all-MiniLM-L6-v2", "sha256": sha256_of(base_directory() / BASE_WEIGHTS)},
        "layers": trainer.recipe.layers, "head": {"channels": trainer.shape.channels, "width": trainer.shape.width},
        "max_length": MAX_LENGTH, "stride": STRIDE, "labels": list(LABELS),
        "thresholds": dict(zip(LABELS, thresholds.tolist(), strict=True)),
        "temperatures": dict(zip(LABELS, temperatures.round(4).tolist(), strict=True)),
        "recipe": asdict(trainer.recipe) | {"start": trainer.start}, "seed": SEED,
        "training_seconds": round(trainer.run.seconds),
        "split": "near-duplicate groups (words 20..120), by hash: 85% train, 5% validation, 10% held out",
        "counts": {side: int((trainer.side == side).sum()) for side in ("train", "valid", "test")},
        "data": {"name": "florex/resume_corpus", "sha256": trainer.corpus.fingerprint},
        "metrics": {"heldout": measured}, "notice": NOTICE,
    }  # fmt: skip
    write_manifest(directory, manifest, (HEAD,))
    run = trainer.run.directory
    draw(run / CURVES, Predictions(LABELS, truth[valid], probabilities, thresholds), read_log(run))


def cached_tokens(corpus: Corpus, tokenizer: Tokenizer, cache: Path) -> list[np.ndarray]:
    """Token ids of every text, uint16; kept in a file, since tokenising 27,000 resumes takes minutes."""
    path = cache / f"tokens-{corpus.fingerprint[:16]}.npz"
    if not path.exists():
        ids = [ids for n in tqdm(range(0, len(corpus.texts), 500), desc="tokenising")
               for ids in tokenizer.encode(corpus.texts[n : n + 500])]  # fmt: skip
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, flat=np.concatenate(ids).astype(np.uint16), lengths=[len(row) for row in ids])
    stored = np.load(path)
    return np.split(stored["flat"], np.cumsum(stored["lengths"])[:-1])


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-logits))."""
    return 1 / (1 + np.exp(-logits))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="resume_corpus.parquet")
    parser.add_argument("--pack", type=Path, default=Path("packs/categories/1"), help="where the pack is written")
    parser.add_argument("--run", type=Path, default=Path("runs/categories"), help="checkpoints and log; resumed")
    parser.add_argument("--start", type=Path, help="begin from this pack's head instead of random weights")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args())
    data, pack, run, start = (options.pop(name) for name in ("data", "pack", "run", "start"))
    trainer = Trainer(Recipe(**options), read_corpus(data), run, start)
    trainer.train()
    build_pack(trainer, pack, pack.name)


if __name__ == "__main__":
    main()
