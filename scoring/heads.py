"""Heads on the base encoder, as packs store them."""

from safetensors.torch import load_file
from torch import nn

from scoring.packs import Pack, PackError

HEAD = "head.safetensors"


def load_weights(module: nn.Module, pack: Pack, filename: str) -> None:
    """Fill a head from a pack's file (stored in fp16, used in fp32), in evaluation mode. Raises PackError."""
    try:
        module.load_state_dict({name: tensor.float() for name, tensor in load_file(pack.path(filename)).items()})
    except RuntimeError as error:
        raise PackError(f"{filename} of pack {pack.name} {pack.version} does not fit its head: {error}") from error
    module.eval()
