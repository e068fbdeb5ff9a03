"""The published checkpoint of a BERT: its shape and its parameters, in fp32 and under their own names.

Only the layers that a pack uses are read: a pack may stand on the lowest layers alone.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor, nn

from scoring.packs import BASE_WEIGHTS, PackError


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """The shape of a BERT encoder, as its config.json tells it."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float

    @classmethod
    def read(cls, directory: Path) -> "EncoderShape":
        """Read config.json; raises PackError when it is absent or not a BERT's."""
        try:
            config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
            return cls(**{name: config[name] for name in cls.__dataclass_fields__})
        except (OSError, ValueError, KeyError) as error:
            raise PackError(f"{directory} holds no BERT configuration: {error!r}") from error


class Embeddings(nn.Module):
    """Word, position and segment embeddings, summed and normalised: (batch, tokens) ids to (batch, tokens, hidden)."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.position_embeddings = nn.Embedding(shape.max_position_embeddings, shape.hidden_size)
        self.token_type_embeddings = nn.Embedding(shape.type_vocab_size, shape.hidden_size)
        self.LayerNorm = nn.LayerNorm(shape.hidden_size, eps=shape.layer_norm_eps)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor) -> Tensor:
        states = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        states = states + self.position_embeddings.weight[: input_ids.shape[1]]
        normalised: Tensor = self.LayerNorm(states)
        return normalised

    def words(self) -> Tensor:
        """The state of every word piece apart from its position, (vocabulary, hidden)."""
        states: Tensor = self.LayerNorm(self.word_embeddings.weight + self.token_type_embeddings.weight[0])
        return states


class Layer(nn.Module):
    """The parameters of one post-norm transformer layer, under the names of the published checkpoints."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        hidden, inner, eps = shape.hidden_size, shape.intermediate_size, shape.layer_norm_eps
        self.attention = nn.ModuleDict({
            "self": nn.ModuleDict({name: nn.Linear(hidden, hidden) for name in ("query", "key", "value")}),
            "output": nn.ModuleDict({"dense": nn.Linear(hidden, hidden), "LayerNorm": nn.LayerNorm(hidden, eps=eps)}),
        })  # fmt: skip
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(hidden, inner)})
        self.output = nn.ModuleDict({"dense": nn.Linear(inner, hidden), "LayerNorm": nn.LayerNorm(hidden, eps=eps)})


class Parameters(nn.Module):
    """The parameters of an encoder, fp32, under the names of the published checkpoints."""

    def __init__(self, shape: EncoderShape, layers: int) -> None:
        super().__init__()
        self.shape = shape
        self.embeddings = Embeddings(shape)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(layers))

    @classmethod
    def read(cls, directory: Path, layers: int) -> "Parameters":
        """Read the lowest `layers` layers of a base model. Raises PackError."""
        shape = EncoderShape.read(directory)
        if not 0 <= layers <= shape.num_hidden_layers:
            raise PackError(f"{layers} layers asked of an encoder of {shape.num_hidden_layers}")
        parameters = cls(shape, layers)
        try:
            parameters.load_state_dict(_read_state(directory / BASE_WEIGHTS, layers))
        except RuntimeError as error:
            raise PackError(f"the weights in {directory} do not fit its configuration: {error}") from error
        return parameters.requires_grad_(False)


def _read_state(path: Path, layers: int) -> dict[str, Tensor]:
    """The published checkpoint's tensors under this module's names; pooler and unused layers left out."""
    state = {}
    for name, tensor in load_file(path).items():
        name = name.removeprefix("bert.").removeprefix("encoder.").replace("layer.", "layers.", 1)
        kept_layer = name.startswith("layers.") and int(name.split(".")[1]) < layers
        if kept_layer or (name.startswith("embeddings.") and not name.endswith("position_ids")):
            state[name] = tensor.float()
    return state
