"""Builds the vocabulary of skills, measures the matcher: `python -m training.skills build|measure --data-dir FOLDER`.

The folder holds resume_data.csv, resume_corpus.parquet and skills/ (ESCO and O*NET); `measure` also needs resumes_pdf/
and job_postings.parquet, and writes the table of docs/MODELS.md. The same files give the same pack.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from scoring.cards import Card, DataSet
from scoring.packs import Pack, load_pack, sha256_of, write_manifest
from scoring.skills.matcher import VOCABULARY, SkillMatcher
from training.machine import describe
from training.report import insert
from training.skill_figures import measure, render
from training.skill_sources import corpus_skills, esco, job_skills, onet, resume_skills, synonyms
from training.skill_vocabulary import Vocabulary, doubtful

LEAST_RESUMES = {"resume_corpus.parquet": 5, "resume_data.csv": 2}
"""In how many resumes' lists a name must stand, so that nobody's slip of the pen becomes a skill."""
ATTRIBUTION = (
    "This vocabulary uses ESCO of the European Commission, https://esco.ec.europa.eu, licensed under CC BY 4.0.",
    "This vocabulary includes information from the O*NET Database by the U.S. Department of Labor, Employment and"
    " Training Administration (USDOL/ETA), used under CC BY 4.0. O*NET® is a trademark of USDOL/ETA.",
    "Names were changed, joined and left out; neither USDOL/ETA nor the European Commission has approved, endorsed or"
    " tested it.",
)
SOURCES = {
    "skills/esco_skills_en.csv": "CC BY 4.0",
    "skills/onet_technology_skills.txt": "CC BY 4.0",
    "resume_data.csv": "none stated",
    "resume_corpus.parquet": "none stated",
}
COUNTED = "the vocabulary"
PAGE, STORE = Path("docs/MODELS.md"), Path("docs/skills.json")


def vocabulary(data_dir: Path) -> Vocabulary:
    """The joined vocabulary; what is kept by hand comes first, then lists of the training sets, O*NET and ESCO."""
    joined = Vocabulary()
    joined.add(synonyms())
    joined.add_words(corpus_skills(data_dir / "resume_corpus.parquet", LEAST_RESUMES["resume_corpus.parquet"]))
    joined.add_words(resume_skills(data_dir / "resume_data.csv", LEAST_RESUMES["resume_data.csv"]))
    joined.add_words(job_skills(data_dir / "resume_data.csv"))
    concepts = list(esco(data_dir / "skills"))
    phrases = (name.lower().split() for concept in concepts for name in concept.names)
    ordinary = frozenset(word for words in phrases if len(words) > 1 for word in words)
    joined.add(doubtful(onet(data_dir / "skills"), ordinary), rare=True)
    joined.add(doubtful(concepts, ordinary - {concept.name for concept in concepts}), rare=True)
    return joined


def build(data_dir: Path, directory: Path) -> Pack:
    """Write the pack: the vocabulary with its attribution, and the manifest."""
    started = time.monotonic()
    joined = vocabulary(data_dir)
    directory.mkdir(parents=True, exist_ok=True)
    lines = [*(f"# {line}" for line in ATTRIBUTION), *joined.lines()]
    (directory / VOCABULARY).write_text("\n".join(lines) + "\n", encoding="utf-8")
    manifest = {
        "name": "skills",
        "version": directory.name,
        "kind": "skills",
        "attribution": ATTRIBUTION,
        "card": _card(data_dir, joined, started).model_dump(mode="json"),
    }
    return write_manifest(directory, manifest, (VOCABULARY,))


def record(pack: Pack, figures: Mapping[str, Mapping[str, float]]) -> Pack:
    """Put measured figures into the pack's card, beside the counts of the vocabulary; its files stay as they are."""
    counted = pack.manifest["card"]["metrics"][COUNTED]
    card = {**pack.manifest["card"], "metrics": {COUNTED: counted, **figures}}
    return write_manifest(pack.directory, {**pack.manifest, "card": card}, tuple(pack.manifest["files"]))


def _card(data_dir: Path, joined: Vocabulary, started: float) -> Card:
    rows = {name: _rows(data_dir / name) for name in SOURCES}
    names = sum(len(skill.names) for skill in joined.skills)
    return Card(
        summary="A vocabulary of skills and their other names, which a matcher finds in resumes and postings.",
        intended_use="Says which skills a job asks for and a resume names, to explain a score; it changes no score.",
        limits=(
            "What has no name in the vocabulary is not found: mostly products and practices that few resumes list.",
            "Recall is lower on postings and outside information technology.",
            "English names only.",
        ),
        data=tuple(
            DataSet(name=name, sha256=sha256_of(data_dir / name), rows=rows[name], licence=licence)
            for name, licence in SOURCES.items()
        ),
        split="nothing is learned from labels; the sixty labelled excerpts were labelled before the matcher first ran",
        counts={},
        metrics={COUNTED: {"skills": len(joined.skills), "names": names}},
        training="Names of ESCO, O*NET and the lists of skills in two training sets, joined by a list kept by hand.",
        command="python -m training.skills build --data-dir FOLDER --pack packs/skills/1",
        machine=describe(),
        seconds=time.monotonic() - started,
        seeds=(),
        licence="CC BY 4.0, with the attribution in this manifest",
        notice="A skill that is not found may still be there: absence says nothing of the applicant.",
    )


def _rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    return len(pd.read_csv(path, sep="\t" if path.suffix == ".txt" else ",", dtype=str, keep_default_na=False))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("build", "measure"))
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--pack", type=Path, default=Path("packs/skills/1"))
    options = parser.parse_args()
    if options.command == "build":
        print(json.dumps(build(options.data_dir, options.pack).manifest["card"]["metrics"][COUNTED]))
        return
    pack = load_pack(options.pack)
    figures = measure(options.data_dir, SkillMatcher.load(pack))
    record(pack, figures)
    STORE.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(insert(PAGE.read_text(encoding="utf-8"), "skills", render(figures)), encoding="utf-8")


if __name__ == "__main__":
    main()
