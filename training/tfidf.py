"""Fits the table of word weights: `python -m training.tfidf --data-dir FOLDER`.

The folder holds job_postings.parquet, resume_corpus.parquet and skills/onet_occupation_data.txt. Postings and resumes
count alike, as the two sides that are compared; resumes are redacted first, and a term must stand in twenty documents,
and given names are left out, so that the table holds nobody's name. The same files give the same pack.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from scoring.cards import Card, DataSet
from scoring.inputs import Resume
from scoring.packs import Pack, sha256_of, write_manifest
from scoring.readable import read_resume
from scoring.text import normalise
from scoring.tfidf import SETTINGS, TABLE
from scoring.wordlists.vocabulary import GIVEN_NAMES
from training.labelled import corpus_texts
from training.machine import describe

LEAST_DOCUMENTS = 20
MOST_TERMS = 40_000
RESUMES = 4_700
"""As many resumes as there are postings."""
POSTINGS, CORPUS, OCCUPATIONS = "job_postings.parquet", "resume_corpus.parquet", "skills/onet_occupation_data.txt"
LICENCES = {POSTINGS: "none stated", CORPUS: "none stated", OCCUPATIONS: "CC BY 4.0"}


def documents(data_dir: Path) -> dict[str, list[str]]:
    """The texts that the table is fitted on, by file."""
    postings = pd.read_parquet(data_dir / POSTINGS, columns=["positionName", "description"])
    occupations = pd.read_csv(data_dir / OCCUPATIONS, sep="\t")
    return {
        POSTINGS: [normalise(f"{title}\n{text}") for title, text in postings.itertuples(index=False)],
        OCCUPATIONS: [normalise(f"{row.Title}\n{row.Description}") for row in occupations.itertuples()],
        CORPUS: list(_redacted(corpus_texts(data_dir, RESUMES))),
    }


def _redacted(texts: list[str]) -> Iterator[str]:
    return (read_resume(Resume("", text)).text for text in texts)


def build(data_dir: Path, directory: Path) -> Pack:
    """Write the pack: terms with their inverse document frequencies, and the manifest."""
    started = time.monotonic()
    texts = documents(data_dir)
    vectoriser = TfidfVectorizer(min_df=LEAST_DOCUMENTS, max_features=MOST_TERMS, **SETTINGS)
    vectoriser.fit([text for of_file in texts.values() for text in of_file])
    weights = zip(vectoriser.get_feature_names_out().tolist(), vectoriser.idf_.tolist(), strict=True)
    table = {term: round(weight, 4) for term, weight in weights if GIVEN_NAMES.isdisjoint(term.split())}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / TABLE).write_text(json.dumps(table, ensure_ascii=False) + "\n", encoding="utf-8")
    card = _card(data_dir, {name: len(of_file) for name, of_file in texts.items()}, len(table), started)
    manifest = {"name": "tfidf", "version": directory.name, "kind": "tfidf", "card": card.model_dump(mode="json")}
    return write_manifest(directory, manifest, (TABLE,))


def _card(data_dir: Path, rows: dict[str, int], terms: int, started: float) -> Card:
    files = [DataSet(name=name, sha256=sha256_of(data_dir / name), rows=count, licence=LICENCES[name])
             for name, count in rows.items()]  # fmt: skip
    return Card(
        summary="Weights of words and word pairs (inverse document frequencies) for comparing a resume with a job.",
        intended_use="The compatibility that POST /ats/analyze shows beside the match score.",
        limits=(
            "It compares words: other words for the same thing count as different, and a word repeated counts little.",
            "Postings are of eleven searches and resumes mostly of information technology: words of other fields that"
            " fewer than twenty documents hold have no weight and are passed over.",
            "English only.",
        ),
        data=tuple(files),
        split="All documents are fitted on; nothing is predicted, so nothing is held out.",
        counts={"documents": sum(rows.values()), "terms": terms},
        metrics={"occupations": {"see": "docs/MODELS.md, Recommendations"}},
        training=f"scikit-learn's TfidfVectorizer on words and word pairs in at least {LEAST_DOCUMENTS} documents.",
        command="python -m training.tfidf --data-dir FOLDER",
        machine=describe(),
        seconds=round(time.monotonic() - started, 1),
        seeds=(),
        licence="Apache-2.0",
        notice="A high compatibility says that two texts use the same words. A person decides.",
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds the public data sets")
    parser.add_argument("--out", type=Path, default=Path("packs/tfidf/1"))
    options = parser.parse_args()
    print(json.dumps(build(options.data_dir, options.out).manifest["card"]["counts"]))


if __name__ == "__main__":
    main()
