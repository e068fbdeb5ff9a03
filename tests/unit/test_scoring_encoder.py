"""Our forward gives what transformers gives, and merging adapters changes nothing but speed."""

import pytest
import torch

from benchmarks.tiny_packs import write_tiny_base
from scoring.encoder import Encoder, merge_adapters
from scoring.packs import PackError
from training.lora import adapt, adapters_of


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


@torch.inference_mode()
def test_merged_adapters_give_what_they_gave_in_training(base, inputs):
    trained = adapt(Encoder.load(base, 2), rank=2, dropout=0.1, upper=1).eval()
    for name, parameter in trained.named_parameters():
        if name.endswith(("up.weight", "down.weight")):
            parameter.copy_(torch.randn_like(parameter) * 0.2)
    adapters = adapters_of(trained)
    assert all(name.startswith("layers.1.") for name in adapters)
    mask = inputs[2]
    merged, plain = Encoder.load(base, 2, adapters)(*inputs)[mask], Encoder.load(base, 2)(*inputs)[mask]
    torch.testing.assert_close(merged, trained(*inputs)[mask], atol=5e-3, rtol=5e-3)  # stored in fp16
    assert (merged - plain).abs().max() > 0.05


def test_only_adapters_learn(base):
    encoder = adapt(Encoder.load(base, 2), rank=2, dropout=0.0, upper=2)
    learned = {name for name, parameter in encoder.named_parameters() if parameter.requires_grad}
    assert len(learned) == 24
    assert all(name.endswith(("up.weight", "down.weight")) for name in learned)


def test_an_adapter_without_its_weight_is_refused():
    with pytest.raises(PackError, match="fits no weight"):
        merge_adapters({}, {"layers.9.output.dense.down": torch.zeros(1, 2)})


def test_more_layers_than_there_are_is_refused(base):
    with pytest.raises(PackError, match="3 layers"):
        Encoder.load(base, 3)
