"""The Python client of Winnow, and the `winnow` command; imports nothing of the server."""

from client.client import Winnow
from client.errors import WinnowError
from client.webhooks import verify_webhook

__all__ = ["Winnow", "WinnowError", "verify_webhook"]
