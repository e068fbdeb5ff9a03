"""The section of docs/PERFORMANCE.md on capacity."""

from typing import Any

from benchmarks.capacity.model import PEAKS, Assumptions, Capacity, Rows, capacity, messages, price, stored
from benchmarks.capacity.work import Work
from benchmarks.performance.row import figure
from benchmarks.scale.timing import FINISHING
from training.markdown import table

GPUS = (1, 10, 100)
COLUMNS = (
    "GPUs", "by the GPUs alone, resumes an hour", "with everything", "full first", "cost an hour",
    "cost of a million resumes", "Postgres cores busy", "disk, GB an hour", "Redis, messages a second",
)  # fmt: skip


def rows_of(scale: dict[str, Any]) -> Rows:
    """What the capacity model needs of docs/scale.json."""
    finishing = next(one for one in scale["answers"] if one["question"] == FINISHING)
    largest = max(finishing["server"], key=int)
    sizes = {one["table"]: one["total"] for one in scale["tables"]}
    resumes = next(one["rows"] for one in scale["tables"] if one["table"] == "resumes")
    chunks = next(one["rows"] for one in scale["tables"] if one["table"] == "chunks")
    of_resume = sizes["upload_rows"] + sizes["assessments"] + sizes["chunks"] * chunks / resumes
    server, client = (finishing[side][largest] * 1e-6 for side in ("server", "client"))
    return Rows(server, client, sizes["scores"], sizes["resumes"], of_resume)


def section(work: Work, rows: Rows, assumed: Assumptions) -> str:
    """The table, where each part is full, and all that was assumed."""
    return "\n".join(
        [
            *table(COLUMNS, [_line(gpus, work, rows, assumed) for gpus in GPUS]),
            "",
            _saturation(work, rows, assumed),
            "",
            *_assumptions(work, rows, assumed),
        ]
    )


def _line(gpus: int, work: Work, rows: Rows, assumed: Assumptions) -> tuple[str, ...]:
    low, high = (capacity(gpus, share, work, rows, assumed) for share in assumed.utilisation)
    cost = price(gpus, assumed)
    each = sorted(cost / (3600 * one.rate) * 1e6 for one in (low, high))
    busy = [one.rate * assumed.jobs * rows.server for one in (low, high)]
    disk = [3600 * one.rate * stored(rows, assumed.jobs) / 1e9 for one in (low, high)]
    return (
        str(gpus), _range([3600 * one.parts["GPU"] for one in (low, high)]),
        _range([3600 * one.rate for one in (low, high)]), _limits(low, high), figure(cost), _range(each),
        _range(busy), _range(disk), figure(messages(gpus, assumed)),
    )  # fmt: skip


def _limits(low: Capacity, high: Capacity) -> str:
    return low.limit if low.limit == high.limit else f"{low.limit}, then {high.limit}"


def _range(values: list[float]) -> str:
    low, high = (figure(value) for value in values)
    return low if low == high else f"{low} to {high}"


def _saturation(work: Work, rows: Rows, assumed: Assumptions) -> str:
    """How many resumes an hour each shared part bears."""
    one = capacity(1, assumed.utilisation[1], work, rows, assumed).parts
    shared = ", ".join(f"{part} at {figure(3600 * one[part])}" for part in ("Postgres", "disk", "network"))
    return (
        f"Resumes an hour at which what all GPUs share is full: {shared}. One GPU's host prepares "
        f"{figure(3600 * one['GPU hosts'])} an hour. Redis carries a message or two a claim, which is far from what it "
        "can bear at any of these sizes."
    )


def _assumptions(work: Work, rows: Rows, assumed: Assumptions) -> list[str]:
    low, high = assumed.utilisation
    peak = figure(PEAKS[assumed.gpu])
    return [
        f"Measured here: a resume of {work.characters:,} characters is {figure(work.tokens)} tokens to the encoder and "
        f"{figure(work.flops / 1e9)} GFLOP; {figure(1000 * work.prepare)} ms of a core to prepare, "
        f"{figure(1e6 * work.pair)} µs more with each job; an item {figure(1e6 * rows.client)} µs of the worker's and "
        f"{figure(1e6 * rows.server)} µs of the server's processor to finish; on disk {figure(rows.resume)} bytes a "
        f"resume, {figure(rows.score)} a score with its explanation, {figure(rows.of_resume)} of all else a resume "
        "brings.",
        "",
        "Assumed, and to be set by options of the command:",
        "",
        f"- **No GPU has been measured.** Its rate is an estimate: {low:.0%} to {high:.0%} of the "
        f"{peak} TFLOP/s (dense fp16) that the data sheet of an {assumed.gpu} states, over the tokens above.",
        f"- {assumed.jobs} jobs a screening; no score is reused; the uploading and reading of results are not counted.",
        f"- {assumed.host_cores} cores beside each GPU, and {assumed.postgres_cores} of Postgres that add up, all as "
        "fast as those measured on.",
        f"- A disk that takes {figure(assumed.disk_megabytes)} MB/s, log and tables alike, and a network of "
        f"{figure(assumed.network_gigabits)} Gbit/s, both at Postgres.",
        f"- {figure(assumed.gpu_price)} an hour for a GPU with its host, {figure(assumed.postgres_price)} for "
        "Postgres, in whatever currency they are given in.",
    ]
