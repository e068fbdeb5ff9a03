"""A tenant's jobs are embedded once, as far as there is time, and again when their text or their reader changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from conftest import Caller
from screening_rows import add_jobs
from sqlalchemy import delete, func, select, update

from db.engine import app_session
from db.tables import Job, JobVector
from workers import catalogues, postings, sources
from workers.settings import worker_settings
from workers.sources import Reader

PACKS = {"occupations": "1", "skills": "1"}
JOBS = 40


@pytest.fixture(scope="module")
def reader(packs_in_use: None) -> Iterator[Reader]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "EMBED_SECONDS", 600.0)  # enough on any machine, where a test does not say otherwise
        _forget()
        yield postings.reader()
    _forget()


def _forget() -> None:
    for cached in (worker_settings, catalogues.embedder, catalogues.occupations):
        cached.cache_clear()


@pytest.fixture
def owner(tenant: Caller) -> str:
    add_jobs(tenant.tenant_id, "job", JOBS)
    return str(tenant.tenant_id)


def kept(tenant: Caller) -> dict[str, str]:
    """What every kept vector was made by, by the text's hash."""
    with app_session(tenant.tenant_id) as session:
        return {row[0]: row[1] for row in session.execute(select(JobVector.content_hash, JobVector.made_by))}


def test_what_there_is_no_time_for_comes_later(
    reader: Reader, tenant: Caller, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "EMBED_SECONDS", -1.0)
    none = sources.SOURCES["jobs"](reader, PACKS, owner=owner)
    assert (len(none.listings), none.total, kept(tenant)) == (0, JOBS, {})
    monkeypatch.undo()
    everything = sources.SOURCES["jobs"](reader, PACKS, owner=owner)
    assert len(everything.listings) == len(everything.vectors) == everything.total == len(kept(tenant)) == JOBS
    assert set(everything.listings[0].skills) == {"Python", "SQL"}


def test_vectors_kept_are_used_again(
    reader: Reader, owner: str, monkeypatch: pytest.MonkeyPatch, tenant: Caller
) -> None:
    first = sources.SOURCES["jobs"](reader, PACKS, owner=owner)
    monkeypatch.setattr(sources, "EMBED_SECONDS", -1.0)
    again = sources.SOURCES["jobs"](reader, PACKS, owner=owner)
    assert again.listings == first.listings
    assert np.array_equal(again.vectors, first.vectors)


def test_a_new_text_and_a_new_reader_make_them_anew(reader: Reader, tenant: Caller, owner: str) -> None:
    sources.SOURCES["jobs"](reader, PACKS, owner=owner)
    with app_session(tenant.tenant_id) as session:
        session.execute(update(Job).where(Job.external_id == "job-0").values(content_hash="new"))
        session.execute(delete(Job).where(Job.external_id == "job-1"))
    sources.SOURCES["jobs"](reader, PACKS, owner=owner)
    assert "new" in kept(tenant)
    assert not {"job-0", "job-1"} & kept(tenant).keys()
    other = replace(reader, made_by="another encoder skills/9")
    assert len(sources.SOURCES["jobs"](other, PACKS, owner=owner).listings) == JOBS - 1
    assert set(kept(tenant).values()) == {"another encoder skills/9"}


def test_vectors_are_a_tenants_own(reader: Reader, owner: str, other_tenant: Caller) -> None:
    sources.SOURCES["jobs"](reader, PACKS, owner=owner)
    with app_session(other_tenant.tenant_id) as session:
        assert session.scalar(select(func.count()).select_from(JobVector)) == 0
