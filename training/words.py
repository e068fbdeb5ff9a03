"""The ordinary words of resumes, which a person's name is told from: `python -m training.words --data-dir DIR`.

A word is ordinary when at least 25 resumes of the corpus write it in lower case, and at least a fifth of those that use
it do; or when one resume in a hundred uses it at all ("Oracle", "Jenkins", "LLC") and it is no given name: the corpus
is without its owners' names. Addresses and links are left out, so that nobody's name gets in through them, and so are
the resumes that redaction is measured on.
"""

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from scoring.wordlists.vocabulary import GIVEN_NAMES
from training.labelled import labelled_documents

LEAST_RESUMES = 25
LEAST_SHARE = 0.2
COMMON_SHARE = 0.01
TARGET = Path(__file__).parents[1] / "scoring" / "wordlists" / "ordinary_words.txt"
_LINK = re.compile(r"\S*(?:@|://|www\.|\.com)\S*|<[^<>]{1,40}>")
_WORD = re.compile(r"[^\W\d_]{2,20}")


def ordinary_words(texts: Sequence[str]) -> list[str]:
    """The ordinary words of the texts, lower-cased, in order."""
    lower: Counter[str] = Counter()
    any_case: Counter[str] = Counter()
    for text in texts:
        words = set(_WORD.findall(_LINK.sub(" ", text)))
        lower.update(word for word in words if word.islower())
        any_case.update({word.lower() for word in words})
    ordinary = {word for word, count in lower.items() if count >= max(LEAST_RESUMES, LEAST_SHARE * any_case[word])}
    common = {word for word, count in any_case.items() if count >= COMMON_SHARE * len(texts)} - GIVEN_NAMES
    return sorted(ordinary | common)


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    corpus = pd.read_parquet(parser.parse_args().data_dir / "resume_corpus.parquet", columns=["id", "text"])
    kept_apart = {document.partition("#")[2] for document in labelled_documents()}
    words = ordinary_words(corpus[~corpus["id"].isin(kept_apart)]["text"].tolist())
    TARGET.write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words written to {TARGET}")


if __name__ == "__main__":
    main()
