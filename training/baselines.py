"""What the match pack is measured against: majority class, TF-IDF with logistic regression, the untrained encoder."""

import time
from pathlib import Path

import numpy as np
import torch
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

from scoring.batches import Batch, compute
from scoring.encoder import Encoder
from scoring.packs import base_directory
from scoring.readable import match_text
from scoring.text import job_text
from scoring.tokens import Tokenizer
from scoring.windows import text_windows
from training.data import Matches, read_matches
from training.metrics import best_accuracy_threshold, binary_metrics, ranking_metrics
from training.splits import match_sides


def match_baselines(data: Path) -> dict[str, dict]:
    """Figures on the held-out resumes of a file like resume_data.csv."""
    matches = read_matches(data)
    side = match_sides(matches, "resumes")
    return {"majority class": _majority(matches, side), "TF-IDF + logistic regression": _match_linear(matches, side),
            "MiniLM cosine, untrained": _cosine(matches, side)}  # fmt: skip


def _majority(matches: Matches, side: np.ndarray) -> dict:
    test = side == "test"
    share = np.full(int(test.sum()), matches.matched[side == "train"].mean())
    return binary_metrics(share, matches.matched[test], 0.5) | {"n": int(test.sum())}


def _match_linear(matches: Matches, side: np.ndarray) -> dict:
    began = time.monotonic()
    resumes = [match_text(matches.resumes[row]) for row in matches.resume]
    jobs = [job_text(matches.jobs[row]) for row in matches.job]
    train = np.where(side == "train")[0]
    columns = []
    for texts in (resumes, jobs):
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        vectorizer.fit([texts[row] for row in train])
        columns.append(vectorizer.transform(texts))
    features = sparse.hstack(columns).tocsr()
    model = LogisticRegression(C=1.0, max_iter=1000).fit(features[train], matches.matched[train])
    scores = model.predict_proba(features)[:, 1]
    return _measured(matches, side, scores) | {"seconds": round(time.monotonic() - began, 1)}


@torch.inference_mode()
def _cosine(matches: Matches, side: np.ndarray) -> dict:
    """Cosine of the mean token states of resume and job, without any training."""
    began, base = time.monotonic(), base_directory()
    tokenizer, encoder = Tokenizer.load(base), Encoder.load(base, 6)

    def mean_states(batch: Batch) -> torch.Tensor:
        states = encoder(batch.input_ids, batch.token_type_ids, batch.attention_mask)
        weights = batch.attention_mask[..., None].float()
        return functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)

    def embed(texts: list[str]) -> torch.Tensor:
        windows = [text_windows(n, ids, 512, 32)[0] for n, ids in enumerate(tokenizer.encode(texts))]
        return compute(windows, mean_states, tokenizer, "cpu", lambda: None)

    resumes, jobs = embed([match_text(one) for one in matches.resumes]), embed([job_text(one) for one in matches.jobs])
    cosine = (resumes[matches.resume] * jobs[matches.job]).sum(-1).numpy()
    train = side != "test"
    model = LogisticRegression().fit(cosine[train, None], matches.matched[train])
    scores = model.predict_proba(cosine[:, None])[:, 1]
    return _measured(matches, side, scores) | {"seconds": round(time.monotonic() - began, 1)}


def _measured(matches: Matches, side: np.ndarray, scores: np.ndarray) -> dict:
    valid, test = side == "valid", side == "test"
    threshold = best_accuracy_threshold(scores[valid], matches.matched[valid])
    return {
        **binary_metrics(scores[test], matches.matched[test], threshold),
        **ranking_metrics(scores[test], matches.score[test], matches.matched[test], matches.job[test]),
        "n": int(test.sum()),
    }
