"""Who may import whom (docs/ARCHITECTURE.md, Imports), read from the sources."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A package to the modules of ours that it may import, beside itself.
ALLOWED: dict[str, tuple[str, ...]] = {
    "admin": ("client", "db", "scoring", "training", "workers"),
    "api": ("db", "telemetry", "workers.celery_app"),
    "client": (),
    "db": (),
    "local": ("api", "client", "db", "parsing", "scoring", "telemetry", "training", "workers"),
    "migrations": ("db",),
    "parsing": (),
    "scoring": (),
    "telemetry": (),
    "training": ("parsing", "scoring"),
    "workers": ("db", "parsing", "scoring", "telemetry"),
}
# Where a library of one concern may be imported at all.
HOMES: dict[str, tuple[str, ...]] = {
    "alembic": ("db", "migrations"),
    "celery": ("workers",),
    "docx": ("parsing",),
    "fastapi": ("api",),
    "kombu": ("workers",),
    "matplotlib": ("training",),
    "pandas": ("training",),
    "prometheus_client": ("api", "db", "telemetry", "workers"),
    "pypdf": ("parsing",),
    "sklearn": ("scoring", "training"),
    "torch": ("scoring", "training"),
    "transformers": ("scoring", "training"),
}
ERRORS_ANYWHERE = ("kombu.exceptions", "sqlalchemy.exc")  # whoever publishes or asks must know what can go wrong
SQL_HOMES = ("db", "migrations")
SESSION = "sqlalchemy.orm.Session"  # which others may name, as they hand it on; statements are db's
HEAVY = ("torch", "transformers", "sklearn", "pandas")


def imported(source: Path) -> Iterator[str]:
    """Every name that a file imports, wherever in it: `from a.b import c` counts as a.b.c."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}: a relative import hides where a name lives"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(package: str) -> Iterator[tuple[Path, str]]:
    sources = sorted((ROOT / package).rglob("*.py"))
    assert sources, f"no sources in {package}"
    for source in sources:
        for name in imported(source):
            yield source.relative_to(ROOT), name


def within(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    may = (package, *ALLOWED[package])
    wrong = [
        (file, name) for file, name in imports_of(package) if within(name, tuple(ALLOWED)) and not within(name, may)
    ]
    assert wrong == []


@pytest.mark.parametrize("library", HOMES)
def test_a_library_stays_at_home(library: str) -> None:
    strangers = [package for package in ALLOWED if package not in HOMES[library]]
    wrong = [
        hit
        for package in strangers
        for hit in imports_of(package)
        if within(hit[1], (library,)) and not within(hit[1], ERRORS_ANYWHERE)
    ]
    assert wrong == []


def test_statements_are_made_only_in_db() -> None:
    strangers = [package for package in ALLOWED if package not in SQL_HOMES]
    wrong = [
        (file, name)
        for package in strangers
        for file, name in imports_of(package)
        if within(name, ("sqlalchemy",)) and not within(name, (SESSION, *ERRORS_ANYWHERE))
    ]
    assert wrong == []


def test_every_package_is_listed_here() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks"} <= set(ALLOWED)


@pytest.mark.parametrize("module", ["api.app", "client.cli", "db.admin", "workers.celery_app"])
def test_importing_it_loads_no_model_library(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.strip() == "[]"
