"""A disk that is full, packs that cannot be written to, and packs that are not what they were."""

import os
import signal
import subprocess
from contextlib import ExitStack

import httpx

from benchmarks.chaos.hints import done_by
from benchmarks.chaos.rows import Costs, Row
from benchmarks.chaos.small_disk import mounts
from benchmarks.chaos.stage import SCREENERS, Stage
from benchmarks.chaos.watched import screening, until

OWN_PACKS = SCREENERS[1]
"""The worker whose packs are its own."""


def full(stage: Stage) -> list[Row]:
    """Where uploads are spooled there is no room; everything else goes on."""
    fault = "disk full where uploads are spooled (a small tmpfs)"
    if not stage.spool.mounted:
        return [Row(fault, 0, Costs(), notes="not tried: no tmpfs can be mounted here")]
    body = b'{"text": "' + b"java " * 2**18 + b'"}'
    url = f"{stage.running.system.url}/v1/pools/{stage.pool}/resumes"
    headers = {"Authorization": f"Bearer {stage.running.api_key}", "Content-Type": "application/x-ndjson"}
    with screening(stage) as watched:
        with stage.spool.full():
            answer = httpx.post(url, content=body, headers=headers, trust_env=False, timeout=30)
        again = httpx.get(f"{stage.running.system.url}/readyz", trust_env=False, timeout=30)
    told = f"an upload is answered {answer.status_code} {answer.json().get('code')}"
    wrong = () if (answer.status_code, again.status_code) == (507, 200) else (told,)
    return [Row(fault, 1, watched.costs, notes=told, wrong=wrong)]


def read_only(stage: Stage) -> list[Row]:
    """A worker whose packs lie on a read-only file system works as others do."""
    fault = "packs on a read-only file system"
    if not mounts("--bind", str(stage.packs), str(stage.packs)):
        return [Row(fault, 0, Costs(), notes="not tried: nothing can be mounted here")]
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(stage.packs)], check=True)
        pid = _start_anew(stage)
        with ExitStack() as others:
            others.enter_context(stage.standing_still(*set(SCREENERS) - {OWN_PACKS}))
            with screening(stage) as watched:
                until(lambda: done_by(watched, pid))
                others.close()
        done = done_by(watched, pid)
    finally:
        subprocess.run(["umount", "--lazy", str(stage.packs)], check=True)
    wrong = () if done else ("the worker did nothing",)
    return [Row(fault, 1, watched.costs, notes=f"{done} chunks were scored with them", wrong=wrong)]


def changed(stage: Stage) -> list[Row]:
    """A worker with one byte of a pack flipped scores nothing, and says why; the scores of others are as ever."""
    weights = next((stage.packs / "match" / "1").glob("*.safetensors"))
    kept = weights.read_bytes()
    weights.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    told = stage.log(OWN_PACKS).count("cannot load packs")
    try:
        pid = _start_anew(stage)
        with screening(stage) as watched:
            until(lambda: stage.log(OWN_PACKS).count("cannot load packs") > told, 90)
        done = done_by(watched, pid)
    finally:
        weights.write_bytes(kept)
        _start_anew(stage)
    said = stage.log(OWN_PACKS).count("cannot load packs") > told
    wrong = [*(["it scored nevertheless"] if done else []), *([] if said else ["its log does not tell why"])]
    notes = "its worker scores nothing, and its log tells why" if not wrong else ""
    return [Row("the checksum of a pack is wrong", 1, watched.costs, notes=notes, wrong=tuple(wrong))]


def _start_anew(stage: Stage) -> int:
    """Let the worker with packs of its own load them again; its new process."""
    before = stage.pid(OWN_PACKS)
    os.kill(before, signal.SIGKILL)
    until(lambda: stage.pid(OWN_PACKS) != before, 60)
    return stage.pid(OWN_PACKS)
