"""New screenings: resumes and jobs frozen, and cut into chunks, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from db import bell, packs, reuse, second_stage
from db.screenings import CHUNK_TOKENS, ScreeningView
from db.settings import scoring_format
from db.tables import Job, Pack, Pool, Resume, Score, ScreeningJob, Upload

MAX_ITEMS = 20_000_000


class RefusedError(Exception):
    """A screening that cannot be created; `code` tells which demand is not met, `missing` what was not found."""

    def __init__(self, code: str, missing: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code, self.missing = code, list(missing)


# Chunks are cut where the running sum of estimated tokens passes a multiple of the budget. A resume costs its own
# tokens once, for what depends on it alone, and with every job its windows: its tokens, and the job's once a window.
_CREATE = text(
    """
    WITH cost AS (
        SELECT id, tokens * (1 + :jobs) + ceil(tokens / 256.0) * :job_tokens AS tokens
        FROM resumes WHERE tenant_id = :tenant_id AND pool_id = :pool_id AND (
            CAST(:retry_of AS uuid) IS NULL OR id IN (
                SELECT resume_id FROM scores
                WHERE tenant_id = :tenant_id AND screening_id = :retry_of AND state = 'errored'
                    AND probability IS NULL -- what the index of these says
            )
        )
    ), placed AS (
        SELECT id, tokens, floor((sum(tokens) OVER (ORDER BY id) - tokens) / :budget) AS place FROM cost
    ), cut AS (
        SELECT row_number() OVER (ORDER BY place) AS seq, array_agg(id ORDER BY id) AS resume_ids,
            count(*) * :jobs AS items, least(sum(tokens), 2147483647) AS tokens
        FROM placed GROUP BY place
    ), screening AS (
        INSERT INTO screenings (tenant_id, id, pool_id, options, low, packs, format, retry_of, total)
        SELECT :tenant_id, :id, :pool_id, CAST(:options AS jsonb),
            CAST(:options AS jsonb) ->> 'priority' IS NOT DISTINCT FROM 'low',
            CAST(:packs AS jsonb), :format, :retry_of, sum(items)
        FROM cut HAVING count(*) > 0
        RETURNING id
    )
    INSERT INTO chunks (tenant_id, screening_id, seq, resume_ids, items, tokens)
    SELECT :tenant_id, screening.id, seq, resume_ids, items, tokens FROM cut CROSS JOIN screening
    """
).bindparams(bindparam("options", type_=JSONB), bindparam("packs", type_=JSONB), bindparam("retry_of", type_=Uuid()))


def create(session: Session, pool_id: UUID, job_ids: Sequence[UUID], options: Mapping[str, Any]) -> UUID:
    """Freeze a pool's resumes and these jobs into a screening and its chunks; returns its id.

    `options` may hold `threshold`, without which the match pack's own holds; `explain_top`, how many of each job's best
    resumes are searched for the passages that moved their score; `priority`, normal or low; `reuse`, whether scores of
    earlier screenings may be taken over; and `rerank`, of which `top` is how many of each job's best the pair model
    ranks. Raises RefusedError: pool_not_found, pool_parsing, pool_empty, jobs_not_found, too_many_items, packs_missing
    or no_pair_model.
    """
    job_ids = list(dict.fromkeys(job_ids))
    job_tokens = _job_tokens(session, job_ids)
    _check_pool(session, pool_id, len(job_ids))
    versions = _versions(session, reranked=options.get("rerank") is not None)
    items = {"pool_id": pool_id, "jobs": len(job_ids), "job_tokens": job_tokens, "retry_of": None}
    id = _insert(session, items, {"options": dict(options), "packs": versions, "format": scoring_format()})
    _freeze_jobs(session, id, job_ids)
    if options.get("reuse", True):
        reuse.allow(session, id)
    return id


def retry(session: Session, old: ScreeningView) -> UUID:
    """A new screening of the items of `old` that errored, and of no others; returns its id.

    Jobs as they read then, options and pack versions are those of `old`, so that the results of both are of one kind.
    Raises RefusedError: not_ended, nothing_errored or packs_missing.
    """
    if old.state != "ended":
        raise RefusedError("not_ended")
    _hold(session, old.pool_id)
    if not _errored_resumes(session, old):
        raise RefusedError("nothing_errored")
    _check_registered(session, old.packs)
    job_tokens = session.scalar(select(func.sum(Job.tokens)).where(Job.id.in_(old.job_ids)))
    items = {"pool_id": old.pool_id, "jobs": len(old.job_ids), "job_tokens": job_tokens or 0, "retry_of": old.id}
    id = _insert(session, items, {"options": dict(old.options), "packs": dict(old.packs), "format": old.format})
    columns = (ScreeningJob.tenant_id, ScreeningJob.job_id, ScreeningJob.position, ScreeningJob.job)
    same = select(literal(id), *columns).where(ScreeningJob.screening_id == old.id)
    session.execute(insert(ScreeningJob).from_select(["screening_id", *(column.key for column in columns)], same))
    return id


def named_jobs(session: Session, external_ids: Sequence[str]) -> list[UUID]:
    """Ids of the jobs of these external ids, in order. Raises RefusedError: jobs_not_found."""
    found = {
        row.external_id: row.id
        for row in session.execute(select(Job.external_id, Job.id).where(Job.external_id.in_(external_ids)))
    }
    if missing := [name for name in external_ids if name not in found]:
        raise RefusedError("jobs_not_found", missing)
    return [found[name] for name in external_ids]


def _job_tokens(session: Session, job_ids: Sequence[UUID]) -> int:
    tokens = {row.id: row.tokens for row in session.execute(select(Job.id, Job.tokens).where(Job.id.in_(job_ids)))}
    if missing := [str(id) for id in job_ids if id not in tokens]:
        raise RefusedError("jobs_not_found", missing)
    return sum(tokens.values())


def _check_pool(session: Session, pool_id: UUID, jobs: int) -> None:
    if not _hold(session, pool_id):
        raise RefusedError("pool_not_found")
    if session.scalar(select(exists().where(Upload.pool_id == pool_id, Upload.state == "parsing"))):
        raise RefusedError("pool_parsing")
    resumes = session.scalars(select(func.count()).select_from(Resume).where(Resume.pool_id == pool_id)).one()
    if resumes == 0:
        raise RefusedError("pool_empty")
    if resumes * jobs > MAX_ITEMS:
        raise RefusedError("too_many_items")


def _hold(session: Session, pool_id: UUID) -> bool:
    """Let nobody delete what is in the pool until this transaction ends; False when there is no such pool."""
    held = select(Pool.id).where(Pool.id == pool_id).with_for_update(read=True, key_share=True)
    return session.scalar(held) is not None


def _errored_resumes(session: Session, old: ScreeningView) -> bool:
    """Whether any of the resumes whose items errored is still there."""
    errored = select(Score.resume_id).where(Score.screening_id == old.id, Score.state == "errored")
    left = select(exists().where(Resume.pool_id == old.pool_id, Resume.id.in_(errored)))
    return bool(session.scalar(left))


def _versions(session: Session, *, reranked: bool) -> dict[str, str]:
    names = (*packs.SCORING, second_stage.PACK) if reranked else packs.SCORING
    versions = packs.pinned_versions(session, names)
    if missing := sorted(set(packs.SCORING) - set(versions)):
        raise RefusedError("packs_missing", missing)
    if reranked and second_stage.PACK not in versions:
        raise RefusedError("no_pair_model")
    return versions


def _check_registered(session: Session, versions: Mapping[str, str]) -> None:
    """What an older screening was scored with must still be there."""
    packs.pinned_versions(session)  # for its lock: nothing is deleted meanwhile
    known = {(row.name, row.version) for row in session.execute(select(Pack.name, Pack.version))}
    if missing := [name for name, version in versions.items() if (name, version) not in known]:
        raise RefusedError("packs_missing", missing)


def _insert(session: Session, items: Mapping[str, Any], settings: Mapping[str, Any]) -> UUID:
    id: UUID = session.scalars(select(func.uuidv7())).one()
    key = {"tenant_id": session.info["tenant"], "id": id, "budget": CHUNK_TOKENS}
    session.execute(_CREATE, {**key, **items, **settings})
    bell.ring(session)
    return id


def _freeze_jobs(session: Session, id: UUID, job_ids: Sequence[UUID]) -> None:
    columns = (
        Job.external_id, Job.title, Job.description, Job.education, Job.experience, Job.skills, Job.weights,
        Job.must_haves,
    )  # fmt: skip
    rows = {row.id: row for row in session.execute(select(Job.id, *columns).where(Job.id.in_(job_ids)))}
    frozen = [
        {
            "tenant_id": session.info["tenant"],
            "screening_id": id,
            "job_id": job_id,
            "position": position,
            "job": {column.key: getattr(rows[job_id], column.key) for column in columns},
        }
        for position, job_id in enumerate(job_ids)
    ]
    session.execute(insert(ScreeningJob), frozen)
