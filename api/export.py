"""The whole of a screening's results as one stream of NDJSON or CSV.

A line is put together from pieces of JSON, as values that are read and written again would cost most of an export.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

import db.export
from api.ahead import ahead
from api.auth import Caller
from api.explanations import explained
from api.notice import NOTICE
from api.problems import Problem
from api.results import ResultBody, find_screening
from api.screenings import POLL_SECONDS
from db.engine import app_session, wait_for_client
from db.screenings import ScreeningView

router = APIRouter(prefix="/v1/screenings/{screening_id}", tags=["results"])

BLOCK = 256 * 1024
"""Characters sent at once: a line by itself would cost a change of threads."""
PORTIONS = 4
"""Portions of rows that wait at most: Postgres makes the next ones while lines are put together."""
TOLD = ("screening_id", "packs", "format", "notice")
"""What stands in every line beside the result."""


def _ndjson(lines: Iterable[str]) -> Iterator[str]:
    block, size = [], 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield "".join(block)
            block, size = [], 0
    yield "".join(block)


def _csv(lines: Iterable[str]) -> Iterator[str]:
    block = io.StringIO()
    writer = csv.DictWriter(block, [*ResultBody.model_fields, *TOLD])
    writer.writeheader()
    for line in lines:
        writer.writerow({name: _cell(value) for name, value in orjson.loads(line).items()})
        if block.tell() >= BLOCK:
            yield block.getvalue()
            block.seek(0)
            block.truncate()
    yield block.getvalue()


def _cell(value: object) -> object:
    """A value as a cell. A spreadsheet runs what begins like a formula, so text that does gets an apostrophe."""
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return "'" + value
    return value


_FORMATS: dict[str, tuple[str, Callable[[Iterable[str]], Iterator[str]]]] = {
    "ndjson": ("application/x-ndjson", _ndjson),
    "csv": ("text/csv; charset=utf-8", _csv),
}


@router.get(
    "/export",
    summary="Every result in one stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}, "text/csv": {}}, "description": "A line an item."}},
)
def export(
    screening_id: UUID, caller: Caller, format: Annotated[Literal["ndjson", "csv"], Query()] = "ndjson"
) -> StreamingResponse:
    """One line an item in rank order, items that errored or were canceled among them, so always `total` lines.

    Only a screening that has ended can be exported (409 before): a file never holds a part without saying so.
    """
    view = find_screening(caller, screening_id)
    if view.state != "ended":
        detail = "An export holds every item, so it waits for the end. Page through GET .../results meanwhile."
        raise Problem(409, "not_ended", "Screening not ended", detail, {"Retry-After": POLL_SECONDS}, state=view.state)
    media_type, write = _FORMATS[format]
    name = f'attachment; filename="screening-{screening_id}.{format}"'
    lines = _lines(caller.tenant_id, view)
    return StreamingResponse(write(lines), media_type=media_type, headers={"Content-Disposition": name})


def _lines(tenant_id: UUID, view: ScreeningView) -> Iterator[str]:
    """A JSON object and a line end of each result."""
    told = {"screening_id": view.id, "packs": dict(view.packs), "format": view.format, "notice": NOTICE}
    beside = _members({"threshold": view.options.get("threshold"), **told})
    unexplained = _members(explained(None))
    with app_session(tenant_id) as session:
        wait_for_client(session)
        portions = db.export.results(session, view.id, view.replaced, two_stages=view.two_stages)
        with ahead(portions, PORTIONS) as read:
            for stored, packed in chain.from_iterable(read):
                why = unexplained if packed is None else _members(explained(orjson.loads(packed)))
                yield f"{stored[:-1]},{why},{beside}}}\n"


def _members(values: dict[str, Any]) -> str:
    """Members of a JSON object without its braces."""
    return orjson.dumps(values).decode()[1:-1]
