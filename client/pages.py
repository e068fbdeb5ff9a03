"""Listings, page by page, as one iterator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from client.errors import WinnowError
from client.transport import Query, Transport, adapter

T = TypeVar("T")


def pages(transport: Transport, path: str, member: str, item: type[T], query: Query | None = None) -> Iterator[T]:
    """Every item of a listing; the next page is asked for when the one before is used up. Raises WinnowError.

    `member` names the page's list; `next_cursor` stands beside it until the last page.
    """
    asked = dict(query or {})
    while True:
        page = transport.get(dict[str, Any], path, asked)
        try:
            yield from adapter(tuple[item, ...]).validate_python(page[member])  # type: ignore[valid-type]
        except (KeyError, ValueError) as error:
            raise WinnowError("unexpected_answer", f"{path} sent a page that this client does not know") from error
        if not page.get("next_cursor"):
            return
        asked["cursor"] = page["next_cursor"]
