"""What is counted of the life of rows, for Prometheus: once the transaction that did it is committed, never before."""

from prometheus_client import Counter
from sqlalchemy import Boolean, Label, event, literal_column
from sqlalchemy.orm import Session

ITEMS_ENDED = Counter("winnow_items_ended_total", "Items of screenings that ended, by how", ["state"])
UPLOAD_ROWS = Counter("winnow_upload_rows_total", "Rows of uploads that were given an outcome", ["outcome"])
LEASES_EXPIRED = Counter(
    "winnow_leases_expired_total", "Work taken over because whoever held it did not end it in time", ["kind"]
)
CHUNKS_SPLIT = Counter("winnow_chunks_split_total", "Chunks broken up because scoring them failed or never came back")

# A series that begins with its first event would hide that event from increase().
for _state in ("scored", "errored", "canceled"):
    ITEMS_ENDED.labels(_state)
for _outcome in ("accepted", "duplicate", "rejected", "pending"):
    UPLOAD_ROWS.labels(_outcome)
for _kind in ("chunk", "document", "delivery", "passages"):
    LEASES_EXPIRED.labels(_kind)

WAS_LEASED: Label[bool] = literal_column("old.state = 'leased'", Boolean()).label("was_leased")
"""For RETURNING of an UPDATE that claims: whether somebody held the row, whose lease had run out."""


def count(session: Session, counter: Counter, by: int = 1) -> None:
    """Count what this transaction did, when it commits."""
    if by > 0:
        event.listen(session, "after_commit", lambda _: counter.inc(by), once=True)
