"""Where recommended jobs come from, with their vectors: occupations, imported postings, own jobs, given listings."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from db import catalogue
from db.engine import app_session
from workers import catalogues
from workers.listings import Listing

if TYPE_CHECKING:
    from scoring.embedding import Embedder, Vectors
    from scoring.pipeline import Pipeline
    from scoring.skills.matcher import SkillMatcher

JOB_WINDOWS = 2
"""Windows of a job that are embedded: its first 500 tokens say what it is about; what follows is often the employer."""
MOST_JOBS = 10_000
EMBED_SECONDS = 5.0
"""How long one call embeds jobs that are new; the next call goes on."""
BATCH = 16


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads resumes and jobs here: the encoder, the vocabulary of skills, and both their names."""

    embedder: "Embedder"
    matcher: "SkillMatcher"
    made_by: str

    @classmethod
    def of(cls, pipeline: "Pipeline", packs: Mapping[str, str]) -> "Reader":
        """The reader of these pack versions. Raises PackError."""
        embedder = catalogues.embedder(packs["occupations"], pipeline.device)
        made_by = catalogues.made_by(packs["occupations"], packs["skills"])
        return cls(embedder, pipeline.explainer.matcher, made_by)

    def skills(self, text: str) -> tuple[str, ...]:
        """The skills that a text names, each once."""
        return tuple(dict.fromkeys(found.skill for found in self.matcher.find(text)))

    def jobs(self, texts: Sequence[str]) -> "Vectors":
        """The embeddings of jobs."""
        return self.embedder.embed(texts, JOB_WINDOWS)


@dataclass(frozen=True, slots=True)
class Found:
    """Listings of one source with their vectors, (listings, hidden); `total` counts those not embedded yet as well."""

    listings: Sequence[Listing]
    vectors: "Vectors"
    total: int
    attribution: str = ""


def _occupations(reader: Reader, packs: Mapping[str, str]) -> Found:
    kept = catalogues.occupations(packs["occupations"])
    listings = _occupation_listings(packs["occupations"])
    return Found(listings, kept.vectors, len(listings), kept.attribution)


@lru_cache(maxsize=2)
def _occupation_listings(version: str) -> tuple[Listing, ...]:
    rows = catalogues.occupations(version).rows
    return tuple(Listing(row.code, row.title, row.skills, url=row.url) for row in rows)


def _postings(reader: Reader, packs: Mapping[str, str]) -> Found:
    return _imported(reader.made_by, catalogue.edition(reader.made_by))


@lru_cache(maxsize=1)
def _imported(made_by: str, edition: catalogue.Edition) -> Found:
    """All imported postings, read again when their edition is another."""
    rows = catalogue.postings(made_by)
    listings = [
        Listing(f"{source}:{row.external_id}", row.title, tuple(row.skills), row.company, row.location, row.url)
        for source, row in rows
    ]
    return Found(listings, _stacked([row.vector for _, row in rows]), len(listings))


def _own(reader: Reader, packs: Mapping[str, str], owner: str) -> Found:
    tenant = UUID(owner)
    with app_session(tenant) as session:
        jobs = catalogue.own_jobs(session, reader.made_by, MOST_JOBS)
        total = catalogue.count_jobs(session)
    computed = {job.content_hash: catalogue.Vector(job.content_hash, job.skills or (), job.vector)
                for job in jobs if job.vector is not None}  # fmt: skip
    computed |= _compute(reader, tenant, [job for job in jobs if job.vector is None])
    known = [(job, computed[job.content_hash]) for job in jobs if job.content_hash in computed]
    listings = [Listing(str(job.id), job.title, tuple(one.skills), url=f"/v1/jobs/{job.id}") for job, one in known]
    return Found(listings, _stacked([one.vector for _, one in known]), total)


def _compute(reader: Reader, tenant: UUID, jobs: Sequence[catalogue.OwnJob]) -> dict[str, catalogue.Vector]:
    """The vectors of jobs that have none yet, as many as there is time for; kept batch by batch."""
    until, made = time.monotonic() + EMBED_SECONDS, {}
    for start in range(0, len(jobs), BATCH):
        if time.monotonic() > until:
            break
        batch = jobs[start : start + BATCH]
        with app_session(tenant) as session:
            texts = catalogue.job_texts(session, [job.id for job in batch])
        batch = [job for job in batch if job.id in texts]
        vectors = reader.jobs([texts[job.id] for job in batch])
        new = [
            catalogue.Vector(job.content_hash, reader.skills(texts[job.id]), vector.tobytes())
            for job, vector in zip(batch, vectors, strict=True)
        ]
        with app_session(tenant) as session:
            catalogue.keep_vectors(session, reader.made_by, new)
        made.update({one.content_hash: one for one in new})
    return made


def _given(reader: Reader, packs: Mapping[str, str], listings: Sequence[Mapping[str, str]]) -> Found:
    """Listings that came with the call: `id`, `title`, `company`, `location`, `url` and `text`."""
    made = [
        Listing(skills=reader.skills(f"{one['title']}\n{one['text']}"),
                **{name: one[name] for name in ("id", "title", "company", "location", "url")})
        for one in listings
    ]  # fmt: skip
    return Found(made, reader.jobs([f"{one['title']}\n{one['text']}" for one in listings]), len(made))


def _stacked(vectors: Sequence[bytes]) -> "Vectors":
    flat = np.frombuffer(b"".join(vectors), dtype=np.float16)
    return flat.reshape(len(vectors), -1) if vectors else flat.reshape(0, 0)


SOURCES: Mapping[str, Callable[..., Found]] = {
    "occupations": _occupations,
    "postings": _postings,
    "jobs": _own,
    "given": _given,
}
"""Where recommendations come from: each takes the reader, the pack versions and what else it needs by name."""
