"""A server that knows nothing but an OpenAPI document: it answers each call with an example of what is documented."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TEXT = "018f0000-0000-7000-8000-000000000000"
TEXTS = {"date-time": "2026-01-01T00:00:00Z", "uuid": TEXT}


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came: its method and documented path, what was asked in query and body, and the answer."""

    method: str
    path: str
    query: frozenset[str]
    body: Any
    answer: Any


@dataclass
class Documented:
    """The document, and every request so far."""

    document: Mapping[str, Any]
    url: str = ""
    calls: list[Call] = field(default_factory=list)

    def example(self, schema: Mapping[str, Any]) -> Any:
        """A value of this schema with every member that it may have; only listings end, so their cursor is null."""
        match schema:
            case {"$ref": reference}:
                return self.example(self.schema(reference))
            case {"anyOf": [first, *_]}:
                return self.example(first)
            case {"enum": values}:
                return "ended" if "ended" in values else values[0]  # nothing is waited for
            case {"const": value}:
                return value
            case {"type": "object", "properties": members}:
                return {name: None if name == "next_cursor" else self.example(one) for name, one in members.items()}
            case {"type": "object", "additionalProperties": dict(values)}:
                return {"name": self.example(values)}
            case {"type": "array", "items": items}:
                return [self.example(items)]
        kind = schema.get("type", "object")
        plain = {"string": TEXTS.get(schema.get("format", ""), "text"), "integer": 1, "number": 0.5, "boolean": True}
        return plain.get(kind, {})

    def schema(self, reference: str) -> Mapping[str, Any]:
        """What a `#/components/schemas/...` refers to."""
        found: Mapping[str, Any] = self.document["components"]["schemas"][reference.rpartition("/")[2]]
        return found

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        """Status, media type and content of the answer to a request, which is noted."""
        url = urlsplit(target)
        path, operation = self._operation(method, url.path)
        status, described = next(one for one in operation["responses"].items() if one[0].startswith("2"))
        contents: dict[str, Any] = described.get("content", {})
        media_type = next(iter(contents), "")
        schema = contents.get(media_type, {}).get("schema")
        value = self.example(schema) if schema else None
        asked = json.loads(body) if body.startswith(b"{") else None
        self.calls.append(Call(method, path, frozenset(parse_qs(url.query)), asked, value))
        return int(status), media_type, b"" if value is None else json.dumps(value).encode()

    def _operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]]:
        for template, operations in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in operations:
                return template, operations[method.lower()]
        raise AssertionError(f"{method} {path} is not documented")


@contextmanager
def documented_server(document: Mapping[str, Any]) -> Iterator[Documented]:
    """The server, running."""
    documented = Documented(document)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, media_type, content = documented.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        documented.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield documented
        http.shutdown()
        thread.join()
