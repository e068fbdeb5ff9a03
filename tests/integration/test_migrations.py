"""Models and migrations agree, and every migration can be taken back."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from db.admin import ROOT
from local.deployment import Deployment


@pytest.fixture
def config(database: Deployment, monkeypatch: pytest.MonkeyPatch) -> Config:
    return Config(str(ROOT / "alembic.ini"))


def test_models_and_migrations_agree(config: Config) -> None:
    command.check(config)


def test_downgrade_leaves_nothing_and_upgrade_brings_all_back(config: Config, database: Deployment) -> None:
    engine = create_engine(database.environment()["DATABASE_OWNER_URL"])
    before = sorted(inspect(engine).get_table_names())
    command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    command.upgrade(config, "head")
    assert sorted(inspect(engine).get_table_names()) == before
    engine.dispose()
