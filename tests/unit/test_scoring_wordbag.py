"""The bag of words: what it sums, and that a pack's is checked before it is used."""

import numpy as np
import pytest

from scoring.categories import swayed
from scoring.packs import PackError, write_manifest
from scoring.wordbag import BAG, WordBag, features

PIECES, PAIRS = 5, 8


def _bag(weights: np.ndarray) -> WordBag:
    return WordBag(PIECES, np.ones(len(weights), np.float32), weights, np.array([0.5, -0.5], np.float32))


def test_features_are_pieces_and_neighbours_with_their_counts():
    columns, counts = features(np.array([1, 2, 1, 2], dtype=np.uint16), PIECES, PAIRS)
    assert dict(zip(columns[:2].tolist(), counts[:2].tolist(), strict=True)) == {1: 2, 2: 2}
    assert counts[2:].sum() == 3
    assert ((columns[2:] >= PIECES) & (columns[2:] < PIECES + PAIRS)).all()


def test_a_word_counts_for_the_labels_it_weighs_for_and_an_empty_text_for_none():
    weights = np.zeros((PIECES + PAIRS, 2), np.float32)
    weights[3] = (2.0, -1.0)
    logits = _bag(weights).logits([np.array([3], np.int32), np.array([1], np.int32), np.array([], np.int32)])
    assert logits == pytest.approx(np.array([[2.5, -1.5], [0.5, -0.5], [0.5, -0.5]]))


def test_a_bag_is_stored_and_read_back(tmp_path):
    weights = np.random.default_rng(1).normal(size=(PIECES + PAIRS, 2)).astype(np.float32)
    bag = _bag(weights).scaled(np.array([1.0, 0.5], np.float32), np.zeros(2, np.float32))
    bag.save(tmp_path)
    pack = write_manifest(tmp_path, {"name": "categories", "version": "1", "kind": "categories"}, (BAG,))
    text = [np.array([1, 3, 4, 3], np.int32)]
    assert WordBag.load(pack, PIECES).logits(text) == pytest.approx(bag.logits(text), abs=1e-2)
    with pytest.raises(PackError, match="does not fit its tokenizer"):
        WordBag.load(pack, PIECES + PAIRS)


def test_the_bag_sways_a_head_in_doubt_and_hardly_one_that_is_sure():
    moved = swayed(np.array([[0.0, 9.0, -9.0]]), np.array([[-2.0, -2.0, 2.0]], np.float32))
    assert moved == pytest.approx(np.array([[-2.0, 9.0, -9.0]]), abs=1e-2)
