"""`winnow pools`: named sets of resumes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from client.answers import Pool, Resume
from client.bulk import put_resumes
from client.commands.progress import silent_or_bars
from client.commands.ranking import show_rejected
from client.commands.talk import Columns, Talk, command
from client.sources import read_source

app = typer.Typer(help="Named sets of resumes.", no_args_is_help=True)
PoolId = Annotated[str, typer.Argument(metavar="POOL_ID")]
Limit = Annotated[int, typer.Option(min=1, help="How many to show.")]

_POOLS: Columns[Pool] = {
    "id": lambda pool: pool.id,
    "name": lambda pool: pool.name,
    "resumes": lambda pool: pool.resumes,
    "created": lambda pool: pool.created_at,
}
_RESUMES: Columns[Resume] = {
    "id": lambda resume: resume.id,
    "external id": lambda resume: resume.external_id,
    "name": lambda resume: resume.name,
}


@command(app, "list")
def pools(talk: Talk) -> None:
    """List all pools."""
    talk.many(talk.client.pools.list(), _POOLS)


@command(app, "create")
def create(talk: Talk, name: Annotated[str, typer.Argument()]) -> None:
    """Make a pool; a name that exists gives that pool."""
    pool = talk.client.pools.create(name)
    talk.one(pool, id=pool.id, name=pool.name)


@command(app, "show")
def show(talk: Talk, pool_id: PoolId) -> None:
    """Show one pool with its counts."""
    pool = talk.client.pools.get(pool_id)
    counts = {"resumes": pool.resumes, "uploads_still_being_read": pool.parsing}
    talk.one(pool, id=pool.id, name=pool.name, created=pool.created_at, **counts)


@command(app, "resumes")
def resumes(talk: Talk, pool_id: PoolId, limit: Limit = 100) -> None:
    """List a pool's resumes."""
    talk.many(islice(talk.client.pools.resumes(pool_id), limit), _RESUMES)


@command(app, "resume")
def resume(talk: Talk, resume_id: Annotated[str, typer.Argument(metavar="RESUME_ID")]) -> None:
    """Show one resume with the text that is scored."""
    found = talk.client.pools.resume(resume_id)
    talk.one(found, id=found.id, external_id=found.external_id, name=found.name, text=found.text)


@command(app, "delete")
def delete(talk: Talk, pool_id: PoolId) -> None:
    """Delete a pool with its resumes, uploads and screenings; refused while it is being screened."""
    talk.client.pools.delete(pool_id)
    talk.one({"deleted": pool_id}, deleted=pool_id)


@command(app, "delete-resume")
def delete_resume(talk: Talk, resume_id: Annotated[str, typer.Argument(metavar="RESUME_ID")]) -> None:
    """Delete a resume and what was found out about it; its scores stay, under nobody's name."""
    talk.client.pools.delete_resume(resume_id)
    talk.one({"deleted": resume_id}, deleted=resume_id)


@command(app, "upload")
def upload(talk: Talk, pool_id: PoolId, path: Annotated[Path, typer.Argument(help="As for `winnow screen`.")]) -> None:
    """Put resumes into a pool and wait until all are read."""
    with silent_or_bars(talk) as hear:
        intake = put_resumes(talk.client, pool_id, read_source(path), hear)
    show_rejected(talk.aside, [] if talk.as_json else intake.rejected)
    counts = {"resumes": intake.resumes, "duplicates": intake.duplicates, "rejected": len(intake.rejected)}
    talk.one(intake, **counts, jobs=len(intake.job_ids))
