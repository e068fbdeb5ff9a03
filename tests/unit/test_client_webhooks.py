"""Webhooks are believed only when they were signed with the endpoint's secret."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from client import WinnowError, verify_webhook

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
BODY = b'{"type":"screening.ended","timestamp":"2026-01-01T00:00:00+00:00","data":{"screening_id":"1"}}'


def _signed(body: bytes, when: datetime) -> dict[str, str]:
    signature = Webhook(SECRET).sign("msg_1", when, body.decode())
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(when.timestamp())),
        "Webhook-Signature": signature,
    }


def test_a_signed_event_is_read() -> None:
    event = verify_webhook(BODY, _signed(BODY, datetime.now(UTC)), SECRET)
    assert (event.type, event.data) == ("screening.ended", {"screening_id": "1"})


def test_a_changed_old_unsigned_or_foreign_one_is_refused() -> None:
    now = datetime.now(UTC)
    other = "whsec_" + base64.b64encode(b"another secret of sufficient length").decode()
    cases = [
        (BODY.replace(b'"1"', b'"2"'), _signed(BODY, now), SECRET),
        (BODY, _signed(BODY, now - timedelta(minutes=6)), SECRET),
        (BODY, {}, SECRET),
        (BODY, {**_signed(BODY, now), "Webhook-Signature": "nonsense"}, SECRET),
        (b"\xff", _signed(BODY, now), SECRET),
        (BODY, _signed(BODY, now), other),
    ]
    for body, headers, secret in cases:
        with pytest.raises(WinnowError) as caught:
            verify_webhook(body, headers, secret)
        assert caught.value.code == "bad_signature"
