"""The one exception of this client: what went wrong, and what to do, in one line."""

from __future__ import annotations

from typing import Any

import httpx


class WinnowError(Exception):
    """A request failed, or what was asked for cannot be done.

    `code` is stable and meant for programs, `title` and `detail` for people; `status` is None when no server answered.
    `problem` is the whole problem document (RFC 9457) when the server sent one.
    """

    def __init__(
        self, code: str, title: str, detail: str = "", status: int | None = None, problem: dict[str, Any] | None = None
    ) -> None:
        super().__init__(code, title, detail, status)
        self.code = code
        self.title = title
        self.detail = detail
        self.status = status
        self.problem = problem or {}

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}" if self.detail else self.title

    @classmethod
    def from_response(cls, response: httpx.Response) -> WinnowError:
        """The error that an answer holds; a body that is no problem document (a proxy's page) is named, not shown."""
        try:
            problem = response.json()
        except ValueError:
            problem = None
        if not isinstance(problem, dict) or "title" not in problem:
            detail = f"{response.request.url} answered without a problem document; is it a Winnow server?"
            return cls("unexpected_answer", f"HTTP {response.status_code}", detail, response.status_code)
        return cls(
            str(problem.get("code", "unknown")),
            str(problem["title"]),
            " ".join(_listed(problem)) or str(problem.get("detail") or ""),
            response.status_code,
            problem,
        )


def _listed(problem: dict[str, Any]) -> list[str]:
    """What a validation problem says of each field; its detail only points there."""
    errors = problem.get("errors") or []
    return [f"{one.get('at')}: {one.get('message')}." for one in errors if isinstance(one, dict)]
