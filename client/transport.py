"""HTTP with patience: one connection pool, retries, idempotency keys, problems as exceptions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import httpx
from pydantic import TypeAdapter

from client.bodies import Body
from client.connection import Connection
from client.errors import WinnowError
from client.retries import Retries

T = TypeVar("T")
Query = Mapping[str, Any]
_UPLOAD_SECONDS = 900.0
"""An upload is answered when all its rows are kept, which takes minutes for a million."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _nothing(sent: int) -> None:
    """Nobody wants to hear of progress."""


class Transport:
    """Sends requests to one server. Safe to share between threads, as httpx.Client is."""

    def __init__(self, connection: Connection, retries: Retries, timeout: float) -> None:
        self.connection = connection
        self.retries = retries
        try:
            base = httpx.URL(connection.url)
        except httpx.InvalidURL as error:
            raise WinnowError("bad_url", f"{connection.url} is no address of a server", str(error)) from error
        self._http = httpx.Client(
            base_url=base,
            timeout=timeout,
            headers={"Authorization": f"Bearer {connection.api_key}"},
            trust_env=base.host not in _LOOPBACK,  # no proxy reaches this machine's loopback
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def get(self, answer: type[T], path: str, query: Query | None = None) -> T:
        """GET one answer; raises WinnowError."""
        return _decode(answer, self.send("GET", path, {"params": _given(query or {})}))

    def post(self, answer: type[T], path: str, content: Mapping[str, Any] | None = None, key: str | None = None) -> T:
        """POST JSON under an idempotency key, made here unless given; raises WinnowError."""
        arguments = {"json": content} if content is not None else {}
        return _decode(answer, self.send("POST", path, arguments | {"headers": _idempotent(key)}))

    def patch(self, answer: type[T], path: str, content: Mapping[str, Any]) -> T:
        """PATCH with JSON; raises WinnowError."""
        return _decode(answer, self.send("PATCH", path, {"json": content}))

    def delete(self, path: str) -> None:
        """DELETE; raises WinnowError."""
        self.send("DELETE", path, {})

    def upload(
        self,
        answer: type[T],
        path: str,
        body: Body,
        key: str | None = None,
        on_sent: Callable[[int], None] = _nothing,
    ) -> T:
        """POST a body of any form; raises WinnowError. Bytes sent again by a retry are told again."""
        headers = _idempotent(key)
        patient = self._http.timeout.as_dict() | {"read": _UPLOAD_SECONDS}

        def arguments() -> dict[str, Any]:
            made = body.arguments(headers["Idempotency-Key"], on_sent)
            return made | {"headers": made["headers"] | headers, "timeout": httpx.Timeout(**patient)}

        return _decode(answer, self._patiently(lambda: self._http.request("POST", path, **arguments())))

    def send(self, method: str, path: str, arguments: Mapping[str, Any]) -> httpx.Response:
        """One request, tried again as `retries` says; raises WinnowError for any answer that is no success."""
        return self._patiently(lambda: self._http.request(method, path, **arguments))

    @contextmanager
    def stream(self, path: str, query: Query) -> Iterator[httpx.Response]:
        """An answer whose body is read as it comes; only its beginning is tried again. Raises WinnowError."""

        def begin() -> httpx.Response:
            response = self._http.send(self._http.build_request("GET", path, params=_given(query)), stream=True)
            if response.is_error:
                response.read()
            return response

        response = self._patiently(begin)
        try:
            yield response
        except httpx.TransportError as error:
            raise WinnowError("interrupted", "The answer broke off", f"Ask again ({error}).") from error
        finally:
            response.close()

    def _patiently(self, attempt: Callable[[], httpx.Response]) -> httpx.Response:
        for number in range(1, self.retries.attempts + 1):
            last = number == self.retries.attempts
            try:
                response = attempt()
            except httpx.TransportError as error:
                if last or not _may_pass(error):
                    raise self._unreachable(error) from error
                time.sleep(self.retries.delay(number))
                continue
            if response.is_success:
                return response
            if last or not self.retries.worth(response):
                raise WinnowError.from_response(response)
            time.sleep(self.retries.delay(number, response))
        raise ValueError("retries.attempts must be at least 1")

    def _unreachable(self, error: httpx.TransportError) -> WinnowError:
        advice = "Is it running? `winnow up` starts one on this machine; --url names another."
        return WinnowError("unreachable", f"{self.connection.url} does not answer ({error})", advice)


def _may_pass(error: httpx.TransportError) -> bool:
    return not isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError)


_adapters: dict[object, TypeAdapter[Any]] = {}


def adapter(answer: type[T]) -> TypeAdapter[T]:
    """Reads JSON into the dataclass `answer`; members that this version does not know are passed over."""
    if answer not in _adapters:
        _adapters[answer] = TypeAdapter(answer)
    return _adapters[answer]


def _decode(answer: type[T], response: httpx.Response) -> T:
    try:
        return adapter(answer).validate_json(response.content)
    except ValueError as error:
        detail = f"{response.request.url} sent something that this client does not understand; are both of one version?"
        raise WinnowError("unexpected_answer", f"HTTP {response.status_code}", detail, response.status_code) from error


def _idempotent(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


def _given(query: Query) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}
