"""The recipe of the pairs pack on a tiny base: what learned is what the service loads; held-out rows teach nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.tiny_packs import write_encoder_packs
from scoring.match import Calibration
from scoring.packs import load_pack
from scoring.pairs import PairModel
from scoring.readable import match_text
from scoring.text import job_text
from scoring.verify import faults
from training import match_texts, pair_figures, pair_states, pair_table, pairs
from training.data import read_matches
from training.pair_figures import two_stages
from training.pair_pack import Learned, build_pack
from training.pairs import Recipe, Trainer

RECIPE = Recipe(frozen=1, rank=2, epochs=2, batch=4, learning_rate=0.05)
COUNT = 24
JOBS = ("java python sql", "team manager database", "database years engineer", "java team", "sql engineer", "manager")
WORDS = ("java", "python", "sql", "team", "manager", "database", "years", "engineer")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Resumes and jobs; a score is the higher the more words a resume shares with the job."""
    root, random = tmp_path_factory.mktemp("pairs"), np.random.default_rng(4)
    rows = []
    for resume in range(COUNT):
        known = random.permutation(WORDS)[:4].tolist()
        own = {"career_objective": f"own{resume} of{resume}", "skills": str(known), "positions": f"p{resume} q{resume}"}
        for job in JOBS:
            score = round(0.5 + 0.2 * len({*job.split()} & {*known}), 1)
            rows.append({
                **own,
                "job_position_name": job, "educationaL_requirements": "", "experiencere_requirement": "",
                "skills_required": "", "responsibilities": "", "matched_score": score,
            })  # fmt: skip
    pd.DataFrame(rows).to_csv(root / "rows.csv", index=False)
    write_encoder_packs(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_BASE_MODEL", str(root / "base"))
        patch.chdir(root)
        patch.setattr(pairs, "MAX_LENGTH", 64)
        patch.setattr(pairs, "match_sides", _sides)
        patch.setattr(pair_table, "MAX_LENGTH", 64)
        patch.setattr(pair_table, "match_sides", _sides)
        patch.setattr(match_texts, "LAYERS", 2)
        patch.setattr(pair_figures, "DRAWS", 10)
        yield root


def _sides(matches, holdout):
    """Of so few resumes and jobs a fifth by their hashes may be none."""
    keys = {"resumes": matches.resume, "jobs": matches.job}[holdout]
    return np.array(["test", "valid", "train", "train"])[keys % 4]


def _trainer(data, run, scores=None, recipe=RECIPE):
    matches = read_matches(data / "rows.csv")
    states = pair_states.read_states(matches, recipe.frozen, 64)
    if scores is not None:
        matches = replace(matches, score=scores(matches.score))
    return Trainer(recipe, matches, states, _sides(matches, "resumes"), run)


def test_the_recipe_writes_a_whole_pack_and_a_finished_run_is_not_run_again(data):
    arguments = data / "rows.csv", data / "packs/match/1", data / "run", RECIPE, data / "packs/pairs/1"
    pack = pairs.train(*arguments)
    assert faults(data / "packs", "pairs", "1") == []
    assert (data / "run/curves.png").stat().st_size > 1000
    held_out = pack.manifest["card"]["metrics"]["held-out resumes"]
    assert set(held_out) >= {"match/1", "pairs/1", "pairs less match"}
    assert held_out["pairs/1"]["n"] == pack.manifest["card"]["counts"]["test pairs"]
    log = (data / "run/log.jsonl").read_text()
    assert pairs.train(*arguments).manifest["files"] == pack.manifest["files"]
    assert (data / "run/log.jsonl").read_text() == log


def test_the_pack_computes_what_was_trained(data):
    trainer = _trainer(data, data / "alike")
    trainer.halved, random = False, torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in trainer.run.parameters.values():
            parameter.add_(torch.randn(parameter.shape, generator=random) / 2)
    rows = {side: trainer.rows(side) for side in ("train", "valid", "test")}
    learned, matches = Learned(trainer.model, Calibration(1.5, -0.5), rows, 2, {}, 0.0), trainer.matches
    pack = build_pack(learned, matches, load_pack(data / "packs/match/1"), data / "packs/pairs/2")
    texts = [match_text(one) for one in matches.resumes], [job_text(one) for one in matches.jobs]
    places = list(zip(matches.resume.tolist(), matches.job.tolist(), strict=True))
    found = PairModel.from_pack(pack).probabilities(*texts, places)
    trained = learned.calibration.probabilities(trainer.logits(np.arange(len(places))))
    assert found.std() > 0.01
    np.testing.assert_allclose(found, trained, atol=5e-3)  # states and changes are kept in fp16


def test_held_out_scores_teach_nothing(data):
    def spoiled(scores):
        return np.where(_sides(read_matches(data / "rows.csv"), "resumes") == "test", 1 - scores, scores)

    plain, other = _trainer(data, data / "plain"), _trainer(data, data / "other", scores=spoiled)
    for trainer in (plain, other):
        trainer.train()
    rows = np.arange(len(plain.matches.score))
    assert np.array_equal(plain.logits(rows), other.logits(rows))


def test_jobs_are_held_out_from_both_recipes(data):
    matches = read_matches(data / "rows.csv")
    rows = pair_table.unseen_jobs(matches, data / "jobs", RECIPE)
    alone = [row for name, row in rows.items() if "recipe" in name]
    assert [row["n"] for row in alone] == [int(np.sum(matches.job % 4 == 0))] * 2
    assert all(0 <= row["auc"] <= 1 for row in alone)


def test_the_second_stage_orders_the_first_ones_best_and_they_stay_above():
    first = np.array([0.9, 0.8, 0.7, 0.1, 0.2, 0.6])
    second = np.array([0.1, 0.5, 0.9, 0.3, 0.9, 0.1])
    job = np.array([0, 0, 0, 0, 1, 1])
    order = two_stages(first, second, job, 0.5)
    assert np.argsort(-order[:4]).tolist() == [1, 0, 2, 3]
    assert order[5] > order[4]


def test_states_are_kept_without_padding(data):
    states = pair_states.read_states(read_matches(data / "rows.csv"), 1, 64)
    rows = np.array([5, 70])
    batch, mask = states.batch(rows)
    assert mask.sum(1).tolist() == states.lengths[rows].tolist()
    assert batch[~mask].eq(0).all()
    assert not batch[mask].eq(0).all(1).any()
