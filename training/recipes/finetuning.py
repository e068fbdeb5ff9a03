"""Fine-tunes a whole BERT with the Trainer of transformers: seeded, checkpointed by the clock, resumed by itself."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_utils import get_last_checkpoint

CHECKPOINT_SECONDS = 900.0
SETTINGS, MODEL = "settings.json", "model"


class OtherRunError(Exception):
    """The folder holds a run with other settings; what it learned cannot be gone on with."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run learns with; `base` is a name or a folder, `rows` how many of the file's rows are used (None: all).

    `texts` says how they were prepared, where a recipe has a choice. `precision` is that of the products: weights and
    what the optimiser keeps stay fp32. `attention_dropout` is the base's own (0.1), or 0: a CPU's fused kernels know
    none, so it takes more than half of a training's time there.
    """

    base: str
    rows: int | None
    epochs: int
    batch: int
    learning_rate: float
    scheduler: str
    max_length: int
    seed: int = 20
    texts: str = ""
    precision: str = "fp32"
    attention_dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class Texts:
    """One side of a split: texts, or first halves and second halves of pairs, and a label or row of labels each."""

    first: Sequence[str]
    second: Sequence[str] | None
    labels: Sequence[Any]

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: (rows, labels) logits of the test side, what was logged, and the seconds of each part."""

    logits: np.ndarray
    log: list[dict]
    seconds: float
    predict_seconds: float


class _Encoded(Dataset):
    """Token ids, cut at `max_length`. Batches are padded to their own longest text: the same sums, fewer zeros."""

    def __init__(self, texts: Texts, tokenizer: Any, max_length: int) -> None:
        halves = [list(texts.first)] + ([list(texts.second)] if texts.second is not None else [])
        self.encoded = tokenizer(*halves, truncation=True, max_length=max_length)
        self.labels = texts.labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> dict[str, Any]:
        return {name: ids[row] for name, ids in self.encoded.items()} | {"labels": self.labels[row]}


class _Clock(TrainerCallback):
    """A checkpoint every quarter of an hour, and the seconds of all processes that worked on the run, in its log."""

    def __init__(self) -> None:
        self.before = 0.0
        self.began = self.saved = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.before = max((entry.get("seconds", 0.0) for entry in state.log_history), default=0.0)
        self.began = self.saved = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        state.log_history[-1]["seconds"] = round(self.before + time.monotonic() - self.began, 1)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if time.monotonic() - self.saved > CHECKPOINT_SECONDS:
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.saved = time.monotonic()


def finetune(base: Path, train: Texts, test: Texts, settings: Settings, run: Path, **shape: Any) -> Outcome:
    """Train to the end from wherever the newest checkpoint under `run` left off, save model and tokenizer, predict.

    `shape` goes to the model's configuration (num_labels, problem_type). Raises OtherRunError.
    """
    _claim(run, settings)
    set_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    shape["attention_probs_dropout_prob"] = settings.attention_dropout
    model = AutoModelForSequenceClassification.from_pretrained(base, use_safetensors=True, **shape)
    learned, held_out = (_Encoded(side, tokenizer, settings.max_length) for side in (train, test))
    trainer = Trainer(
        model, _arguments(settings, run), DataCollatorWithPadding(tokenizer), learned, held_out, tokenizer,
        callbacks=[_Clock()],
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(run)))
    trainer.save_model(str(run / MODEL))
    began = time.monotonic()
    logits = np.asarray(trainer.predict(held_out).predictions, dtype=np.float64)
    log = [_entry(entry) for entry in trainer.state.log_history]
    return Outcome(logits, log, max(entry["seconds"] for entry in log), time.monotonic() - began)


def _claim(run: Path, settings: Settings) -> None:
    run.mkdir(parents=True, exist_ok=True)
    path, mine = run / SETTINGS, json.dumps(asdict(settings))
    if path.exists() and path.read_text(encoding="utf-8") != mine:
        raise OtherRunError(f"{run} holds a run with other settings, see {path}: name another folder by --run")
    path.write_text(mine, encoding="utf-8")


def _arguments(settings: Settings, run: Path) -> TrainingArguments:
    return TrainingArguments(
        str(run),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        per_device_eval_batch_size=settings.batch,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.scheduler,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=10,
        seed=settings.seed,
        bf16=settings.precision == "bf16",
        use_cpu=not torch.cuda.is_available(),
        report_to="none",
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _entry(entry: dict) -> dict:
    """A line of the Trainer's log as our curves read it: the score is what the validation loss lacks to zero."""
    score = {"score": -entry["eval_loss"]} if "eval_loss" in entry else {}
    return {"seconds": 0.0, **entry, **score}
