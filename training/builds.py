"""The command that builds each pack: the same one goes on from the last checkpoint of a run that was stopped."""

import sys
from pathlib import Path

RECIPES = {
    "match": "training.match --data {data}/resume_data.csv --pack {pack} --run {run}",
    "pairs": "training.pairs --data {data}/resume_data.csv --pack {pack} --run {run}",
    "categories": "training.categories --data {data}/resume_corpus.parquet --pack {pack} --run {run}",
    "spam": "training.moderation spam --data-dir {data} --out {packs} --version {version} --run {run}",
    "toxicity": "training.moderation toxicity --data-dir {data} --out {packs} --version {version} --run {run}",
    "skills": "training.skills build --data-dir {data} --pack {pack}",
    "occupations": "training.occupations --data-dir {data} --out {pack}",
    "tfidf": "training.tfidf --data-dir {data} --out {pack}",
}
"""By a pack's name: the module that makes it, and its arguments."""


def command(name: str, version: str, data: Path, packs: Path, runs: Path) -> list[str]:
    """The command line that makes PACKS/NAME/VERSION from a folder of data sets. Raises KeyError for other names."""
    pack, run = packs / name / version, runs / f"{name}-{version}"
    places = {"data": data, "packs": packs, "pack": pack, "run": run, "version": version}
    return [sys.executable, "-m", *(part.format_map(places) for part in RECIPES[name].split())]
