"""Countries and what their people are called, as regular expressions: the ones that resumes name."""

import re

from scoring.wordlists.vocabulary import word_list


def _alternatives(*names: str) -> str:
    words = {word for name in names for word in word_list(name)}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


COUNTRY = _alternatives("countries")
NATION = _alternatives("countries", "peoples")
