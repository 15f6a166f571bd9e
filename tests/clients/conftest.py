"""A served town of every kind of layer, with a published collection of dates and Chinese names."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import NullPool, create_engine, text

from gis_server import demo, serving
from gis_server.cli import cli
from gis_server.config import Settings
from tests.conftest import Databases

COLLECTION = "人口"
ROWS = [
    {"小区": "黄屋新村", "户数": "312", "更新": "2026-03-01", "lon": "113.941", "lat": "22.991"},
    {"小区": "井美花园", "户数": "", "更新": "", "lon": "113.942", "lat": "22.992"},
    {"小区": "东兴苑", "户数": "58", "更新": "2026-05-17", "lon": "113.943", "lat": "22.993"},
]


@pytest.fixture(scope="session")
def demo_town(
    new_databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Load the demo town, publish a collection beside it, and take the tray's cases away."""
    with new_databases.copy() as settings:
        demo.load_town(settings)
        _publish(settings, tmp_path_factory.mktemp("published") / "people.csv")
        engine = create_engine(settings.owner_database_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        engine.dispose()
        yield settings


@pytest.fixture(scope="session")
def served_town(demo_town: Settings) -> Iterator[str]:
    """Serve it; its address."""
    with serving.running(demo_town, [serving.web(demo_town)]):
        serving.await_answer(demo_town)
        yield serving.address(demo_town)


def _publish(settings: Settings, file: Path) -> None:
    with file.open("w", newline="") as sheet:
        writer = csv.DictWriter(sheet, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    told = ["import", str(file), "--as", COLLECTION, "--crs", "EPSG:4326"]
    env = {
        "DATABASE_URL": settings.database_url,
        "GIS_OWNER_DATABASE_URL": settings.owner_database_url,
    }
    done = CliRunner().invoke(cli, told, env=env)
    assert done.exit_code == 0, done.output
