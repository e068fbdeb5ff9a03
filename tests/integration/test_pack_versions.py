"""Versions change while work goes on; a worker that lacks one fetches it, and claims nothing before it can load it."""

import functools
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from conftest import Caller
from screening_rows import add_screening
from sqlalchemy import select

from db import admin_packs, screenings
from db.engine import app_session
from db.tables import Chunk, Score
from local.deployment import Deployment
from workers.device import Device
from workers.hub import Hub
from workers.hub_download import Times
from workers.pack_fetcher import PackFetcher
from workers.pipelines import Pipelines
from workers.screen import Screener
from workers.settings import worker_settings

SURE = {"weight": 1.0, "bias": 40.0}
"""Calibration of match 2, which is sure of every pair."""


@pytest.fixture(scope="module")
def root(
    database: Deployment, tiny_packs: tuple[tuple[str, str], ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder of packs of this module's own, registered at version 1, with which this process works."""
    folder = tmp_path_factory.mktemp("versions") / "packs"
    shutil.copytree(dict(tiny_packs)["WINNOW_PACKS"], folder)
    admin_packs.register(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_BASE_MODEL", dict(tiny_packs)["WINNOW_BASE_MODEL"])
        patch.setenv("WINNOW_PACKS", str(folder))
        worker_settings.cache_clear()
        yield folder
    worker_settings.cache_clear()


def write_version_2(root: Path) -> Path:
    directory = root / "match" / "2"
    shutil.copytree(root / "match" / "1", directory)
    manifest = json.loads((directory / "manifest.json").read_text())
    (directory / "manifest.json").write_text(json.dumps({**manifest, "version": "2", "calibration": SURE}))
    return directory


def chunks(caller: Caller, screening_id: UUID) -> list[UUID]:
    with app_session(caller.tenant_id) as session:
        unfinished = Chunk.screening_id == screening_id, Chunk.state != "done"
        return list(session.scalars(select(Chunk.id).where(*unfinished).order_by(Chunk.seq)))


def sure(caller: Caller, screening_id: UUID) -> set[bool]:
    """Whether its scores are those of match 2."""
    with app_session(caller.tenant_id) as session:
        scores = session.scalars(select(Score.probability).where(Score.screening_id == screening_id))
        return {probability is not None and probability > 0.9999 for probability in scores}


def version(caller: Caller, screening_id: UUID) -> str:
    with app_session(caller.tenant_id) as session:
        found = screenings.find(session, screening_id)
    assert found is not None
    return found.packs["match"]


def test_a_screening_keeps_its_version_while_new_ones_begin_with_another(root: Path, tenant: Caller) -> None:
    worker = Screener(Device("cpu"), Pipelines("cpu"))
    running = add_screening(tenant.tenant_id, "running", [20_000] * 3)
    first, *rest = chunks(tenant, running)
    worker.screen(tenant.tenant_id, first)
    write_version_2(root)
    admin_packs.register(root)
    assert version(tenant, add_screening(tenant.tenant_id, "registered", [100])) == "1"
    admin_packs.promote("match", "2")
    promoted = add_screening(tenant.tenant_id, "promoted", [100])
    for chunk in [*chunks(tenant, promoted), *rest]:
        worker.screen(tenant.tenant_id, chunk)
    admin_packs.rollback("match")
    back = add_screening(tenant.tenant_id, "back", [100])
    for chunk in chunks(tenant, back):
        worker.screen(tenant.tenant_id, chunk)
    assert [version(tenant, id) for id in (running, promoted, back)] == ["1", "2", "1"]
    assert [sure(tenant, id) for id in (running, promoted, back)] == [{False}, {True}, {False}]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(root: Path, tmp_path: Path) -> Iterator[str]:
    """A hub that serves match 3; its address."""
    folder = tmp_path / "acme" / "packs" / "resolve" / "main" / "match"
    shutil.copytree(root / "match" / "1", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "version": "3", "calibration": SURE}))
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}/acme/packs/resolve/main/match"
        http.shutdown()
        thread.join()


def test_a_worker_fetches_the_version_it_lacks_and_claims_nothing_before(
    root: Path, hub: str, tenant: Caller, tmp_path: Path
) -> None:
    manifest = tmp_path / "acme/packs/resolve/main/match/manifest.json"
    operators = tmp_path / "operator"
    Hub(operators).fetch(hub, hashlib.sha256(manifest.read_bytes()).hexdigest())
    admin_packs.register(operators)
    admin_packs.promote("match", "3")
    screening = add_screening(tenant.tenant_id, "fetched", [100])
    (chunk,) = chunks(tenant, screening)

    Screener(Device("cpu"), Pipelines("cpu")).screen(tenant.tenant_id, chunk)  # one that may not fetch
    worker = Screener(Device("cpu"), Pipelines("cpu", PackFetcher(Hub(root, times=Times(between=0)))))
    worker.screen(tenant.tenant_id, chunk)
    with app_session(tenant.tenant_id) as session:
        assert session.scalars(select(Chunk.attempt).where(Chunk.id == chunk)).one() == 0

    until = time.monotonic() + 120
    while chunks(tenant, screening) and time.monotonic() < until:  # hints come again
        worker.screen(tenant.tenant_id, chunk)
        time.sleep(0.05)
    assert sure(tenant, screening) == {True}
    assert (root / "match" / "3" / "source.json").exists()
    admin_packs.rollback("match")


def test_current_packs_are_loaded_at_the_start_unless_told_not_to(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "workers.pipelines")
    for told, loaded in (("0", False), ("1", True)):
        monkeypatch.setenv("WINNOW_WARM_UP", told)
        worker_settings.cache_clear()
        Pipelines.configured("cpu")
        for thread in [one for one in threading.enumerate() if one.name == "warm"]:
            thread.join(60)
        assert ("loaded packs" in caplog.text) is loaded
    monkeypatch.undo()
    worker_settings.cache_clear()
