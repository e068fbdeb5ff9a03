"""The secrets of a local deployment: made at its first start, kept in one file that only its owner may read."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path


def _password() -> str:
    return secrets.token_urlsafe(24)


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Passwords of the three database roles, and the key (32 bytes, base64url) that encrypts webhook secrets."""

    owner: str = field(default_factory=_password, repr=False)
    app: str = field(default_factory=_password, repr=False)
    system: str = field(default_factory=_password, repr=False)
    secret_key: str = field(default_factory=_key, repr=False)

    @classmethod
    def kept_in(cls, path: Path) -> Credentials:
        """Read them from `path`, or make them and write them there."""
        if path.exists():
            return cls(**json.loads(path.read_text()))
        made = cls()
        write_private(path, json.dumps(asdict(made)))
        return made


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, complete or not at all."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_text(text)
    partial.rename(path)
