"""Small packs that resumes are compared with: three occupations embedded by the tiny base, and a table of few words."""

import json
from dataclasses import asdict
from pathlib import Path

from safetensors.numpy import save_file

from scoring.embedding import Embedder
from scoring.occupations import OCCUPATIONS, VECTORS, Occupation
from scoring.packs import BASE_WEIGHTS, sha256_of, write_manifest
from scoring.tfidf import TABLE

ROWS = (
    Occupation("15-1251.00", "Java developer", "java developer engineer database sql", ("Java", "SQL")),
    Occupation("35-1011.00", "Chef", "cooks", ()),
    Occupation("11-3021.00", "Project manager", "manager of the team and of the database", ("SQL",)),
)
TERMS = {"java": 2.0, "java developer": 4.0, "python": 2.5, "sql": 2.0, "team": 1.2, "years": 1.1}
ATTRIBUTION = "Three occupations that nobody has."


def write_tiny_catalogues(root: Path) -> None:
    """Write ROOT/packs/occupations/1 and ROOT/packs/tfidf/1 beside ROOT/base."""
    tfidf, occupations = root / "packs" / "tfidf" / "1", root / "packs" / "occupations" / "1"
    tfidf.mkdir(parents=True)
    (tfidf / TABLE).write_text(json.dumps(TERMS), encoding="utf-8")
    write_manifest(tfidf, {"name": "tfidf", "version": "1", "kind": "tfidf"}, (TABLE,))
    occupations.mkdir(parents=True)
    lines = (json.dumps(asdict(row)) + "\n" for row in ROWS)
    (occupations / OCCUPATIONS).write_text("".join(lines), encoding="utf-8")
    save_file({"vectors": Embedder.load(root / "base").embed([row.text for row in ROWS])}, occupations / VECTORS)
    base = {"name": "tiny", "sha256": sha256_of(root / "base" / BASE_WEIGHTS)}
    described = {"name": "occupations", "version": "1", "kind": "occupations"}
    write_manifest(occupations, {**described, "base": base, "attribution": ATTRIBUTION}, (OCCUPATIONS, VECTORS))
