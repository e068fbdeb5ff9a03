"""What both encoder trainings share: a schedule by steps, a checkpoint every few minutes, a log of what happened."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm

CHECKPOINT_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """One run: `batches(epoch)` must give the same batches at every call, so that a resumed run repeats none.

    The rate rises and falls once a cycle; every peak is half the one before.
    """

    epochs: int
    learning_rate: float
    weight_decay: float
    warmup: float
    seed: int
    cycles: int = 1


@dataclass(slots=True)
class Run:
    """A folder under runs/ with checkpoint.pt (newest), best.pt (best on validation) and log.jsonl."""

    directory: Path
    parameters: dict[str, nn.Parameter]
    schedule: Schedule
    total: int
    optimizer: torch.optim.AdamW = field(init=False)
    step: int = 0
    best: float = -np.inf
    saved: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.optimizer = torch.optim.AdamW(
            self.parameters.values(), self.schedule.learning_rate, weight_decay=self.schedule.weight_decay
        )
        if (self.directory / "checkpoint.pt").exists():
            self._restore()

    def train(
        self,
        batches: Callable[[int], list],
        loss_of: Callable[[np.ndarray], Tensor],
        validate: Callable[[], tuple[float, dict]],
    ) -> None:
        """Train to the end of the schedule, from wherever the last checkpoint left off, then load the best weights."""
        steps = self.total // self.schedule.epochs
        with tqdm(total=self.total, initial=self.step, desc=str(self.directory)) as bar:
            while self.step < self.total:
                epoch = self.step // steps
                torch.manual_seed(self.schedule.seed + self.step)
                losses = [self._update(loss_of, batch, bar) for batch in batches(epoch)[self.step % steps :]]
                score, metrics = validate()
                self.log({"epoch": epoch, "loss": float(np.mean(losses)), "score": score, **metrics})
                if score > self.best:
                    self.best = score
                    self._save("best.pt")
                self._save("checkpoint.pt")
        self._load_weights(torch.load(self.directory / "best.pt", weights_only=True)["weights"])

    def log(self, entry: dict) -> None:
        """Append one line to log.jsonl."""
        with (self.directory / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": self.step, "seconds": round(self.seconds, 1), **entry}) + "\n")

    def _update(self, loss_of: Callable[[np.ndarray], Tensor], batch: np.ndarray, bar: tqdm) -> float:
        began = time.monotonic()
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.learning_rate * self._rate()
        loss = loss_of(batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(list(self.parameters.values()), 1.0)
        self.optimizer.step()
        self.step += 1
        self.seconds += time.monotonic() - began
        bar.update()
        bar.set_postfix(loss=f"{loss.item():.4f}")
        if time.monotonic() - self.saved > CHECKPOINT_SECONDS:
            self.log({"loss": loss.item()})
            self._save("checkpoint.pt")
        return loss.item()

    def _rate(self) -> float:
        """Linear warm-up, then linear decay to zero, in every cycle."""
        steps, warm = self.total / self.schedule.cycles, self.schedule.warmup
        cycle, step = divmod(self.step, steps)
        return min((step + 1) / (warm * steps), (1 - step / steps) / (1 - warm)) / 2**cycle

    def _save(self, filename: str) -> None:
        weights = {name: parameter.detach() for name, parameter in self.parameters.items()}
        counts = {"step": self.step, "best": float(self.best), "seconds": self.seconds}
        state = {"weights": weights, "optimizer": self.optimizer.state_dict(), **counts}
        temporary = self.directory / f"{filename}.partial"
        torch.save(state, temporary)
        temporary.replace(self.directory / filename)
        self.saved = time.monotonic()

    def _restore(self) -> None:
        state = torch.load(self.directory / "checkpoint.pt", weights_only=True)
        self._load_weights(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.best, self.seconds = state["step"], state["best"], state["seconds"]

    @torch.no_grad()
    def _load_weights(self, weights: dict[str, Tensor]) -> None:
        for name, parameter in self.parameters.items():
            parameter.copy_(weights[name])


def trainable(modules: Iterable[tuple[str, nn.Module]]) -> dict[str, nn.Parameter]:
    """The parameters that learn, by name."""
    return {
        f"{prefix}.{name}": parameter
        for prefix, module in modules
        for name, parameter in module.named_parameters()
        if parameter.requires_grad
    }


def save_head(head: nn.Module, path: Path) -> None:
    """Store a head as a pack does, in fp16."""
    save_file({name: tensor.half().contiguous() for name, tensor in head.state_dict().items()}, path)
