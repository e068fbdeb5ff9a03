"""Writes the pairs pack: calibrated on the validation side, measured as it will be used on the held-out side."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save_file

from scoring.cards import Card, DataSet
from scoring.changes import CHANGES
from scoring.match import Calibration
from scoring.packs import BASE_WEIGHTS, Pack, base_directory, sha256_of, write_manifest
from scoring.pairs import MAX_LENGTH
from training.data import MATCHED_ABOVE, Matches
from training.machine import describe
from training.notice import NOTICE
from training.pair_figures import Rows, by_match, by_pairs, compared, difference
from training.pair_layers import PairLayers
from training.splits import SEED

THRESHOLD = 0.5
"""On calibrated probabilities: where a match is likelier than not."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a training hands over: the layers, the calibration of their logits, the pairs of each side, the recipe."""

    model: PairLayers
    calibration: Calibration
    rows: Mapping[str, np.ndarray]
    layers: int
    recipe: Mapping[str, Any]
    seconds: float


def build_pack(learned: Learned, matches: Matches, first: Pack, directory: Path) -> Pack:
    """Write the pack, then its manifest again with the figures that it reaches beside the match pack `first`."""
    directory.mkdir(parents=True, exist_ok=True)
    changes = {name: tensor.half().contiguous() for name, tensor in learned.model.changes()}
    save_file(changes, directory / CHANGES)
    manifest = _manifest(learned, directory.name)
    held_out = measured(write_manifest(directory, manifest, (CHANGES,)), first, matches, learned.rows["test"])
    manifest["card"] = _card(learned, matches, held_out).model_dump(mode="json")
    return write_manifest(directory, manifest, (CHANGES,))


def measured(pack: Pack, first: Pack, matches: Matches, places: np.ndarray) -> dict[str, dict[str, Any]]:
    """The rows of the table: both packs and both of them in two stages; how the pair model's order differs."""
    rows = Rows.of(matches, places)
    scored = by_match(first, matches, places), by_pairs(pack, matches, places)
    table = compared(rows, *scored)
    gain = difference(rows, scored[1].probabilities, scored[0].probabilities)
    return {f"{name}/{one.version}": table.pop(name) for name, one in (("match", first), ("pairs", pack))} | table | {
        "pairs less match": {**gain, "n": len(places)}
    }  # fmt: skip


def _manifest(learned: Learned, version: str) -> dict[str, Any]:
    return {
        "name": "pairs", "version": version, "kind": "pairs",
        "base": {"name": "all-MiniLM-L6-v2", "sha256": sha256_of(base_directory() / BASE_WEIGHTS)},
        "layers": learned.layers, "max_length": MAX_LENGTH, "labels": ["match"], "threshold": THRESHOLD,
        "calibration": asdict(learned.calibration),
        "recipe": {**learned.recipe, "matched_above": MATCHED_ABOVE}, "notice": NOTICE,
    }  # fmt: skip


def _card(learned: Learned, matches: Matches, held_out: Mapping[str, dict[str, Any]]) -> Card:
    return Card(
        summary="How well a resume fits a job, both read together: the probability that the pair's score in a public"
        " data set is above 0.6.",
        intended_use="A second reading of the applicants that the match pack ranked first for a job, to order them for"
        " a person who reads them. Not to reject anybody unread.",
        limits=(
            "The labels are largely a formula; nobody was hired or not by them.",
            "Learned from 23 postings, all of which stand among the held-out pairs too: postings that it has not seen"
            " were not measured, and every customer's are such.",
            f"Reads {MAX_LENGTH} tokens of a pair; of a longer one the end of the longer text is cut off.",
            _verdict(held_out),
            "English only.",
        ),
        data=(DataSet(name="resume_data.csv (Resume Dataset, S. R. Arghya)", sha256=matches.fingerprint,
                      rows=len(matches.score), licence="none stated"),),
        split="unseen resumes: a fifth of the groups of near-duplicates held out by hash, a tenth for validation",
        counts={f"{side} pairs": len(rows) for side, rows in learned.rows.items()},
        metrics={"held-out resumes": dict(held_out)},
        training="The lower layers of all-MiniLM-L6-v2 unchanged; of the upper ones a low-rank change of every map and"
        " the norms, with pooler and classifier, learned on the graded score by binary cross-entropy. The epoch that is"
        " kept and the calibration by the validation side."
        f" Settings: {', '.join(f'{name} {value}' for name, value in learned.recipe.items())}.",
        command="python -m training.pairs --data FOLDER/resume_data.csv",
        machine=describe(), seconds=round(learned.seconds, 1), seeds=(SEED,),
        licence="Apache-2.0, as this repository", notice=NOTICE,
    )  # fmt: skip


def _verdict(held_out: Mapping[str, dict[str, Any]]) -> str:
    """How the pair model orders the held-out resumes beside the match pack, in words."""
    ours, theirs = (next(held_out[name] for name in held_out if name.startswith(kind)) for kind in ("pairs/", "match/"))
    low, high = held_out["pairs less match"]["ndcg10_in_job"]
    told = "better than" if low > 0 else "worse than" if high < 0 else "neither better nor worse than"
    return (
        f"On the held-out resumes it orders the first ten of a job {told} the match pack, as far as they can tell:"
        f" NDCG@10 {ours['ndcg10_in_job']:.3f} for {theirs['ndcg10_in_job']:.3f} (difference {low:+.3f} to {high:+.3f},"
        f" 95% interval); AUC over all jobs {ours['auc']:.3f} for {theirs['auc']:.3f}."
    )
