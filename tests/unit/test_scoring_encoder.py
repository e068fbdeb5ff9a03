"""Our forward gives what transformers gives, in every format that this machine computes, and no row knows another."""

import numpy as np
import pytest
import torch
from test_scoring_packed import row_by_row

from benchmarks.tiny_packs import write_tiny_base
from scoring import packed
from scoring.attention import exact
from scoring.batches import Batch
from scoring.checkpoint import Parameters
from scoring.encoder import Arithmetic, Encoder
from scoring.formats import Format, computable
from scoring.packs import PackError


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_base(tmp_path_factory.mktemp("encoder") / "base")


@pytest.fixture
def inputs():
    torch.manual_seed(2)
    ids, types = torch.randint(5, 60, (3, 40)), torch.zeros(3, 40, dtype=torch.long)
    types[:, 15:] = 1
    mask = torch.ones(3, 40, dtype=torch.bool)
    mask[1, 22:] = False
    return _batch(ids, types, mask)


def _batch(ids, types, mask):
    return Batch(np.arange(len(ids)), mask.sum(1).numpy(), ids, types, mask)


@torch.inference_mode()
def test_states_are_those_of_transformers(base, inputs):
    bert = pytest.importorskip("transformers").BertModel.from_pretrained(base, local_files_only=True).eval()
    ids, types, mask = inputs.input_ids, inputs.token_type_ids, inputs.attention_mask
    expected = bert(input_ids=ids, token_type_ids=types, attention_mask=mask.long()).last_hidden_state
    torch.testing.assert_close(Encoder.load(base, 2)(inputs)[mask], expected[mask], atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_packed_states_are_those_of_padded_rows(base, inputs, monkeypatch):
    encoder, mask = Encoder.load(base, 2), inputs.attention_mask
    padded = encoder(inputs), encoder(inputs, wanted=1)
    monkeypatch.setattr(packed, "kernel", lambda: row_by_row)
    encoder.packs = True
    torch.testing.assert_close(encoder(inputs)[mask], padded[0][mask], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(encoder(inputs, wanted=1), padded[1], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("format", sorted(computable("cpu") - {Format.FP32}))
@torch.inference_mode()
def test_other_formats_stay_near_and_know_no_batch_mates(base, inputs, format):
    ids, types, mask = inputs.input_ids, inputs.token_type_ids, inputs.attention_mask
    spread = torch.full((2, 2, 16), 2.0)
    encoder = Encoder.load(base, 2, Arithmetic(format, spread=spread if format is Format.INT8 else None))
    states = encoder(inputs)
    torch.testing.assert_close(states[mask], Encoder.load(base, 2)(inputs)[mask], atol=0.06, rtol=0.06)
    alone = encoder(_batch(ids[1:2, :22], types[1:2, :22], mask[1:2, :22]))
    step = 0 if exact() else 2**-6  # torch's own attention sums otherwise: two steps of bf16, of states about 2
    torch.testing.assert_close(alone[0], states[1, :22], atol=step, rtol=0)


def test_a_format_that_the_device_lacks_is_refused(base):
    with pytest.raises(PackError, match="does not compute"):
        Encoder.load(base, 2, Arithmetic(Format.FP16))


def test_more_layers_than_there_are_is_refused(base):
    with pytest.raises(PackError, match="3 layers"):
        Parameters.read(base, 3)
