"""TF-IDF: how many telling words two texts share, with a table of word weights that is shipped as a pack.

The table is fitted on postings, occupations and resumes (`training.tfidf`), not on the two texts compared: a word is
telling when few documents hold it, and two texts alone cannot say that.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from scoring.packs import Pack, PackError

TABLE = "table.json"
SETTINGS = {
    "lowercase": True,
    "token_pattern": r"(?u)[^\W\d_][\w+#]*(?:\.\w+)*",  # C++, C#, Node.js are words of their own
    "ngram_range": (1, 2),
    "stop_words": "english",
    "sublinear_tf": True,
    "norm": "l2",
}
"""How a text is cut into terms and weighted, here and where the table is fitted."""


@dataclass(frozen=True, slots=True)
class Tfidf:
    """A fitted vectoriser; nothing of it changes after it was made, so threads may share one."""

    vectoriser: TfidfVectorizer
    terms: tuple[str, ...]

    @classmethod
    def load(cls, pack: Pack) -> "Tfidf":
        """The vectoriser of a pack of kind `tfidf`. Raises PackError when it is of another kind or cannot be read."""
        if pack.manifest["kind"] != "tfidf":
            raise PackError(f"pack {pack.name} {pack.version} holds no table of words but {pack.manifest['kind']}")
        try:
            table = json.loads(pack.path(TABLE).read_text(encoding="utf-8"))
            return cls.of(table)
        except (ValueError, AttributeError) as error:
            raise PackError(f"pack {pack.name} {pack.version} holds no readable table: {error!r}") from error

    @classmethod
    def of(cls, table: Mapping[str, float]) -> "Tfidf":
        """A vectoriser of these terms and their inverse document frequencies. Raises ValueError."""
        vectoriser = TfidfVectorizer(vocabulary=list(table), **SETTINGS)
        vectoriser.idf_ = np.fromiter(table.values(), dtype=np.float64)
        return cls(vectoriser, tuple(table))

    def vectors(self, texts: Sequence[str]) -> Any:
        """Sparse rows of length 1 (0 for a text without any known term), (texts, terms)."""
        return self.vectoriser.transform(texts)

    def similarities(self, text: str, others: Sequence[str]) -> NDArray[np.float64]:
        """The cosine of a text with each of the others, 0 to 1, float[others]."""
        if not others:
            return np.zeros(0)
        cosines: NDArray[np.float64] = (self.vectors(others) @ self.vectors([text]).T).toarray()[:, 0]
        return cosines.clip(0.0, 1.0)

    def shared(self, one: str, other: str, most: int = 10) -> tuple[str, ...]:
        """The terms that add most to the cosine of two texts, the heaviest first."""
        products = self.vectors([one]).multiply(self.vectors([other])).tocoo()
        heaviest = sorted(zip(-products.data, products.col, strict=True))[:most]
        return tuple(self.terms[column] for _, column in heaviest)
