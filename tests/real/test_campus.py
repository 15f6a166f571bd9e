"""A campus in Haidian, Beijing, from OpenStreetMap, against geopandas' reading by GDAL.

© OpenStreetMap contributors, ODbL.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from geodata.dataset import ReadOptions
from gis_server.exporting import read_layer
from gis_server.import_report import Report
from gis_server.importing import drafts, orders, store
from layers import find_layers
from layers.base import Query, Scope
from tests.conftest import GIVEN, Databases

SCOPE = Scope(110108)
LAYERS = find_layers()


def path() -> Path:
    assert GIVEN.real_data is not None
    return GIVEN.real_data / "campus" / "campus.osm"


@pytest.fixture(scope="module")
def session(new_databases: Databases) -> Iterator[Session]:
    """Open a transaction in a database of this module's own; it is never committed."""
    with new_databases.copy() as settings:
        engine = create_engine(settings.owner_database_url, poolclass=NullPool)
        with Session(engine) as session:
            yield session
            session.rollback()


@pytest.fixture(scope="module")
def reports(session: Session) -> dict[str, Report]:
    """Import all that the file holds."""
    asked = drafts(SCOPE, orders(LAYERS, None, path(), ReadOptions()))
    return {one.order.layer.name: store(session, SCOPE, one) for one in asked}


def stored(session: Session, layer: str) -> gpd.GeoDataFrame:
    return read_layer(session, LAYERS[layer], SCOPE, Query()).set_index("code")


def by_gdal(layer: str, tag: str) -> gpd.GeoDataFrame:
    """Read the objects that have a tag, by their OpenStreetMap address."""
    found = gpd.read_file(path(), layer=layer)
    found = found[found[tag].notna()]
    whole = found["osm_way_id"].notna() if "osm_way_id" in found else pd.Series(True, found.index)
    ways = found["osm_way_id"] if "osm_way_id" in found else found["osm_id"]
    code = np.where(whole, "way/" + ways.astype(str), "relation/" + found["osm_id"].astype(str))
    return found.set_index(code)


def test_every_part_goes_to_its_layer(reports: dict[str, Report]) -> None:
    written = {layer: (r.rows_written, len(r.rejected)) for layer, r in reports.items()}

    assert written == {"streets": (302, 0), "buildings": (257, 0), "facilities": (263, 0)}


@pytest.mark.parametrize(
    ("layer", "part", "tag"),
    [("streets", "lines", "highway"), ("buildings", "multipolygons", "building")],
)
def test_what_is_stored_is_what_geopandas_reads(
    session: Session, reports: dict[str, Report], layer: str, part: str, tag: str
) -> None:
    ours, theirs = stored(session, layer), by_gdal(part, tag)

    assert set(ours.index) == set(theirs.index)
    pairs = ours.join(theirs["geometry"])
    assert shapely.equals(pairs["geom"], pairs["geometry"]).all()
    assert reports[layer].rows_read == len(theirs)


def test_buildings_keep_their_chinese_names(session: Session, reports: dict[str, Report]) -> None:
    ours, theirs = stored(session, "buildings"), by_gdal("multipolygons", "building")
    named = theirs[theirs["name"].str.contains("[\u4e00-\u9fff]", na=False)]

    assert len(named) > 40
    assert ours.loc[named.index, "name"].tolist() == named["name"].tolist()


def test_the_same_file_again_changes_nothing(session: Session, reports: dict[str, Report]) -> None:
    asked = drafts(SCOPE, orders(LAYERS, None, path(), ReadOptions()))

    assert [store(session, SCOPE, one).rows_written for one in asked] == [0, 0, 0]
    assert len(reports) == 3
