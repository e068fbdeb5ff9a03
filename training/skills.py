"""Builds the vocabulary of skills, measures the matcher: `python -m training.skills build|measure --data-dir FOLDER`.

The folder holds resume_data.csv, resume_corpus.parquet and skills/ (ESCO and O*NET); `measure` also needs resumes_pdf/
and job_postings.parquet, and writes the table of docs/MODELS.md. The same files give the same pack.
"""

import argparse
import json
from pathlib import Path

from scoring.packs import Pack, load_pack, sha256_of, write_manifest
from scoring.skills.matcher import VOCABULARY, SkillMatcher
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
SOURCES = ("skills/esco_skills_en.csv", "skills/onet_technology_skills.txt", "resume_data.csv", "resume_corpus.parquet")
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
    joined = vocabulary(data_dir)
    directory.mkdir(parents=True, exist_ok=True)
    lines = [*(f"# {line}" for line in ATTRIBUTION), *joined.lines()]
    (directory / VOCABULARY).write_text("\n".join(lines) + "\n", encoding="utf-8")
    manifest = {
        "name": "skills",
        "version": directory.name,
        "kind": "skills",
        "attribution": ATTRIBUTION,
        "counts": {"skills": len(joined.skills), "names": sum(len(skill.names) for skill in joined.skills)},
        "data": {name: sha256_of(data_dir / name) for name in SOURCES},
    }
    return write_manifest(directory, manifest, (VOCABULARY,))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("build", "measure"))
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--pack", type=Path, default=Path("packs/skills/1"))
    options = parser.parse_args()
    if options.command == "build":
        print(json.dumps(dict(build(options.data_dir, options.pack).manifest["counts"])))
        return
    figures = measure(options.data_dir, SkillMatcher.load(load_pack(options.pack)))
    STORE.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(insert(PAGE.read_text(encoding="utf-8"), "skills", render(figures)), encoding="utf-8")


if __name__ == "__main__":
    main()
