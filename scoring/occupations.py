"""The occupations of O*NET as a catalogue to recommend from: titles, skills, and embeddings computed beforehand."""

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors.numpy import load_file

from scoring.embedding import Vectors
from scoring.packs import Pack, PackError

OCCUPATIONS, VECTORS = "occupations.jsonl", "vectors.safetensors"


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation: its O*NET-SOC code, its title, and skills by their names in the vocabulary."""

    code: str
    title: str
    description: str
    skills: tuple[str, ...]

    @property
    def text(self) -> str:
        """What its embedding is made of."""
        return f"{self.title}\n{self.description}"

    @property
    def url(self) -> str:
        """Its page at O*NET OnLine."""
        return f"https://www.onetonline.org/link/summary/{self.code}"


@dataclass(frozen=True, slots=True)
class Occupations:
    """All occupations, and their embeddings in the same order, float16[occupations, hidden]."""

    rows: tuple[Occupation, ...]
    vectors: Vectors
    attribution: str

    @classmethod
    def load(cls, pack: Pack) -> "Occupations":
        """The catalogue of a pack of kind `occupations`. Raises PackError when it is another or cannot be read."""
        if pack.manifest["kind"] != "occupations":
            raise PackError(f"pack {pack.name} {pack.version} holds no occupations but {pack.manifest['kind']}")
        try:
            rows = tuple(_read(pack.path(OCCUPATIONS)))
            vectors = load_file(pack.path(VECTORS))["vectors"]
        except (ValueError, KeyError, TypeError) as error:
            raise PackError(f"pack {pack.name} {pack.version} cannot be read: {error!r}") from error
        if len(rows) != len(vectors):
            raise PackError(f"pack {pack.name} {pack.version} has {len(rows)} occupations, {len(vectors)} vectors")
        return cls(rows, vectors, pack.manifest["attribution"])


def _read(path: Path) -> list[Occupation]:
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Occupation(**{**line, "skills": tuple(line["skills"])}) for line in lines]
