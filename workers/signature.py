"""Signatures of webhooks as Standard Webhooks 1.0 defines them (github.com/standard-webhooks, spec, "Verifying")."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"


def headers(message_id: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers of a message. Every secret signs, so a receiver that knows any one of them can verify.

    `timestamp` is Unix time in seconds; a secret is `whsec_` and the base64 of its bytes.
    """
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_sign(message_id, timestamp, body, secret) for secret in secrets),
    }


def _sign(message_id: str, timestamp: int, body: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()
