"""Texts as token ids: each resume and each job is tokenised once, and pairs are assembled from the ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as WordPieceTokenizer

from scoring.packs import PackError

TokenIds = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """The base encoder's own tokenizer, without special tokens, truncation or padding."""

    words: WordPieceTokenizer
    cls_id: int
    sep_id: int
    pad_id: int

    @classmethod
    def load(cls, directory: Path) -> "Tokenizer":
        """Read tokenizer.json of a base model's directory; raises PackError."""
        try:
            words = WordPieceTokenizer.from_file(str(directory / "tokenizer.json"))
        except Exception as error:  # the Rust side raises a bare Exception
            raise PackError(f"cannot read the tokenizer of {directory}: {error}") from error
        words.no_truncation()
        words.no_padding()
        return cls(words, *(_special(words, token) for token in ("[CLS]", "[SEP]", "[PAD]")))

    def encode(self, texts: Sequence[str]) -> list[TokenIds]:
        """The token ids of every text, int32[tokens] each, in parallel on all cores."""
        encodings = self.words.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.asarray(encoding.ids, dtype=np.int32) for encoding in encodings]


def _special(words: WordPieceTokenizer, token: str) -> int:
    token_id = words.token_to_id(token)
    if token_id is None:
        raise PackError(f"the tokenizer has no {token}")
    return token_id
