"""Screenings, their results and exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from client.answers import Passages, Result, Screening
from client.errors import WinnowError
from client.pages import pages
from client.transport import Transport, adapter
from client.waits import wait_until


class Screenings:
    """`client.screenings`: calls under /v1/screenings. Every call raises WinnowError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        pool_id: str,
        job_ids: Sequence[str] = (),
        *,
        job_external_ids: Sequence[str] = (),
        threshold: float | None = None,
        explain_top: int = 0,
        priority: str = "normal",
        reuse: bool = True,
        rerank: int | None = None,
        idempotency_key: str | None = None,
    ) -> Screening:
        """Screen a pool against jobs, named by our ids or by yours.

        `threshold` in 0..1 is the probability from which on an applicant counts as a match; None: the pack's own.
        For the `explain_top` best of each job, at most 20, the passages that moved their scores are searched for once
        all is scored. A `low` priority waits until nothing else does. Without `reuse` no score of an earlier screening
        is taken over. The `rerank` best of each job, at most 1,000, are ranked anew by a model that reads resume and
        job together.
        """
        named = {"job_ids": list(job_ids)} if job_ids else {"job_external_ids": list(job_external_ids)}
        options: dict[str, Any] = {
            "threshold": threshold,
            "explain_top": explain_top,
            "priority": priority,
            "reuse": reuse,
        }
        if rerank is not None:
            options["rerank"] = {"top": rerank}
        content = {"pool_id": pool_id, "options": options, **named}
        return self._transport.post(Screening, "/v1/screenings", content, idempotency_key)

    def list(self) -> Iterator[Screening]:
        """All screenings."""
        return pages(self._transport, "/v1/screenings", "screenings", Screening)

    def get(self, screening_id: str) -> Screening:
        """One screening as it stands."""
        return self._transport.get(Screening, f"/v1/screenings/{screening_id}")

    def cancel(self, screening_id: str) -> Screening:
        """Ask for an end; what is scored already stays."""
        return self._transport.post(Screening, f"/v1/screenings/{screening_id}/cancel")

    def delete(self, screening_id: str) -> None:
        """Delete a screening with its results, once it has ended."""
        self._transport.delete(f"/v1/screenings/{screening_id}")

    def retry(self, screening_id: str, *, idempotency_key: str | None = None) -> Screening:
        """Try the items that errored again: a new screening of these alone, with the same jobs, options and packs."""
        return self._transport.post(Screening, f"/v1/screenings/{screening_id}/retry", key=idempotency_key)

    def wait(
        self,
        screening_id: str,
        on_progress: Callable[[Screening], None] = lambda screening: None,
        timeout: float | None = None,
    ) -> Screening:
        """Wait until every item of it has ended."""

        def ended(screening: Screening) -> bool:
            return screening.state == "ended"

        return wait_until(ended, lambda: self.get(screening_id), on_progress, timeout)

    def results(
        self,
        screening_id: str,
        *,
        job_id: str | None = None,
        min_score: float | None = None,
        category: str | None = None,
        flagged: bool | None = None,
        state: str | None = None,
        ranked_by: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[Result]:
        """Results, the highest probability first; asked for page by page, so stop when you have enough.

        With a second stage, what it ranked (`ranked_by` pairs) precedes the rest (first_stage).
        """
        query = {
            "job_id": job_id,
            "min_score": min_score,
            "category": category,
            "flagged": None if flagged is None else str(flagged).lower(),
            "state": state,
            "ranked_by": ranked_by,
            "limit": page_size,
        }
        return pages(self._transport, f"/v1/screenings/{screening_id}/results", "results", Result, query)

    def result(self, screening_id: str, job_id: str, resume_id: str) -> Result:
        """One result, once it has ended."""
        return self._transport.get(Result, _item(screening_id, job_id, resume_id))

    def passages(self, screening_id: str, job_id: str, resume_id: str) -> Passages:
        """What in the resume moved its score most: searched for in a few seconds the first time, then kept."""
        return self._transport.get(Passages, f"{_item(screening_id, job_id, resume_id)}/passages")

    def stream(self, screening_id: str) -> Iterator[Result]:
        """Every item of a screening, errors included, as the export sends them; memory stays flat."""
        with self._transport.stream(f"/v1/screenings/{screening_id}/export", {"format": "ndjson"}) as response:
            for line in response.iter_lines():
                yield adapter(Result).validate_json(line)

    def export(self, screening_id: str, path: Path) -> int:
        """Write every item to `path`, as .csv or .ndjson by its ending; complete or not at all.

        Returns the bytes written.
        """
        form = path.suffix.lower().lstrip(".")
        if form not in ("csv", "ndjson"):
            raise WinnowError("unknown_format", f"{path.name} has no known ending", "Name a .csv or .ndjson file.")
        partial = path.with_name(path.name + ".part")
        try:
            with (
                self._transport.stream(f"/v1/screenings/{screening_id}/export", {"format": form}) as response,
                partial.open("wb") as file,
            ):
                written = sum(file.write(block) for block in response.iter_bytes())
            partial.replace(path)
        except OSError as error:
            raise WinnowError("cannot_write", f"{path} cannot be written", str(error)) from error
        finally:
            partial.unlink(missing_ok=True)
        return written


def _item(screening_id: str, job_id: str, resume_id: str) -> str:
    return f"/v1/screenings/{screening_id}/results/{job_id}/{resume_id}"
