"""What the match recipe is held against, on the same folds: majority class, TF-IDF, the untrained encoder's cosine.

Each takes a training.match_folds.Task and gives probabilities for every cell of its grid, and pairs a second, texts in.
"""

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from training.data import MATCHED_ABOVE

if TYPE_CHECKING:
    from training.match_folds import Task


def majority_model(task: "Task") -> tuple[np.ndarray, float | None]:
    """The share of matches among the pairs that may be seen, for every pair."""
    share = float((task.grid.scores[task.seen] > MATCHED_ABOVE).mean())
    return np.full(task.seen.shape, share), None


def linear_model(task: "Task") -> tuple[np.ndarray, float | None]:
    """Words and pairs of words of both texts, each side weighed by itself, in one logistic regression.

    A pair of words counts from its second resume on; jobs are too few for that.
    """
    sides = task.sides
    resume_words = _words(sides.resume_texts, task.seen.any(axis=1), 2)
    job_words = _words(sides.job_texts, task.seen.any(axis=0), 1)
    began = time.monotonic()
    rows, columns = np.indices(task.seen.shape).reshape(2, -1)
    resumes, jobs = resume_words.transform(sides.resume_texts), job_words.transform(sides.job_texts)
    pairs = sparse.hstack([resumes[rows], jobs[columns]]).tocsr()
    transformed, seen = time.monotonic() - began, task.seen.ravel()
    model = LogisticRegression(C=1.0, max_iter=1000).fit(pairs[seen], task.grid.scores.ravel()[seen] > MATCHED_ABOVE)
    began = time.monotonic()
    probabilities = model.predict_proba(pairs)[:, 1]
    return probabilities.reshape(task.seen.shape), len(rows) / (transformed + time.monotonic() - began)


def cosine_model(task: "Task") -> tuple[np.ndarray, float | None]:
    """The cosine of both texts under the encoder as it was published, turned into a probability on the pairs seen."""
    began, cosines = time.monotonic(), task.grid.cosines
    model = LogisticRegression().fit(cosines[task.seen][:, None], task.grid.scores[task.seen] > MATCHED_ABOVE)
    probabilities = model.predict_proba(cosines.reshape(-1, 1))[:, 1]
    return probabilities.reshape(cosines.shape), cosines.size / (time.monotonic() - began + task.sides.seconds)


def _words(texts: list[str], known: np.ndarray | np.bool, least: int) -> TfidfVectorizer:
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=least, sublinear_tf=True)
    return vectorizer.fit([text for text, one in zip(texts, np.atleast_1d(known), strict=True) if one])
