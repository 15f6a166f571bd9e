"""A file of grids is fitted to those on record, and the report tells how."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.dataset import ReadOptions
from geodata.export import write
from gis_server.import_report import tell
from gis_server.importing import Order, import_file
from layers.grids import LAYER
from tests.factories import SCOPE, add_grid, block

MEET = text("""
SELECT ST_Touches(a.geom, b.geom) FROM grids AS a, grids AS b WHERE a.code = '0' AND b.code = '1'
""")


@pytest.fixture
def east(tmp_path: Path) -> Order:
    """Ask for the import of a grid of 100 m × 100 m."""
    frame = gpd.GeoDataFrame({"code": ["1"]}, geometry=[block(0, 0, 100, 100)], crs=4326)
    return Order(LAYER, write(frame, tmp_path / "east.gpkg"), ReadOptions())


def test_a_file_is_fitted_to_the_grids_on_record(session: Session, east: Order) -> None:
    add_grid(session, "0", block(-100, 0, -0.05, 100), level=1, kind="base")

    told = "\n".join(tell(import_file(session, SCOPE, east)))

    assert "vertices moved onto a neighbour's by less than 0.1 m" in told
    assert session.execute(MEET).scalar_one()


def test_an_overlap_with_a_grid_on_record_is_told(session: Session, east: Order) -> None:
    add_grid(session, "0", block(-100, 0, 10, 100), level=1, kind="base")

    told = "\n".join(tell(import_file(session, SCOPE, east)))

    assert "of 1 and 0 at" in told
