"""Versions change in the running system: kept by what ran, taken up by what begins, taken back; GET /v1/packs tells."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import Caller

from client.client import Winnow
from db import admin_packs
from local.system import System

Settings = tuple[tuple[str, str], ...]
SURE = {"weight": 1.0, "bias": 40.0}
"""Calibration of match 2, which is sure of every pair."""


@pytest.fixture(scope="module")
def tiny_packs(tiny_packs: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the tiny packs, as this module adds a version to it."""
    folder = tmp_path_factory.mktemp("versions") / "packs"
    shutil.copytree(dict(tiny_packs)["WINNOW_PACKS"], folder)
    return tuple((dict(tiny_packs) | {"WINNOW_PACKS": str(folder)}).items())


@pytest.fixture
def packs(tiny_packs: Settings) -> Path:
    """The folder of packs, with a match 2 put into it."""
    root = Path(dict(tiny_packs)["WINNOW_PACKS"])
    shutil.copytree(root / "match" / "1", root / "match" / "2")
    path = root / "match" / "2" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": "2", "calibration": SURE}))
    return root


@pytest.fixture
def client(system: System, tenant: Caller) -> Iterator[Winnow]:
    with Winnow(system.url, tenant.key) as client:
        pool = client.pools.create("pool")
        client.pools.upload(pool.id, [{"external_id": "1", "text": "Java developer, five years."}])
        client.jobs.upload([{"external_id": "job", "title": "Java developer", "description": "Java and SQL."}])
        yield client


def screen(client: Winnow) -> tuple[str, bool]:
    """The match version of a new screening, and whether its score is that of match 2."""
    (pool,) = client.pools.list()
    screening = client.screenings.wait(client.screenings.create(pool.id, job_external_ids=["job"]).id)
    (result,) = client.screenings.stream(screening.id)
    assert result.probability is not None
    return screening.packs["match"], result.probability > 0.9999


def test_a_version_is_promoted_and_rolled_back_without_a_restart(
    system: System, tenant: Caller, client: Winnow, packs: Path
) -> None:
    def current() -> str:
        listed = httpx.get(f"{system.url}/v1/packs", headers=tenant.headers, trust_env=False).json()["packs"]
        return str(next(pack["current"] for pack in listed if pack["name"] == "match"))

    assert (current(), screen(client)) == ("1", ("1", False))
    admin_packs.register(packs)
    admin_packs.promote("match", "2")
    assert (current(), screen(client)) == ("2", ("2", True))
    admin_packs.rollback("match")
    assert (current(), screen(client)) == ("1", ("1", False))
