"""Addresses of packs on a model hub: `https://HOST/OWNER/REPO/resolve/REVISION/FOLDER`, read strictly.

Of a hub's two forms, `/resolve/` answers with files and `/blob/` with pages for people. Over plain http only this
machine and hosts that the operator trusts are asked.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from scoring.packs import PackError

MANIFEST = "manifest.json"
COMMIT = re.compile(r"[0-9a-f]{40}")
REDIRECT_HOSTS = ("huggingface.co", "hf.co")
"""The hub of Hugging Face answers with redirects to storage at these hosts and those under them."""


class HubError(PackError):
    """A pack cannot be fetched; the message says why, and where that helps, what to do."""


@dataclass(frozen=True, slots=True)
class HubAddress:
    """The folder of one pack at one revision. `url` is percent-encoded and ends with a slash."""

    url: str
    revision: str

    @property
    def fixed(self) -> bool:
        """Whether the revision is a commit, so that the hub answers the same for ever; a branch moves."""
        return COMMIT.fullmatch(self.revision) is not None

    def file(self, name: str) -> str:
        """The address of one file in the folder; spaces and the like are encoded."""
        return self.url + quote(name, safe="")


def read_address(text: str, trusted: frozenset[str] = frozenset()) -> HubAddress:
    """Read the address of a pack's folder, or of the manifest in it; spaces may stand as they are. Raises HubError."""
    parts = urlsplit(text.strip())
    _check_host(parts, trusted)
    if parts.query or parts.fragment:
        raise HubError(f"{text} has a query or a fragment: name the folder alone")
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    if any(segment in (".", "..") for segment in segments):
        raise HubError(f"{text} goes up or stays where it is: write the path without dots")
    if segments and segments[-1] == MANIFEST:
        segments.pop()
    place = _place_of_resolve(text, segments)
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
    return HubAddress(f"{parts.scheme}://{parts.netloc}{path}/", segments[place + 1])


def redirected(origin: str, current: str, location: str, trusted: frozenset[str]) -> str:
    """Where a redirect leads, checked: to the first host, a trusted one or the hub's storage, and never from https to
    http. Raises HubError."""
    target = urljoin(current, location)
    parts, first = urlsplit(target), urlsplit(origin)
    host = parts.hostname or ""
    storage = any(host == known or host.endswith(f".{known}") for known in REDIRECT_HOSTS)
    if host != first.hostname and host not in trusted and not storage:
        raise HubError(f"{first.hostname} redirects to {host}, which is not trusted: see WINNOW_HUB_HOSTS")
    if first.scheme == "https" and parts.scheme != "https":
        raise HubError(f"{first.hostname} redirects from https to {parts.scheme}")
    _check_host(parts, trusted)
    return target


def _check_host(parts: SplitResult, trusted: frozenset[str]) -> None:
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise HubError("a pack's address begins with https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise HubError("a pack's address holds no user name or password")
    if parts.scheme == "http" and host not in trusted and not _is_this_machine(host):
        raise HubError(f"{host} is asked over https only, unless WINNOW_HUB_HOSTS names it")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _place_of_resolve(text: str, segments: list[str]) -> int:
    for page in ("blob", "tree"):
        if page in segments and "resolve" not in segments:
            right = text.replace(f"/{page}/", "/resolve/", 1)
            raise HubError(f"/{page}/ is the page for people; files are at /resolve/: {right}")
    if "resolve" not in segments[:-1]:
        raise HubError(f"{text} holds no /resolve/REVISION/: https://HOST/OWNER/REPO/resolve/COMMIT/FOLDER")
    return segments.index("resolve")
