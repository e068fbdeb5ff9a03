"""Which rows there are, in the order of the table: names of modules in benchmarks/rows."""

ROWS: tuple[str, ...] = (
    "pairs",
    "formats",
    "windows",
    "arithmetic",
    "cuda",
    "screening",
    "stages",
    "growth",
    "intake",
    "export",
    "polling",
    "deliveries",
)
