"""A job search that answers as Adzuna's documentation says (https://developer.adzuna.com/docs/search)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

APP_ID, APP_KEY = "an-id", "a-secret-key"
REFUSAL: dict[str, object] = {
    "__CLASS__": "Adzuna::API::Response::Exception",
    "exception": "AUTH_FAIL",
    "display": "Authorisation failed",
}
TITLES = ("Java Developer", "Chef de Partie", "<strong>Project</strong> Manager", "Database Engineer")


@dataclass(slots=True)
class AdzunaServer:
    """Answers `failures` first, one status each (0: says nothing until `release`), then as documented."""

    url: str = ""
    failures: list[int] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def queries(self) -> list[dict[str, str]]:
        """What each request asked."""
        return [{name: values[0] for name, values in parse_qs(urlsplit(path).query).items()} for path in self.paths]


def job(number: int) -> dict[str, object]:
    title = TITLES[number % len(TITLES)]
    return {
        "__CLASS__": "Adzuna::API::Response::Job",
        "id": str(4_000_000_000 + number),
        "title": title,
        "description": f"We look for a {title}: java, sql, a team of engineers \u2026",
        "created": "2026-09-22T08:00:00Z",
        "redirect_url": f"https://www.adzuna.example/land/ad/{number}",
        "company": {"__CLASS__": "Adzuna::API::Response::Company", "display_name": "Example Ltd"},
        "location": {"__CLASS__": "Adzuna::API::Response::Location", "display_name": "Leeds", "area": ["UK", "Leeds"]},
        "category": {"__CLASS__": "Adzuna::API::Response::Category", "label": "IT Jobs", "tag": "it-jobs"},
        "salary_is_predicted": "0",
        "contract_type": None,
    }


def results(page: int, size: int) -> dict[str, object]:
    everything = [job(number) for number in range(23)]
    shown = everything[(page - 1) * size : page * size]
    return {"__CLASS__": "Adzuna::API::Response::JobSearchResults", "count": 23, "mean": 40_000.5, "results": shown}


@contextmanager
def adzuna_server() -> Iterator[AdzunaServer]:
    """The server, running."""
    adzuna = AdzunaServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            adzuna.paths.append(self.path)
            status = adzuna.failures.pop(0) if adzuna.failures else 200
            if status == 0:
                adzuna.release.wait(10)
                return
            self.answer(*(self.found() if status == 200 else (status, {"display": "Failed"})))

        def found(self) -> tuple[int, dict[str, object]]:
            split = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(split.query).items()}
            *_, jobs, country, search, page = split.path.split("/")
            assert (jobs, search, len(country)) == ("jobs", "search", 2), split.path
            if (asked.get("app_id"), asked.get("app_key")) != (APP_ID, APP_KEY):
                return 401, REFUSAL
            return 200, results(int(page), min(50, int(asked.get("results_per_page", 10))))

        def answer(self, status: int, body: dict[str, object]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    adzuna.url = f"http://127.0.0.1:{server.server_address[1]}/v1/api"
    try:
        yield adzuna
    finally:
        adzuna.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
