"""The shipped occupations, and the embeddings that jobs are ranked by."""

from pathlib import Path

import numpy as np
import pytest

from scoring.embedding import Embedder, similarities
from scoring.occupations import Occupations
from scoring.packs import PackError, find_base, load_pack

PACKS = Path(__file__).parents[2] / "packs"


@pytest.fixture(scope="module")
def occupations() -> Occupations:
    return Occupations.load(load_pack(PACKS / "occupations" / "1"))


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder.load(find_base(load_pack(PACKS / "occupations" / "1")))


def test_every_occupation_is_there_with_its_attribution(occupations: Occupations) -> None:
    assert len(occupations.rows) == 1016
    assert occupations.vectors.shape == (1016, 384)
    assert "O*NET" in occupations.attribution
    assert "CC BY 4.0" in occupations.attribution


def test_vectors_kept_are_those_computed(occupations: Occupations, embedder: Embedder) -> None:
    some = occupations.rows[::300]
    again = embedder.embed([row.text for row in some])
    assert np.abs(again.astype(np.float32) - occupations.vectors[::300].astype(np.float32)).max() < 2e-3


@pytest.mark.parametrize(
    ("resume", "title"),
    [
        ("Registered nurse in an intensive care unit: patients, ventilators, medication", "Critical Care Nurses"),
        ("I cook in a restaurant kitchen and plan the menus", "Chefs and Head Cooks"),
        ("Installed and tuned PostgreSQL databases, backups and replication", "Database Administrators"),
    ],
)
def test_what_somebody_does_is_among_the_nearest_ten(
    occupations: Occupations, embedder: Embedder, resume: str, title: str
) -> None:
    cosines = similarities(embedder.embed([resume])[0], occupations.vectors)
    nearest = [occupations.rows[place].title for place in np.argsort(-cosines)[:10]]
    assert title in nearest


def test_a_vector_is_of_length_one_and_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    texts = ["Java developer", "cook " * 700, ""]
    together = embedder.embed(texts).astype(np.float32)
    assert np.linalg.norm(together, axis=1).round(2).tolist() == [1.0, 1.0, 0.0]
    alone = np.concatenate([embedder.embed([text]) for text in texts]).astype(np.float32)
    assert np.abs(together - alone).max() < 2e-3


def test_the_end_of_a_long_job_may_be_left_out(embedder: Embedder) -> None:
    long = "cook " * 600
    cut = embedder.embed([f"{long} database administrator"], most_windows=1)
    assert (cut == embedder.embed([f"{long} ballet dancer"], most_windows=1)).all()


def test_another_kind_of_pack_is_refused() -> None:
    with pytest.raises(PackError, match="no occupations"):
        Occupations.load(load_pack(PACKS / "tfidf" / "1"))
