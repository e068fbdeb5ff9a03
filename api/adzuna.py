"""Live postings from Adzuna's public search (https://developer.adzuna.com/docs/search).

What is sent: the account's id and key, a country, a page, and the words of a query. A resume is never sent. The
account's limit of calls a minute is kept by a token bucket that all processes share.
"""

import logging
import random
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import httpx
from pydantic import BaseModel, BeforeValidator, ValidationError

from api.buckets import take
from api.problems import Problem
from api.settings import Adzuna

Country = Literal[
    "at", "au", "be", "br", "ca", "ch", "de", "es", "fr", "gb", "in", "it", "mx", "nl", "nz", "pl", "sg", "us", "za"
]  # fmt: skip
MOST_A_PAGE = 50
TRIES = 3
BACK_OFF_SECONDS = 0.5
"""Before the second try; doubled before the third, each with jitter."""
TIMEOUT = httpx.Timeout(5.0, connect=3.0)
LONGEST_SECONDS = 10.0
"""Of a whole answer, as the time-outs above begin anew with every piece of it."""
LARGEST_ANSWER = 2**20
"""Bytes: a page of fifty is about a tenth of that."""
ATTRIBUTION = "Jobs by Adzuna (https://www.adzuna.com)"
LATER = "60"

_TAG = re.compile(r"</?\w+>")
_waiting = threading.BoundedSemaphore(4)
"""Calls of Adzuna at once: each holds a thread while it waits for somebody else's server."""

logger = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log addresses, which hold the key and the query


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: `what` must all be found, or any of `what_or`; `where` is a place."""

    country: str
    page: int
    limit: int
    what: str = ""
    what_or: str = ""
    where: str = ""

    def parameters(self) -> dict[str, str]:
        """As Adzuna spells it."""
        words = {"what": self.what, "what_or": self.what_or, "where": self.where}
        return {"results_per_page": str(self.limit), **{name: value for name, value in words.items() if value}}


def _clean(value: object) -> object:
    """Without the tags that mark what was searched for."""
    return _TAG.sub("", value) if isinstance(value, str) else ("" if value is None else value)


Words = Annotated[str, BeforeValidator(_clean)]


def _link(value: object) -> object:
    """A link that a browser may be led to, or none: what leads elsewhere (`javascript:`) is left out."""
    return value if isinstance(value, str) and value.lower().startswith(("https://", "http://")) else ""


class _Named(BaseModel):
    display_name: Words = ""


class _Job(BaseModel):
    id: Annotated[str, BeforeValidator(str)]
    title: Words = ""
    description: Words = ""
    redirect_url: Annotated[str, BeforeValidator(_link)] = ""
    company: _Named = _Named()
    location: _Named = _Named()

    def listing(self) -> dict[str, str]:
        """As the interactive worker takes it."""
        return {
            "id": self.id, "title": self.title, "text": self.description, "url": self.redirect_url,
            "company": self.company.display_name, "location": self.location.display_name,
        }  # fmt: skip


class _Results(BaseModel):
    count: int = 0
    results: list[_Job] = []


@dataclass(frozen=True, slots=True)
class _Answer:
    """A whole answer, read."""

    status: int
    retry_after: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A page of listings as the interactive worker takes them, and how many there are in all."""

    listings: Sequence[Mapping[str, str]]
    count: int


def search(account: Adzuna, query: Query) -> Found:
    """One page of results. Raises Problem 503 with what to do."""
    if not _waiting.acquire(blocking=False):
        raise _away("Too many calls of Adzuna are waiting.", "2")
    try:
        return _read(_answer(account, query), query.limit)
    finally:
        _waiting.release()


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    return httpx.Client(
        timeout=TIMEOUT, headers={"Accept": "application/json", "Accept-Encoding": "identity"}, follow_redirects=False
    )


def _answer(account: Adzuna, query: Query) -> _Answer:
    """The first good answer of up to three tries, waiting longer before each. Raises Problem."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(BACK_OFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))
        _spend(account)
        answer = _ask(account, query)
        if answer is not None and answer.status == 200:
            return answer
        if answer is not None and answer.status < 500:
            raise _refused(answer)
    raise _away("Adzuna does not answer.", "30")


def _ask(account: Adzuna, query: Query) -> _Answer | None:
    """One try; None when there was no whole answer. Raises Problem for one that is too large."""
    address = f"{account.url}/jobs/{query.country}/search/{query.page}"
    asked = {"app_id": account.app_id, "app_key": account.app_key, **query.parameters()}
    try:
        with _client().stream("GET", address, params=asked) as response:
            answer = _Answer(response.status_code, response.headers.get("Retry-After", ""), _content(response))
    except httpx.HTTPError as error:
        logger.warning("adzuna does not answer error=%s", type(error).__name__)
        return None
    if answer.status != 200:
        logger.warning("adzuna does not answer status=%d", answer.status)
    return answer


def _content(response: httpx.Response) -> bytes:
    """The body. Raises httpx.ReadTimeout when it takes too long as a whole, and Problem when it is too large."""
    until, content = time.monotonic() + LONGEST_SECONDS, bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise _away("Adzuna's answer is larger than any it should give.", LATER)
        if time.monotonic() > until:
            raise httpx.ReadTimeout(f"no whole answer within {LONGEST_SECONDS:.0f} s")
    return bytes(content)


def _refused(answer: _Answer) -> Problem:
    """What trying again at once would not mend."""
    if answer.status == 429:
        seconds = answer.retry_after
        return _away("Adzuna's limit of calls is used up.", seconds if seconds.isdecimal() else LATER)
    return _away("Adzuna refuses this deployment's account or this query; its operator should look at it.", LATER)


def _spend(account: Adzuna) -> None:
    """Take a token: a fifth of the minute's calls at once, the rest at a steady rate, so no minute has more."""
    burst = max(1, account.per_minute // 5)
    taken = take(f"adzuna:{account.app_id}", max(1, account.per_minute - burst), burst)
    if taken is not None and not taken.granted:
        raise _away(f"This deployment may call Adzuna {account.per_minute} times a minute.", str(taken.next_seconds))


def _read(answer: _Answer, most: int) -> Found:
    try:
        results = _Results.model_validate_json(answer.content)
    except ValidationError as error:
        raise _away("Adzuna answers in a form that is not known.", LATER) from error
    return Found([job.listing() for job in results.results[:most]], results.count)


def _away(reason: str, seconds: str) -> Problem:
    detail = f"{reason} Try again later; other sources of recommendations are not affected."
    return Problem(503, "adzuna_unavailable", "Adzuna unavailable", detail, {"Retry-After": seconds})


def not_configured() -> Problem:
    """503: the operator has given no account."""
    detail = (
        "This deployment has no account of Adzuna. Its operator makes one at https://developer.adzuna.com and sets"
        " ADZUNA_APP_ID and ADZUNA_APP_KEY for the API; meanwhile use another source."
    )
    return Problem(503, "adzuna_not_configured", "Adzuna not configured", detail)
