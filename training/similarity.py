"""Measures what recommendations are ranked by: `python -m training.similarity --data-dir FOLDER`.

The folder holds resumes_pdf/CATEGORY/ID.pdf. A resume's category is held against the major groups of the Standard
Occupational Classification that O*NET's codes begin with; which groups belong to which category was set by hand, once.
Figures go into docs/MODELS.md, beside those of TF-IDF and of the mean of both.
"""

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from parsing.sandbox import extract
from scoring.embedding import Embedder
from scoring.inputs import Resume
from scoring.occupations import Occupations
from scoring.packs import find_base, load_pack
from scoring.readable import read_resume
from scoring.tfidf import Tfidf
from training.report import insert

GROUPS = {
    "ACCOUNTANT": "13-20|43-30|11-3031", "ADVOCATE": "23-|21-", "AGRICULTURE": "45-|19-[14]|11-9013",
    "ARTS": "27-|25-", "AUTOMOBILE": "49-|53-|41-", "AVIATION": "53-2|49-3011", "BANKING": "13-2|43-[34]|11-3031",
    "CHEF": "35-|11-9051", "CONSTRUCTION": "47-|11-9021", "DESIGNER": "27-1|15-1255", "ENGINEERING": "17-|11-9041",
    "FINANCE": "13-2|11-3031", "FITNESS": "39-9031|27-20|29-1128|29-91|31-9", "HEALTHCARE": "29-|31-|11-9111|21-",
    "HR": "13-1[01]|11-31", "INFORMATION-TECHNOLOGY": "15-1|11-3021", "PUBLIC-RELATIONS": "27-3|11-2",
    "SALES": "41-|11-2022", "TEACHER": "25-",
}  # fmt: skip
"""Beginnings of SOC codes by category. Categories that name no line of work (CONSULTANT, BPO, APPAREL) are left out."""
TOP = 10
PAGE, KIND = Path("docs/MODELS.md"), "recommendations"


def resumes(folder: Path) -> Iterator[tuple[str, str]]:
    """Category and redacted text of every resume whose category has groups."""
    for file in sorted(folder.glob("resumes_pdf/*/*.pdf")):
        if file.parent.name in GROUPS:
            text = extract(file.read_bytes(), file.name).text
            yield file.parent.name, read_resume(Resume(file.name, text)).text


def measure(cosines: np.ndarray, categories: list[str], codes: list[str]) -> dict[str, float | int]:
    """How many of a resume's nearest ten are of its groups, and how high the first of them stands."""
    right = np.array([[re.match(GROUPS[category], code) is not None for code in codes] for category in categories])
    nearest = np.take_along_axis(right, np.argsort(-cosines, axis=1, kind="stable")[:, :TOP], axis=1)
    first = np.where(nearest.any(1), 1.0 / (nearest.argmax(1) + 1), 0.0)
    return {
        "precision_at_10": float(nearest.mean()),
        "any_of_10": float(nearest.any(1).mean()),
        "reciprocal_rank": float(first.mean()),
        "by_chance": float(right.mean()),
        "n": len(categories),
    }


def compare(folder: Path, packs: Path) -> dict[str, dict[str, float | int]]:
    """The figures of each way to rank, on the same resumes."""
    occupations = Occupations.load(load_pack(packs / "occupations" / "1"))
    embedder = Embedder.load(find_base(load_pack(packs / "occupations" / "1")))
    words = Tfidf.load(load_pack(packs / "tfidf" / "1"))
    categories, texts = map(list, zip(*resumes(folder), strict=True))
    codes = [row.code for row in occupations.rows]
    near = embedder.embed(texts).astype(np.float32) @ occupations.vectors.astype(np.float32).T
    alike = (words.vectors(texts) @ words.vectors([row.text for row in occupations.rows]).T).toarray()
    ways = {"embeddings (in use)": near, "TF-IDF": alike, "mean of both": (near + alike) / 2}
    return {name: measure(cosines, categories, codes) for name, cosines in ways.items()}


def render(rows: Mapping[str, Mapping[str, float | int]]) -> str:
    """The table in Markdown."""
    columns = list(next(iter(rows.values())))
    lines = [["ranked by", *columns], ["---"] * (len(columns) + 1)]
    for name, row in rows.items():
        lines.append([name, *(str(row[one]) if isinstance(row[one], int) else f"{row[one]:.3f}" for one in columns)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--packs", type=Path, default=Path("packs"))
    options = parser.parse_args()
    rows = compare(options.data_dir, options.packs)
    PAGE.write_text(insert(PAGE.read_text(encoding="utf-8"), KIND, render(rows)), encoding="utf-8")
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
