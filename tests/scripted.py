"""A server that misbehaves as told, for tests of clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Scripted:
    """Answers in turn what `script` holds: (status, headers, body), or None to hang up; the last one for ever.

    A body of bytes is sent as it is; `Content-Length` in the headers may lie about it.
    """

    url: str = ""
    script: list[tuple[int, dict[str, str], object] | None] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    """The server, running."""
    scripted = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            scripted.requests.append((self.path, headers, body))
            step = scripted.script.pop(0) if len(scripted.script) > 1 else scripted.script[0]
            if step is None:
                self.close_connection = True
                return
            status, extra, answer = step
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        scripted.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield scripted
        http.shutdown()
        thread.join()
