"""The model: every part's resumes a second, of which the smallest holds."""

from dataclasses import dataclass

from benchmarks.capacity.work import Work

# Dense fp16 matrix arithmetic in TFLOP/s, from the makers' data sheets.
PEAKS = {"L4": 121.0, "A10": 125.0, "A100": 312.0, "H100": 989.0, "H200": 989.0}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What was not measured. Prices are in one currency an hour; a GPU's holds its host's.

    `utilisation` is the share of the peak that the encoder reaches over real tokens: no GPU has been measured.
    """

    gpu: str
    gpu_price: float
    postgres_price: float
    utilisation: tuple[float, float] = (0.15, 0.45)
    jobs: int = 25
    host_cores: int = 16
    postgres_cores: int = 16
    network_gigabits: float = 10.0
    disk_megabytes: float = 500.0
    claim_seconds: float = 10.0
    slots: int = 2


@dataclass(frozen=True, slots=True)
class Rows:
    """What benchmarks.scale measured: seconds of a processor an item in the finishing transaction, and bytes a row."""

    server: float
    client: float
    score: float
    resume: float
    of_resume: float
    """Of what else a resume brings: its upload row, assessment and chunk."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """So many GPUs at one utilisation: resumes a second of each part alone."""

    gpus: int
    parts: dict[str, float]

    @property
    def limit(self) -> str:
        """The part that is full first."""
        return min(self.parts, key=self.parts.__getitem__)

    @property
    def rate(self) -> float:
        """Resumes a second of the whole."""
        return self.parts[self.limit]


def capacity(gpus: int, utilisation: float, work: Work, rows: Rows, assumed: Assumptions) -> Capacity:
    """Resumes a second of each part. Hosts grow with their GPUs; Postgres, its disk and its network are one."""
    pairs = assumed.jobs
    host = work.prepare + pairs * (work.pair + rows.client)
    return Capacity(
        gpus,
        {
            "GPU": gpus * utilisation * PEAKS[assumed.gpu] * 1e12 / work.flops,
            "GPU hosts": gpus * assumed.host_cores / host,
            "Postgres": assumed.postgres_cores / (pairs * rows.server),
            "disk": assumed.disk_megabytes * 1e6 / written(rows, pairs),
            "network": assumed.network_gigabits * 1e9 / 8 / (written(rows, pairs) / 2 + work.characters),
        },
    )


def stored(rows: Rows, jobs: int) -> float:
    """Bytes that stay of a resume and its pairs."""
    return rows.resume + rows.of_resume + jobs * rows.score


def written(rows: Rows, jobs: int) -> float:
    """Bytes written for them: to the log before the tables, so twice."""
    return 2 * stored(rows, jobs)


def messages(gpus: int, assumed: Assumptions) -> float:
    """Claims a second, each a message or two in Redis."""
    return gpus * assumed.slots / assumed.claim_seconds


def price(gpus: int, assumed: Assumptions) -> float:
    """Of an hour."""
    return gpus * assumed.gpu_price + assumed.postgres_price
