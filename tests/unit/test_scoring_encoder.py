"""Our forward gives what transformers gives."""

import pytest
import torch

from benchmarks.tiny_packs import write_tiny_base
from scoring.encoder import Encoder
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


def test_more_layers_than_there_are_is_refused(base):
    with pytest.raises(PackError, match="3 layers"):
        Encoder.load(base, 3)
