"""Which program reads the texts: a digest that changes whenever the same text may be read or scored otherwise."""

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("ahocorasick-rs", "scikit-learn", "scipy", "tokenizers", "torch")
"""Those that take part in a score."""
_ROOT = Path(__file__).parent


@lru_cache(maxsize=1)
def program() -> str:
    """16 hexadecimal digits of the sha256 of this package's files and of the versions of LIBRARIES.

    Models are not in it: packs have versions of their own. A change that changes no score changes it too, which costs
    time once and nothing else.
    """
    digest = hashlib.sha256()
    for name in LIBRARIES:
        digest.update(f"{name}={version(name)}\n".encode())
    for file in sorted(path for path in _ROOT.rglob("*") if path.suffix in (".py", ".txt", ".safetensors")):
        digest.update(f"{file.relative_to(_ROOT)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]
