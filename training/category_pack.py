"""Writes the categories pack: calibrated on the validation side, measured as it will be used on the held-out side."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scoring.batches import compute
from scoring.cards import Card, DataSet
from scoring.categories import CategoryHead, CategoryModel, HeadShape
from scoring.heads import HEAD
from scoring.inputs import unwatched
from scoring.packs import BASE_WEIGHTS, Pack, base_directory, find_base, sha256_of, write_manifest
from scoring.tokens import Tokenizer
from scoring.wordbag import BAG, WordBag
from training.category_data import Reading, Resumes
from training.category_figures import Calibration, Held, figures
from training.data import LABELS
from training.loop import save_head
from training.machine import describe
from training.notice import NOTICE
from training.splits import SEED

SPLITS = {
    "grouped": "near-duplicate groups (words 20..120), by hash: 85% train, 5% validation, 10% held out",
    "random": "rows at random, as the reference: 85.5% train, 4.5% validation, 10% held out",
}
DATA = "florex/resume_corpus"


@dataclass(frozen=True, slots=True)
class Learned:
    """What a training hands over: the head, the bag, their (rows, labels) logits of the validation side, the recipe."""

    head: CategoryHead
    bag: WordBag
    shape: HeadShape
    logits: np.ndarray
    recipe: Mapping[str, Any]
    max_length: int
    stride: int
    seconds: float


def build_pack(learned: Learned, resumes: Resumes, reading: Reading, directory: Path) -> Pack:
    """Write the pack, then its manifest again with the figures that the pack itself reaches."""
    fitted = Calibration.fit(learned.logits, resumes.labels[resumes.rows("valid")])
    directory.mkdir(parents=True, exist_ok=True)
    save_head(learned.head, directory / HEAD)
    learned.bag.save(directory)
    manifest = _manifest(learned, reading, fitted, directory.name)
    held, _ = pack_on(write_manifest(directory, manifest, (HEAD, BAG)), resumes)
    manifest["card"] = _card(learned, resumes, reading, figures(held)).model_dump(mode="json")
    return write_manifest(directory, manifest, (HEAD, BAG))


@torch.inference_mode()
def pack_on(pack: Pack, resumes: Resumes) -> tuple[Held, float]:
    """A pack on the held-out side, by the code of the service; and the resumes a second, tokenising apart."""
    model, tokenizer = CategoryModel.load(pack), Tokenizer.load(find_base(pack))
    rows, began, parts = resumes.rows("test"), time.monotonic(), []
    for start in range(0, len(rows), 256):
        some = rows[start : start + 256]
        texts = [resumes.ids[row].astype(np.int32) for row in some]
        windows = [window for place, ids in enumerate(texts) for window in model.windows(place, ids)]
        partials = compute(windows, model.forward, tokenizer, "cpu", unwatched)
        parts.append(model.probabilities(windows, partials, model.bag.logits(texts)))
    seconds = time.monotonic() - began
    scores, thresholds = np.concatenate(parts), np.array(model.thresholds)
    return Held(scores, thresholds, resumes.labels[rows], resumes.long[rows]), round(len(rows) / seconds, 1)


def _manifest(learned: Learned, reading: Reading, fitted: Calibration, version: str) -> dict[str, Any]:
    shape = learned.shape
    return {
        "name": "categories", "version": version, "kind": "categories",
        "base": {"name": "all-MiniLM-L6-v2", "sha256": sha256_of(base_directory() / BASE_WEIGHTS)},
        "head": {"narrow": shape.narrow, "channels": shape.channels, "width": shape.width},
        "max_length": learned.max_length, "stride": learned.stride, "labels": list(LABELS),
        "thresholds": dict(zip(LABELS, fitted.thresholds.tolist(), strict=True)),
        "temperatures": dict(zip(LABELS, fitted.temperatures.round(4).tolist(), strict=True)),
        "recipe": {**learned.recipe, "reading": asdict(reading)}, "notice": NOTICE,
    }  # fmt: skip


def _card(learned: Learned, resumes: Resumes, reading: Reading, measured: Mapping[str, Any]) -> Card:
    return Card(
        summary="Which of ten occupations in information technology a resume belongs to; several may hold, or none.",
        intended_use="Sorting and filtering a pool of resumes of information technology, in English, by trade.",
        limits=(
            "The labels were made from the job titles of the corpus, so it finds who bears a title, not who could do"
            " the work; resumes whose titles do not name their trade are found less often (docs/MODELS.md).",
            "Other trades get no label, or a wrong one; it was not measured on them.",
            "English only. Resumes of one public corpus, redacted; how it does on other layouts was not measured.",
        ),
        data=(DataSet(name=DATA, sha256=resumes.fingerprint, rows=len(resumes.ids), licence="none stated"),),
        split=SPLITS[reading.split] + ". Held out: resumes, and all near-duplicates of one, that training never saw.",
        counts={side: len(resumes.rows(side)) for side in ("train", "valid", "test")},
        metrics={"heldout": {name: value for name, value in measured.items() if name != "per_label"},
                 **{f"heldout, {label}": values for label, values in measured["per_label"].items()}},
        training="The head alone learned, on redacted resumes; from some of them the job titles were taken. The bag of"
        " words learned from all of them without their titles, and was weighed against the head by the validation side."
        " Temperatures and thresholds by the validation side."
        f" Settings: {', '.join(f'{name} {value}' for name, value in learned.recipe.items())}.",
        command="python -m training.categories --data FOLDER/resume_corpus.parquet",
        machine=describe(), seconds=round(learned.seconds, 1), seeds=(SEED,), licence="Apache-2.0", notice=NOTICE,
    )  # fmt: skip
