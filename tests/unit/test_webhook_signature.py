"""What we sign, the reference library of Standard Webhooks verifies."""

from __future__ import annotations

import base64
import time

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from db import secrets
from db.settings import SettingsError
from workers.signature import headers


@given(body=st.text(), message_id=st.uuids().map(str))
def test_every_message_verifies(body: str, message_id: str) -> None:
    secret = secrets.generate()
    signed = headers(message_id, int(time.time()), body.encode(), [secret])
    Webhook(secret).verify(body.encode(), signed, json_parse=False)


def test_while_a_secret_is_replaced_either_verifies_and_no_third() -> None:
    old, new = secrets.generate(), secrets.generate()
    signed = headers("m", int(time.time()), b"{}", [new, old])
    for secret in (old, new):
        Webhook(secret).verify(b"{}", signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets.generate()).verify(b"{}", signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(b"{ }", signed)


def test_secrets_are_of_the_length_that_the_standard_asks_for() -> None:
    made = {secrets.generate() for _ in range(20)}
    assert len(made) == 20
    for secret in made:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64


def test_secrets_survive_a_change_of_the_deployments_key(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("WINNOW_SECRET_KEY", first)
    kept = secrets.encrypt(b"whsec_x")
    assert b"whsec_x" not in kept
    monkeypatch.setenv("WINNOW_SECRET_KEY", f"{second},{first}")
    assert secrets.decrypt(kept) == b"whsec_x"
    renewed = secrets.encrypt(b"whsec_x")
    monkeypatch.setenv("WINNOW_SECRET_KEY", second)
    assert secrets.decrypt(renewed) == b"whsec_x"
    with pytest.raises(secrets.UndecryptableError, match="keep the old one"):
        secrets.decrypt(kept)


@pytest.mark.parametrize("keys", ["", "short", "a,b"])
def test_a_missing_or_broken_key_says_how_to_make_one(keys: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_SECRET_KEY", keys)
    with pytest.raises(SettingsError, match="generate_key"):
        secrets.encrypt(b"x")
