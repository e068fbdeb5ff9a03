"""What the messages of a deployment did to an applicant tracking system that acts once on each webhook-id."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from uuid import UUID

from sqlalchemy import text

from client.errors import WinnowError
from client.webhooks import Event, verify_webhook
from db.engine import app_session

# Of these a screening has at most one each.
ONCE = ("screening.started", "screening.ended", "screening.canceled")

_RECORDED = text("SELECT id, type FROM events WHERE payload ->> 'screening_id' = :screening")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class Effects:
    """Listens while in `with`; `secret` is the endpoint's. Every message that verifies has its effect once."""

    def __init__(self) -> None:
        self.secret = ""
        self.refused = 0
        self._acted: dict[str, Event] = {}
        self._skew: list[float] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        """Where to send events."""
        return f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """The status to answer. Verifying refuses a timestamp more than five minutes off this machine's clock."""
        try:
            event = verify_webhook(body, headers, self.secret)
        except WinnowError:
            self.refused += 1
            return 400
        self._acted.setdefault(headers["webhook-id"], event)
        return 204

    def missing(self, tenant_id: UUID, screening_id: UUID) -> int:
        """Events of a screening that were recorded and had no effect yet."""
        with app_session(tenant_id) as session:
            rows = session.execute(_RECORDED, {"screening": str(screening_id)}).all()
        return sum(str(row.id) not in self._acted for row in rows)

    def doubled(self, screening_id: UUID) -> int:
        """Effects of a screening beyond the one that it may have of each type."""
        acted = list(self._acted.values())
        types = Counter(event.type for event in acted if event.data.get("screening_id") == str(screening_id))
        return sum(max(0, types[one] - 1) for one in ONCE)

    def __enter__(self) -> "Effects":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        effects = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(effects.take(body, headers))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler
