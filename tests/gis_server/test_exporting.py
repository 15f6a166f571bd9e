"""A layer becomes a file, and the file the layer again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geodata.crs import SourceCrs
from geodata.dataset import ReadOptions
from geodata.errors import InvalidCrs, InvalidInput
from gis_server import exporting, importing
from gis_server.config import Settings
from gis_server.exporting import read_layer
from gis_server.import_report import Report
from gis_server.importing import Order
from layers import find_layers
from layers.base import Query
from layers.grids import Grid
from tests.factories import EAST, GRID, SCOPE, WEST, add_grid, add_town, at, block, count

LAYERS = find_layers()
HALF = (*at(-190, -10), *at(-20, 10))


@pytest.fixture(autouse=True)
def town(session: Session) -> None:
    add_town(session)


def read(session: Session, layer: str, query: Query | None = None) -> gpd.GeoDataFrame:
    return read_layer(session, LAYERS[layer], SCOPE, query or Query())


def there_and_back(session: Session, path: Path) -> Report:
    """Export the grids to a file and import it."""
    exporting.export.write(read(session, "grids"), path)
    options = ReadOptions(crs="EPSG:4326")
    return importing.import_file(session, SCOPE, Order(LAYERS["grids"], path, options))


def test_all_features_are_read_in_the_order_of_their_ids(session: Session) -> None:
    found = read(session, "grids")

    assert found["code"].tolist() == [GRID, WEST, EAST]
    assert (found.crs.to_epsg(), set(found.geom_type)) == (4326, {"MultiPolygon"})


def test_a_box_and_a_value_pick_features(session: Session) -> None:
    found = read(session, "grids", Query(bbox=HALF, where={"kind": "micro"}))

    assert found["code"].tolist() == [WEST]


def test_a_layer_without_places_has_none_in_the_file(session: Session) -> None:
    found = read(session, "duties")

    assert (found["title"].tolist(), found.geometry.isna().tolist()) == (["微网格长"], [True])


def test_an_empty_layer_is_an_empty_frame(session: Session) -> None:
    assert len(read(session, "hazards")) == 0


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet", "fgb", "csv", "xlsx"])
def test_what_is_exported_is_imported_without_a_change(
    session: Session, tmp_path: Path, ending: str
) -> None:
    there_and_back(session, tmp_path / f"first.{ending}")  # brings the CRS and shared vertices

    report = there_and_back(session, tmp_path / f"second.{ending}")

    assert (report.rows_same, report.rows_written, count(session, "grids")) == (3, 0, 3)


PERIODS = text("SELECT code, valid::text, ST_Area(geom) FROM grids ORDER BY code, lower(valid)")
SINCE = datetime(2026, 6, 1, tzinfo=UTC)
ALWAYS = Query(period=(None, None))


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet", "csv", "xlsx"])
def test_editions_come_back_with_their_periods(
    session: Session, tmp_path: Path, ending: str
) -> None:
    session.execute(update(Grid).where(Grid.code == EAST).values(valid=Range(None, SINCE)))
    add_grid(session, EAST, block(0, -200, 150, 200), valid=Range(SINCE, None))
    before = session.execute(PERIODS).all()
    path = exporting.export.write(read(session, "grids", ALWAYS), tmp_path / f"grids.{ending}")
    session.execute(text("DELETE FROM duties"))
    session.execute(text("DELETE FROM grids"))

    order = Order(LAYERS["grids"], path, ReadOptions(crs="EPSG:4326"))
    report = importing.import_file(session, SCOPE, order)

    after = session.execute(PERIODS).all()
    assert (report.rows_written, len(report.rejected)) == (4, 0)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert [row[2] for row in after] == pytest.approx([row[2] for row in before], rel=1e-4)


def test_a_format_that_cannot_hold_the_crs_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(InvalidCrs, match="GeoJSON is always WGS84"):
        exporting.export.write(
            read(session, "grids"), tmp_path / "a.geojson", SourceCrs.parse("EPSG:4547")
        )


def test_an_unknown_property_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="grids have no property 'colour'"):
        read(session, "grids", Query(where={"colour": "red"}))


def test_a_map_is_one_file_that_holds_the_features(live_settings: Settings, tmp_path: Path) -> None:
    exporting.export_map(live_settings, tmp_path / "live.html")
    page = (tmp_path / "live.html").read_text()

    assert "gisReport.draw(" in page
    assert [file.name for file in tmp_path.iterdir()] == ["live.html"]


def test_a_map_in_no_folder_is_refused(live_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot write"):
        exporting.export_map(live_settings, tmp_path / "none" / "live.html")
