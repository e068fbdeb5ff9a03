"""Our forward gives what transformers gives, in every format that this machine computes, and no row knows another."""

import pytest
import torch

from benchmarks.tiny_packs import write_tiny_base
from scoring.attention import exact
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
    return ids, types, mask


@torch.inference_mode()
def test_states_are_those_of_transformers(base, inputs):
    bert = pytest.importorskip("transformers").BertModel.from_pretrained(base, local_files_only=True).eval()
    ids, types, mask = inputs
    expected = bert(input_ids=ids, token_type_ids=types, attention_mask=mask.long()).last_hidden_state
    torch.testing.assert_close(Encoder.load(base, 2)(*inputs)[mask], expected[mask], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("format", sorted(computable("cpu") - {Format.FP32}))
@torch.inference_mode()
def test_other_formats_stay_near_and_know_no_batch_mates(base, inputs, format):
    ids, types, mask = inputs
    spread = torch.full((2, 2, 16), 2.0)
    encoder = Encoder.load(base, 2, Arithmetic(format, spread=spread if format is Format.INT8 else None))
    states = encoder(*inputs)
    torch.testing.assert_close(states[mask], Encoder.load(base, 2)(*inputs)[mask], atol=0.06, rtol=0.06)
    alone = encoder(ids[1:2, :22], types[1:2, :22], mask[1:2, :22])
    step = 0 if exact() else 2**-6  # torch's own attention sums otherwise: two steps of bf16, of states about 2
    torch.testing.assert_close(alone[0], states[1, :22], atol=step, rtol=0)


def test_a_format_that_the_device_lacks_is_refused(base):
    with pytest.raises(PackError, match="does not compute"):
        Encoder.load(base, 2, Arithmetic(Format.FP16))


def test_more_layers_than_there_are_is_refused(base):
    with pytest.raises(PackError, match="3 layers"):
        Parameters.read(base, 3)
