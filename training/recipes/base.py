"""The model that a recipe begins with: bert-base-uncased from its hub, our base encoder, or any folder of weights."""

from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

from scoring.packs import BASE_WEIGHTS, base_directory, sha256_of

BERT = "bert-base-uncased"
OURS = "minilm"
REPOSITORY = "google-bert/bert-base-uncased"
REVISION = "86b5e0934494bd15c9632b12f734a8a67f723594"
SHA256 = "68d45e234eb4a928074dfd868cead0219ab85354cc53d20e772753c6bb9169d3"
FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", BASE_WEIGHTS)


class BaseError(Exception):
    """The base model cannot be had, or is not the one that the recipe names."""


def base_named(name: str) -> Path:
    """The folder of a base model: `bert-base-uncased`, `minilm` or a path. Raises BaseError."""
    if name == OURS:
        return base_directory()
    if name == BERT:
        return _bert()
    if not (Path(name) / BASE_WEIGHTS).is_file():
        raise BaseError(f"{name} holds no {BASE_WEIGHTS}")
    return Path(name)


def _bert() -> Path:
    """One revision, its weights checked; only safetensors are ever fetched."""
    try:
        directory = Path(snapshot_download(REPOSITORY, revision=REVISION, allow_patterns=list(FILES)))
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, OSError) as error:
        raise BaseError(f"{BERT} cannot be fetched here ({type(error).__name__}): use --base {OURS}") from error
    if sha256_of(directory / BASE_WEIGHTS) != SHA256:
        raise BaseError(f"{directory / BASE_WEIGHTS} is not the {BERT} of revision {REVISION}")
    return directory
