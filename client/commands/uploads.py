"""`winnow uploads`: what became of what was sent."""

from __future__ import annotations

from typing import Annotated

import typer

from client.answers import Upload, UploadRow
from client.commands.progress import silent_or_bars
from client.commands.talk import Columns, Talk, command

app = typer.Typer(help="What became of uploaded rows and files.", no_args_is_help=True)
UploadId = Annotated[str, typer.Argument(metavar="UPLOAD_ID")]
Outcome = Annotated[str | None, typer.Option(help="Only accepted, duplicate, rejected or pending ones.")]

_ROWS: Columns[UploadRow] = {
    "number": lambda row: row.number,
    "kind": lambda row: row.kind,
    "source": lambda row: row.source,
    "external id": lambda row: row.external_id,
    "outcome": lambda row: row.outcome,
    "why": lambda row: row.reason,
}


@command(app, "show")
def show(talk: Talk, upload_id: UploadId) -> None:
    """Show one upload as it stands."""
    _tell(talk, talk.client.uploads.get(upload_id))


@command(app, "wait")
def wait(talk: Talk, upload_id: UploadId) -> None:
    """Wait until every document of it was read."""
    with silent_or_bars(talk) as hear:

        def tell(upload: Upload) -> None:
            hear("Reading", upload.counts.total - upload.counts.pending, upload.counts.total)

        upload = talk.client.uploads.wait(upload_id, tell)
    _tell(talk, upload)


@command(app, "rows")
def rows(talk: Talk, upload_id: UploadId, outcome: Outcome = None) -> None:
    """List the outcome of every row."""
    talk.many(talk.client.uploads.rows(upload_id, outcome), _ROWS)


def _tell(talk: Talk, upload: Upload) -> None:
    counts = upload.counts
    outcomes = {"accepted": counts.accepted, "duplicate": counts.duplicate, "rejected": counts.rejected}
    talk.one(upload, id=upload.id, state=upload.state, total=counts.total, **outcomes, pending=counts.pending)
