"""What resumes are compared with in interactive calls, loaded when first asked for and kept: one copy a version."""

from functools import lru_cache
from typing import TYPE_CHECKING

from scoring.packs import find_base, find_pack
from workers.settings import worker_settings

if TYPE_CHECKING:
    from scoring.embedding import Embedder
    from scoring.occupations import Occupations
    from scoring.tfidf import Tfidf


@lru_cache(maxsize=2)
def tfidf(version: str) -> "Tfidf":
    """The table of word weights. Raises PackError."""
    from scoring.tfidf import Tfidf

    return Tfidf.load(find_pack(worker_settings().packs, "tfidf", version))


@lru_cache(maxsize=2)
def occupations(version: str) -> "Occupations":
    """The occupations of O*NET. Raises PackError."""
    from scoring.occupations import Occupations

    return Occupations.load(find_pack(worker_settings().packs, "occupations", version))


@lru_cache(maxsize=2)
def embedder(version: str, device: str) -> "Embedder":
    """The encoder that the occupations of this version were embedded by. Raises PackError."""
    from scoring.embedding import Embedder

    return Embedder.load(find_base(find_pack(worker_settings().packs, "occupations", version)), device)


def made_by(version: str, skills: str) -> str:
    """What made a job's vector and skills: kept beside them, so that they are made anew when it changes."""
    base = find_pack(worker_settings().packs, "occupations", version).manifest["base"]
    return f"{base['sha256'][:12]} skills/{skills}"
