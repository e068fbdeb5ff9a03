"""Who is calling: `Authorization: Bearer wnw_...`, looked up before any tenant is known."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Problem
from api.rates import spend
from api.requests import TENANT
from db.keys import KeyOwner, find_owner

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="An API key, made by `python -m db.admin create-key --tenant NAME`.",
)


def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> KeyOwner:
    """The owner of the request's key, which this request is counted against. Raises Problem 401 or 429."""
    if credentials is not None:
        owner = find_owner(credentials.credentials)
        if owner is not None:
            request.scope[TENANT] = owner.tenant_id
            spend(request.scope, owner.key_id, owner.rate_limit)
            return owner
    detail = "Send a valid API key as `Authorization: Bearer wnw_...`; `python -m db.admin create-key` makes one."
    raise Problem(401, "unauthenticated", "API key needed", detail, {"WWW-Authenticate": "Bearer"})


Caller = Annotated[KeyOwner, Depends(authenticate)]
"""A route's parameter of this type makes it ask for a key: `caller.tenant_id`."""
