"""The demo's receiver keeps signed events, each once, and refuses everything else."""

from __future__ import annotations

import base64
import json
import queue
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from local.receiver import Receiver

SECRET = "whsec_" + base64.b64encode(b"a secret of 32 bytes for a test!").decode()


def send(receiver: Receiver, identity: str, kind: str, secret: str = SECRET) -> int:
    now = datetime.now(UTC)
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": {"screening_id": "1"}})
    signature = Webhook(secret).sign(identity, now, body)
    headers = {"webhook-id": identity, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return httpx.post(receiver.url, content=body, headers=headers, trust_env=False).status_code


def test_a_signed_event_is_kept_once_and_others_are_passed_over() -> None:
    with Receiver() as receiver:
        receiver.secret = SECRET
        assert send(receiver, "msg_1", "screening.started") == 204
        assert send(receiver, "msg_2", "screening.ended") == 204
        assert send(receiver, "msg_2", "screening.ended") == 204
        assert receiver.wait_for("screening.ended", 5).data == {"screening_id": "1"}
        with pytest.raises(queue.Empty):
            receiver.wait_for("screening.ended", 0.1)


def test_an_event_signed_with_another_secret_is_refused() -> None:
    with Receiver() as receiver:
        receiver.secret = SECRET
        assert send(receiver, "msg_1", "screening.ended", SECRET.replace("I", "J")) == 400
        assert httpx.post(receiver.url, content=b"{}", trust_env=False).status_code == 400
        assert receiver.refused == 2
