"""The linear model of the categories: TF-IDF of word pieces and hashed pairs, logistic regression.

By itself it is what the categories model is measured against; fitted on resumes without their titles, and with fewer
columns, it is a part of that model. It is fitted by stochastic gradients: exact words, exact pairs and liblinear took
nine minutes on one core, for figures within a hundredth of these.
"""

import numpy as np
from scipy import sparse
from scipy.special import logit
from sklearn.linear_model import LogisticRegression, SGDClassifier

from scoring.categories import swayed
from scoring.wordbag import WordBag, features, weigh
from training.category_data import Resumes
from training.splits import SEED

PAIRS = 2**18
"""Columns for hashed pairs of the model that ours is measured against."""
INVERSE_STRENGTH, PASSES = 10.0, 10


def linear_logits(resumes: Resumes, pieces: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows, labels) logits of the validation and the test side, by a model fitted on the training side."""
    train, valid, test = ([resumes.ids[row] for row in resumes.rows(side)] for side in ("train", "valid", "test"))
    bag = fit_bag(train, resumes.labels[resumes.rows("train")], pieces, PAIRS)
    return bag.logits(valid), bag.logits(test)


def fit_bag(texts: list[np.ndarray], labels: np.ndarray, pieces: int, pairs: int) -> WordBag:
    """A bag fitted on texts by their ids, integer[tokens] each, and their float[texts, labels]."""
    counted = [features(text, pieces, pairs) for text in texts]
    columns, ends = np.concatenate([one for one, _ in counted]), np.cumsum([0, *(len(one) for one, _ in counted)])
    held = np.bincount(columns, minlength=pieces + pairs)
    idf = (np.log((1 + len(texts)) / (1 + held)) + 1).astype(np.float32)
    values = np.concatenate([weigh(counts, idf[one]) for one, counts in counted])
    rows = sparse.csr_matrix((values, columns, ends), shape=(len(texts), pieces + pairs))
    weights, bias = zip(*(_fit(rows, truth) for truth in labels.T), strict=True)
    return WordBag(pieces, idf, np.stack(weights, axis=1).astype(np.float32), np.array(bias, dtype=np.float32))


def weighed(bag: WordBag, texts: list[np.ndarray], network: np.ndarray, truth: np.ndarray) -> WordBag:
    """The bag as it best sways the (texts, labels) logits of a network (scoring.categories.swayed), by log loss."""
    ours = swayed(network, bag.logits(texts)) - network
    doubt = swayed(network, np.ones_like(network)) - network
    columns = zip(network.T, ours.T, doubt.T, truth.T, strict=True)
    scales = np.array([_scale(np.stack(parts, axis=1), one) for *parts, one in columns], dtype=np.float32)
    return bag.scaled(*scales.T)


def _scale(parts: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Of one label, what the bag's logits are to be multiplied by and what to be added, beside the network's."""
    if truth.min() == truth.max():
        return 1.0, 0.0
    fitted = LogisticRegression(fit_intercept=False, C=100).fit(parts, truth)
    of_network, of_bag, of_doubt = fitted.coef_[0]
    return float(of_bag / of_network), float(of_doubt / of_network)


def _fit(rows: sparse.csr_matrix, truth: np.ndarray) -> tuple[np.ndarray, float]:
    """The weights and the bias of one label; a label that all texts have, or none, is told by its bias alone."""
    if truth.min() == truth.max():
        return np.zeros(rows.shape[1]), float(logit(truth[0].clip(1e-7, 1 - 1e-7)))
    alpha = 1 / (INVERSE_STRENGTH * len(truth))
    model = SGDClassifier(loss="log_loss", alpha=alpha, max_iter=PASSES, tol=None, random_state=SEED)
    model.fit(rows, truth)
    return model.coef_[0], float(model.intercept_[0])
