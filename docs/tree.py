"""Writes the tree of ARCHITECTURE.md, a line a file, from the first line of each file's docstring.

`python docs/tree.py` rewrites it; with --check it only tells whether it is up to date.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "ARCHITECTURE.md"
BEGIN, END = "<!-- tree: written by docs/tree.py -->\n", "<!-- end of tree -->"
PACKAGES = (
    "api", "db", "db/tables", "workers", "workers/calls", "scoring", "scoring/redaction", "scoring/fields",
    "scoring/skills", "scoring/explanation", "scoring/wordlists", "parsing", "telemetry", "training",
    "training/recipes", "migrations", "local", "admin", "admin/checks", "client", "client/commands", "client/answers",
    "benchmarks", "benchmarks/performance", "benchmarks/rows", "benchmarks/scale", "benchmarks/capacity",
    "benchmarks/chaos", "samples", "docs",
)  # fmt: skip


def lines() -> Iterator[str]:
    """The tree, package by package."""
    for package in PACKAGES:
        files = sorted((ROOT / package).glob("*.py"))
        about = [_about(file) for file in files if file.name == "__init__.py"]
        yield f"{package + '/':<28}{about[0] if about else ''}".rstrip()
        for file in files:
            if file.name != "__init__.py":
                yield f"    {file.name:<24}{_about(file)}"


def page() -> str:
    """ARCHITECTURE.md with the tree as it should read."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}```\n" + "\n".join(lines()) + f"\n```\n{END}{after}"


def _about(file: Path) -> str:
    """The first sentence of a module's docstring."""
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split())


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
