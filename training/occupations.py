"""Makes the pack of occupations from O*NET: `python -m training.occupations --data-dir FOLDER`.

The folder holds skills/onet_occupation_data.txt and skills/onet_technology_skills.txt. An occupation's skills are those
that its description names and its technologies, those in demand first, by their names in the vocabulary of skills.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from safetensors.numpy import save_file

from scoring.cards import Card, DataSet
from scoring.embedding import Embedder
from scoring.occupations import OCCUPATIONS, VECTORS, Occupation
from scoring.packs import BASE_WEIGHTS, Pack, base_directory, load_pack, sha256_of, write_manifest
from scoring.skills.matcher import SkillMatcher
from training.machine import describe

DATA, TECHNOLOGIES = "skills/onet_occupation_data.txt", "skills/onet_technology_skills.txt"
ATTRIBUTION = (
    "This page includes information from the O*NET Database by the U.S. Department of Labor, Employment and Training"
    " Administration (USDOL/ETA). Used under the CC BY 4.0 license. O*NET® is a trademark of USDOL/ETA. Winnow has"
    " modified all or some of this information. USDOL/ETA has not approved, endorsed, or tested these modifications."
)


def occupations(data_dir: Path, matcher: SkillMatcher) -> list[Occupation]:
    """Every occupation of the file, in its order."""
    frame = pd.read_csv(data_dir / DATA, sep="\t", dtype=str)
    technologies = _technologies(data_dir / TECHNOLOGIES, matcher)
    return [
        Occupation(code, title, description, _skills(f"{title}\n{description}", technologies.get(code, ()), matcher))
        for code, title, description in frame.itertuples(index=False)
    ]


def build(data_dir: Path, skills: Path, directory: Path) -> Pack:
    """Write the pack: occupations, their embeddings by the base encoder, and the manifest."""
    started = time.monotonic()
    rows = occupations(data_dir, SkillMatcher.load(load_pack(skills)))
    base = base_directory()
    directory.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    (directory / OCCUPATIONS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    save_file({"vectors": Embedder.load(base).embed([row.text for row in rows])}, directory / VECTORS)
    manifest = {
        "name": "occupations", "version": directory.name, "kind": "occupations", "attribution": ATTRIBUTION,
        "base": {"name": "all-MiniLM-L6-v2", "sha256": sha256_of(base / BASE_WEIGHTS)},
        "card": _card(data_dir, rows, started).model_dump(mode="json"),
    }  # fmt: skip
    return write_manifest(directory, manifest, (OCCUPATIONS, VECTORS))


def _technologies(path: Path, matcher: SkillMatcher) -> Mapping[str, list[str]]:
    """The vocabulary's names of each occupation's technologies, those in demand first, then those that are hot."""
    frame = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    frame = frame.sort_values(["In Demand", "Hot Technology"], ascending=False, kind="stable")
    known: defaultdict[str, list[str]] = defaultdict(list)
    for code, example in zip(frame["O*NET-SOC Code"], frame["Example"], strict=True):
        if skill := matcher.skill(example):
            known[code].append(skill)
    return known


def _skills(text: str, technologies: Sequence[str], matcher: SkillMatcher) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(found.skill for found in matcher.find(text)), *technologies]))


def _card(data_dir: Path, rows: list[Occupation], started: float) -> Card:
    files = [DataSet(name=name, sha256=sha256_of(data_dir / name), rows=len(pd.read_csv(data_dir / name, sep="\t")),
                     licence="CC BY 4.0") for name in (DATA, TECHNOLOGIES)]  # fmt: skip
    return Card(
        summary="The occupations of O*NET with their skills and embeddings, for recommending them to a resume.",
        intended_use="POST /ats/recommendations with the source `occupations`.",
        limits=(
            "Occupations are described in a few sentences and in general words; a posting says more.",
            "Skills are technologies and what the description names; knowledge and abilities are left out.",
            "Similar says that texts are about the same things; it says nothing of whether somebody is qualified.",
        ),
        data=tuple(files),
        split="Nothing is learned: the encoder is used as it was published.",
        counts={"occupations": len(rows), "skills": sum(len(row.skills) for row in rows)},
        metrics={"resumes by category": {"see": "docs/MODELS.md, Recommendations"}},
        training="Titles and descriptions are embedded by the base encoder: mean of token states, length 1, float16.",
        command="python -m training.occupations --data-dir FOLDER",
        machine=describe(),
        seconds=round(time.monotonic() - started, 1),
        seeds=(),
        licence="CC BY 4.0",
        notice=ATTRIBUTION,
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--skills", type=Path, default=Path("packs/skills/1"), help="the vocabulary of skills")
    parser.add_argument("--out", type=Path, default=Path("packs/occupations/1"))
    options = parser.parse_args()
    print(json.dumps(build(options.data_dir, options.skills, options.out).manifest["card"]["counts"]))


if __name__ == "__main__":
    main()
