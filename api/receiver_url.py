"""What a webhook's URL may look like. Where its host's addresses lie is checked later, at every connection."""

import re
from typing import Annotated

import httpx
from pydantic import AfterValidator, Field

_HOST = re.compile(r"[0-9A-Za-z._-]+|[0-9A-Fa-f:.]+")
_WEB_PORTS = (80, 443)
_FIRST_USER_PORT = 1024


def check(url: str) -> str:
    """The URL as it will be used, its host in ASCII. Raises ValueError that says what to change."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"is no URL: {error}") from error
    if parsed.scheme not in ("http", "https"):
        raise ValueError("must begin with https:// (or http://)")
    if not _HOST.fullmatch(parsed.raw_host.decode("ascii")):
        raise ValueError("must name a host")
    if parsed.userinfo:
        raise ValueError("must hold no user name or password: verify the signature instead")
    if parsed.fragment:
        raise ValueError("must hold no #fragment: it is never sent")
    if parsed.port is not None and parsed.port not in (*_WEB_PORTS, *range(_FIRST_USER_PORT, 65536)):
        raise ValueError("must use port 80, 443, or one from 1024 to 65535")
    return str(parsed)


ReceiverUrl = Annotated[
    str,
    Field(max_length=2000, description="http or https; must answer 2xx within 15 s, without a redirect."),
    AfterValidator(check),
]
