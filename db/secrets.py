"""The deployment's own secret key, and what it protects: webhook secrets at rest, and whatever else is encrypted."""

import base64
import hmac
import os
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from db.settings import SettingsError

PREFIX = "whsec_"  # Standard Webhooks 1.0, "Signature scheme": the prefix, then base64 of 24 to 64 random bytes
LENGTH = 32  # bytes; as long as what HMAC-SHA256 puts out

VARIABLE = "WINNOW_SECRET_KEY"


class UndecryptableError(Exception):
    """None of the deployment's keys decrypts this secret."""


def generate() -> str:
    """A new signing secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()


def encrypt(plain: bytes) -> bytes:
    """Encrypt with the first key of WINNOW_SECRET_KEY. Raises SettingsError."""
    return _fernet().encrypt(plain)


def decrypt(token: bytes) -> bytes:
    """Decrypt with whichever key of WINNOW_SECRET_KEY made it. Raises UndecryptableError, SettingsError."""
    try:
        return _fernet().decrypt(token)
    except InvalidToken as error:
        message = f"No key in {VARIABLE} decrypts this. After a change of key keep the old one too, behind a comma."
        raise UndecryptableError(message) from error


def fingerprint(plain: bytes) -> str:
    """HMAC-SHA256 in hex, keyed with the newest key: equal for equal bytes, and telling nobody else what they are.

    Raises SettingsError.
    """
    _fernet()
    key = os.environ[VARIABLE].split(",")[0].strip()
    return hmac.new(base64.urlsafe_b64decode(key), plain, "sha256").hexdigest()


def _fernet() -> MultiFernet:
    return _read(os.environ.get(VARIABLE, ""))


@lru_cache(maxsize=1)
def _read(keys: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
    except ValueError as error:
        advice = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        message = f"Set {VARIABLE} to one or more keys of 32 bytes in base64url, the newest first; make one: {advice}"
        raise SettingsError(message) from error
