"""Measures the matcher of skills: on texts made for it, on the sixty labelled excerpts, and its speed."""

import time
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from scoring.skills.matcher import SkillMatcher
from scoring.skills.tokens import key
from training.skill_labels import Excerpt, read_excerpts
from training.skill_samples import samples

SAMPLES, SEED = 500, 5
SPEED_TEXTS = 2000
KINDS = {"resume_corpus.parquet": "corpus resumes", "resumes_pdf": "PDF resumes", "job_postings.parquet": "postings"}


def measure(data_dir: Path, matcher: SkillMatcher) -> dict[str, dict[str, float]]:
    """Every row of the table by its name."""
    excerpts = list(read_excerpts(data_dir))
    rows = {"by construction, mentions": _constructed(matcher)}
    for folder, kind in KINDS.items():
        rows[f"labelled {kind}"] = _labelled(matcher, [one for one in excerpts if one.document.startswith(folder)])
    rows["labelled, all"] = _labelled(matcher, excerpts)
    rows["second reading against the first"] = _agreement(excerpts)
    texts = pd.read_parquet(data_dir / "resume_corpus.parquet", columns=["text"])["text"].head(SPEED_TEXTS).tolist()
    return {**rows, "speed, one core": {"megabytes_a_second": _speed(matcher, texts), "n": len(texts)}}


def render(figures: dict[str, dict[str, float]]) -> str:
    """The table in Markdown."""
    columns = ("precision", "recall", "f1", "known", "n", "skills", "megabytes_a_second")
    lines = [("measured on", *columns), ("---",) * (len(columns) + 1)]
    lines += [(name, *(_cell(row.get(column)) for column in columns)) for name, row in figures.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _constructed(matcher: SkillMatcher) -> dict[str, float]:
    """Mentions: right when the same skill is found in the same place, be it by a word more or less."""
    hits = found = named = 0
    for sample in samples(matcher.names, SAMPLES, SEED):
        finds = matcher.find(sample.text)
        found, named = found + len(finds), named + len(sample.skills)
        hits += sum(
            any(one.skill == skill and one.start < end and start < one.end for one in finds)
            for skill, start, end in sample.skills
        )
    return {**_scores(hits, found, named), "n": SAMPLES}


def _labelled(matcher: SkillMatcher, excerpts: list[Excerpt]) -> dict[str, float]:
    """Skills a document; a labelled name that the vocabulary does not know is one that was missed."""
    hits = found = named = known = 0
    for excerpt in excerpts:
        gold = {matcher.skill(name) or f"unknown: {name}" for name in excerpt.agreed}
        finds = {one.skill for one in matcher.find(excerpt.text)}
        hits, found, named = hits + len(gold & finds), found + len(finds), named + len(gold)
        known += sum(not skill.startswith("unknown: ") for skill in gold)
    return {**_scores(hits, found, named), "known": known / named, "n": len(excerpts)}


def _agreement(excerpts: list[Excerpt]) -> dict[str, float]:
    """The second reading measured against the first, name by name."""
    readings = [({key(name) for name in one.first}, {key(name) for name in one.second}) for one in excerpts]
    hits = sum(len(first & second) for first, second in readings)
    scores = _scores(hits, sum(len(second) for _, second in readings), sum(len(first) for first, _ in readings))
    return {**scores, "n": len(excerpts)}


def _scores(hits: int, found: int, named: int) -> dict[str, float]:
    return {"precision": hits / found, "recall": hits / named, "f1": 2 * hits / (found + named), "skills": named}


def _speed(matcher: SkillMatcher, texts: Iterable[str]) -> float:
    """Megabytes of UTF-8 a second of processor time, which a busy machine changes less than the clock's."""
    size = sum(len(text.encode("utf-8")) for text in texts)
    started = time.process_time()
    for text in texts:
        matcher.find(text)
    return size / 1e6 / (time.process_time() - started)


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}" if value < 1 else f"{value:.1f}"
