"""Checking that a webhook came from Winnow, by Standard Webhooks 1.0 (https://www.standardwebhooks.com)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from client.errors import WinnowError
from client.transport import adapter


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, such as `screening.ended`; `data` names the screening, upload or result."""

    type: str
    timestamp: datetime
    data: dict[str, Any]


def verify_webhook(body: bytes, headers: Mapping[str, str], secret: str) -> Event:
    """The event in `body`, which must be the bytes as they came. `secret` is the endpoint's, `whsec_...`.

    Raises WinnowError with code `bad_signature` when it was not signed with the secret, was changed on its way, or is
    older than five minutes. The same event may come twice: act once on each `webhook-id`.
    """
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
        return adapter(Event).validate_json(body)
    except (WebhookVerificationError, ValueError, RuntimeError) as error:
        raise WinnowError(
            "bad_signature", "Not a webhook of this endpoint", f"Answer 400 and ignore it ({error})."
        ) from error
