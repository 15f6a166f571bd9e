"""Fixtures of the tests of files."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from tests.geodata.sample_files import NAMES, PLACES


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    columns = {"code": ["001", "002", "441900109003"], "name": NAMES}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(PLACES), crs=4326)
