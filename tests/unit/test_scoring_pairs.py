"""Pairs are assembled from ids as transformers' tokenizers assemble them, and scored as transformers scores them."""

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer as WordPieceTokenizer
from tokenizers import models, pre_tokenizers, processors

from benchmarks.tiny_packs import write_tiny_base, write_tiny_pairs
from scoring.changes import CHANGES
from scoring.encoder import Arithmetic
from scoring.formats import Format, computable
from scoring.packs import PackError, base_directory, find_pack, load_pack, write_manifest
from scoring.pairs import PairModel
from scoring.tokens import Tokenizer
from scoring.windows import pair_window, pair_windows

transformers = pytest.importorskip("transformers")
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def texts():
    """Texts of all lengths up to some 800 tokens, cut from the sample resumes and jobs: umlauts, bullets, links."""
    files = [path for path in sorted(SAMPLES.rglob("*.*")) if path.suffix in (".txt", ".ndjson", ".csv")]
    read = [path.read_text(encoding="utf-8") for path in files]
    drawn = random.Random(4)
    words = " ".join(read).split()
    starts = [drawn.randrange(len(words)) for _ in range(55)]
    return ["", "C++", *(" ".join(words[start : start + drawn.choice((3, 40, 150, 400))]) for start in starts)]


@pytest.fixture(scope="module")
def theirs():
    return transformers.AutoTokenizer.from_pretrained(base_directory(), local_files_only=True)


@pytest.fixture(scope="module")
def ours():
    return Tokenizer.load(base_directory())


def _rows(window, tokenizer):
    ids, types = np.zeros(window.length, np.int64), np.zeros(window.length, np.int64)
    window.lay(ids, types, tokenizer)
    return ids.tolist(), types.tolist()


@pytest.mark.parametrize("max_length", [64, 256])
def test_the_longer_text_is_cut_as_the_tokenizer_cuts_it(texts, theirs, ours, max_length):
    """Every text beside every other: 3,249 pairs."""
    ids = ours.encode(texts)
    pairs = list(itertools.product(range(len(texts)), repeat=2))
    expected = theirs(
        [texts[a] for a, _ in pairs], [texts[b] for _, b in pairs], truncation=True, max_length=max_length
    )
    found = [_rows(pair_window(0, ids[a], ids[b], max_length), ours) for a, b in pairs]
    assert [row[0] for row in found] == expected["input_ids"]
    assert [row[1] for row in found] == expected["token_type_ids"]


def test_the_second_text_is_cut_with_a_stride_as_the_tokenizer_cuts_it(texts, theirs, ours):
    """1,000 pairs and more, of some thousand windows."""
    ids = ours.encode(texts)
    pairs = [(a, b) for a, b in itertools.product(range(len(texts)), repeat=2) if len(ids[a]) < 150]
    assert len(pairs) > 1000
    expected = theirs(
        [texts[a] for a, _ in pairs], [texts[b] for _, b in pairs], truncation="only_second", max_length=200, stride=24,
        return_overflowing_tokens=True,
    )  # fmt: skip
    windows = [window for n, (a, b) in enumerate(pairs) for window in pair_windows(n, ids[a], ids[b], 200, 24)]
    found = [_rows(window, ours) for window in windows]
    assert [row[0] for row in found] == expected["input_ids"]
    assert [row[1] for row in found] == expected["token_type_ids"]
    assert [window.owner for window in windows] == expected["overflow_to_sample_mapping"]


@given(first=st.integers(0, 90), second=st.integers(0, 90), max_length=st.integers(3, 80))
def test_the_longer_text_is_cut_at_every_length(first, second, max_length):
    """By the Rust tokenizer itself, of words of one token each."""
    tokenizer = WordPieceTokenizer(models.WordLevel({"[CLS]": 0, "[SEP]": 1, "a": 2}, unk_token="a"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 1), ("[CLS]", 0))
    tokenizer.enable_truncation(max_length, strategy="longest_first")
    types = tokenizer.encode(" ".join("a" * first), " ".join("a" * second)).type_ids
    window = pair_window(0, np.full(first, 2, np.int32), np.full(second, 2, np.int32), max_length)
    assert (len(window.first) + 2, len(window.second) + 1) == (types.count(0), types.count(1))


def test_a_first_text_without_room_beside_it_is_an_error():
    with pytest.raises(ValueError, match="cannot share"):
        pair_windows(0, np.zeros(61, np.int32), np.zeros(9, np.int32), max_length=64, stride=0)


