"""Who is calling: `Authorization: Bearer wnw_...`, looked up before any tenant is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Problem
from api.rates import spend
from api.requests import TENANT
from db.keys import KeyOwner, find_owner

Found = TypeVar("Found")

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="An API key, made by `python -m db.admin create-key --tenant NAME`.",
)


def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> KeyOwner:
    """The owner of the request's key, which this request is counted against. Raises Problem 401 or 429."""
    owner = find_owner(credentials.credentials) if credentials else None
    if owner is None:
        raise _unauthenticated()
    return _counted(request, owner)


Caller = Annotated[KeyOwner, Depends(authenticate)]
"""A route's parameter of this type makes it ask for a key: `caller.tenant_id`."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A caller whose key is looked up only with what is asked for: one thread and one statement do both."""

    request: Request
    key: str | None

    def ask(self, find: Callable[[str], tuple[KeyOwner, Found] | None]) -> Found:
        """What `find` gives for the key beside its owner, None when it opens nothing. Raises Problem 401 or 429."""
        found = find(self.key) if self.key else None
        if found is None:
            raise _unauthenticated()
        _counted(self.request, found[0])
        return found[1]


async def _holder(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Holder:
    return Holder(request, credentials.credentials if credentials else None)


KeyHolder = Annotated[Holder, Depends(_holder)]
"""A route's parameter of this type, for what is polled: nothing is known of the caller before `holder.ask`."""


def _counted(request: Request, owner: KeyOwner) -> KeyOwner:
    request.scope[TENANT] = owner.tenant_id
    spend(request.scope, owner.key_id, owner.rate_limit)
    return owner


def _unauthenticated() -> Problem:
    detail = "Send a valid API key as `Authorization: Bearer wnw_...`; `python -m db.admin create-key` makes one."
    return Problem(401, "unauthenticated", "API key needed", detail, {"WWW-Authenticate": "Bearer"})
