"""Jobs for a resume, ranked by how similar they are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workers.calls.profile import read
from workers.listings import Page, rank
from workers.sources import SOURCES, Reader

if TYPE_CHECKING:
    from scoring.pipeline import Pipeline


def recommend(
    pipeline: "Pipeline",
    source: str,
    resume: Mapping[str, Any],
    packs: Mapping[str, str],
    page: int,
    limit: int,
    **wanted: Any,
) -> dict[str, Any]:
    """A page of `recommendations`, how many were `considered` of how many in `total`, and the `attribution`.

    `source` is one of SOURCES; `wanted` is what that one needs beside. Raises Unanswerable.
    """
    reader, text = Reader.of(pipeline, packs), read(resume).text
    found = SOURCES[source](reader, packs, **wanted)
    vector = reader.embedder.embed([text])[0]
    ranked = rank(vector, reader.skills(text), found.listings, found.vectors, Page(page, limit))
    return {
        "recommendations": ranked,
        "considered": len(found.listings),
        "total": found.total,
        "attribution": found.attribution,
    }