def _checkpoint(folder, labels):
    """A tiny BertForSequenceClassification as transformers saves it, with the tokenizer beside it."""
    base = write_tiny_base(folder / "base")
    torch.manual_seed(3)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(base, num_labels=labels).eval()
    model.save_pretrained(folder / "pair")
    (folder / "pair" / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    return folder / "pair", model


@pytest.mark.parametrize("labels", [1, 2])
@torch.inference_mode()
def test_probabilities_are_those_of_transformers(tmp_path, labels):
    folder, model = _checkpoint(tmp_path, labels)
    resumes, jobs = ["java developer in a team", "python " * 90, ""], ["the manager", "sql engineer of years " * 12]
    pairs = [(0, 0), (2, 1), (1, 1), (1, 0)]
    pair_model = PairModel.load(folder, max_length=64)
    expected = []
    for window in pair_model.windows(resumes, jobs, pairs):
        ids, types = (torch.tensor([row]) for row in _rows(window, pair_model.tokenizer))
        logits = model(input_ids=ids, token_type_ids=types).logits[0].double()
        expected.append(logits.sigmoid()[0] if labels == 1 else logits.softmax(0)[1])
    np.testing.assert_allclose(pair_model.probabilities(resumes, jobs, pairs), expected, atol=1e-5)
    assert pair_model.probabilities(resumes, jobs, []).shape == (0,)


@pytest.mark.skipif(Format.INT8 not in computable("cpu"), reason="this processor multiplies no 8-bit integers")
def test_int8_pairs_do_not_depend_on_their_batch_mates(tmp_path):
    folder, _ = _checkpoint(tmp_path, 2)
    model = PairModel.load(folder, Arithmetic(Format.INT8), max_length=64)
    resumes, jobs = ["java developer in a team", "python " * 90, "sql"], ["the manager", "sql engineer of years " * 12]
    pairs = list(itertools.product(range(3), range(2)))
    alone = [model.probabilities(resumes, jobs, [pair])[0] for pair in pairs]
    np.testing.assert_allclose(model.probabilities(resumes, jobs, pairs), alone, atol=1e-3)


def test_what_is_no_classifier_of_pairs_is_refused(tmp_path):
    with pytest.raises(PackError, match="no classifier"):
        PairModel.load(write_tiny_base(tmp_path / "base"))
    with pytest.raises(PackError, match="3 labels"):
        PairModel.load(_checkpoint(tmp_path / "three", 3)[0])


@pytest.fixture
def pack(tmp_path, monkeypatch):
    """A tiny pack of pairs, which changes one map by a product, and the types of tokens wholly."""
    base = write_tiny_base(tmp_path / "base")
    monkeypatch.setenv("WINNOW_BASE_MODEL", str(base))
    directory = write_tiny_pairs(tmp_path)
    manifest = {**load_pack(directory).manifest, "calibration": {"weight": 0.5, "bias": -0.25}}
    return write_manifest(directory, manifest, (CHANGES,))


def _classifier_of(pack, base):
    """transformers' own classifier with the weights that the pack describes."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(base, num_labels=1).eval()
    changes = {name: tensor.float() for name, tensor in load_file(pack.path(CHANGES)).items()}
    changed, inner = model.state_dict(), "intermediate.dense.weight"
    left, right = (changes.pop(f"layers.1.{inner}.{side}") for side in ("left", "right"))
    changed[f"bert.encoder.layer.1.{inner}"] += left @ right
    changed["bert.embeddings.token_type_embeddings.weight"] = changes.pop("embeddings.token_type_embeddings.weight")
    changed |= {name.replace("pooler", "bert.pooler.dense"): tensor for name, tensor in changes.items()}
    model.load_state_dict(changed)
    return model


@torch.inference_mode()
def test_a_pack_scores_as_transformers_with_its_weights(pack, tmp_path):
    model, theirs = PairModel.from_pack(pack), _classifier_of(pack, tmp_path / "base")
    resumes, jobs = ["java developer in a team", "python " * 90, ""], ["the manager", "sql engineer of years " * 12]
    pairs = list(itertools.product(range(3), range(2)))
    rows = [_rows(window, model.tokenizer) for window in model.windows(resumes, jobs, pairs)]
    assert max(len(ids) for ids, _ in rows) == 64
    logits = [
        theirs(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])).logits.item() for ids, types in rows
    ]
    expected = 1 / (1 + np.exp(-(0.5 * np.array(logits) - 0.25)))
    found = model.probabilities(resumes, jobs, pairs)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    alone = [model.probabilities(resumes, jobs, [pair])[0] for pair in pairs]
    np.testing.assert_allclose(found, alone, atol=1e-4)


def _without(tensors):
    del tensors["layers.1.intermediate.dense.weight.right"]


def _unknown(tensors):
    tensors["layers.7.output.dense.bias"] = torch.zeros(16)


def _narrow(tensors):
    tensors["embeddings.token_type_embeddings.weight"] = torch.zeros(2, 15)


def _headless(tensors):
    del tensors["classifier.weight"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [(_without, "does not fit"), (_unknown, "layers.7"), (_narrow, "is \\(2, 15\\)"), (_headless, "classifier.weight")],
)
def test_a_pack_that_does_not_fit_its_base_is_refused(pack, damage, told):
    tensors = load_file(pack.path(CHANGES))
    damage(tensors)
    save_file(tensors, pack.path(CHANGES))
    damaged = write_manifest(pack.directory, pack.manifest, (CHANGES,))
    with pytest.raises(PackError, match=told):
        PairModel.from_pack(damaged)


def test_a_pack_whose_file_was_altered_is_refused(pack, tmp_path):
    content = bytearray(pack.path(CHANGES).read_bytes())
    content[-1] ^= 1
    pack.path(CHANGES).write_bytes(content)
    with pytest.raises(PackError, match="damaged"):
        find_pack(tmp_path / "packs", "pairs", "1")
