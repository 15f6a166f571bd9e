"""Chicago's beats, complaints, abandoned buildings and liquor shops, against geopandas.

Chicago open data via urbanSpatial/Public-Policy-Analytics-Landing, CRS84.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from geodata.dataset import ReadOptions
from geodata.fabric import is_coverage
from geodata.noding import TOLERANCE_M
from gis_server.exporting import read_layer
from gis_server.import_report import Report
from gis_server.importing import Order, import_file
from gis_server.offline import ensure_categories
from layers import find_layers
from layers.base import Query, Scope
from tests.conftest import GIVEN, Databases

SCOPE = Scope(170310, "America/Chicago")
LAYERS = find_layers()
METRES = 26916  # UTM zone 16N
DIFFER = 0
PLAN: Mapping[str, tuple[str, ReadOptions, Mapping[str, str]]] = {
    "grids": ("beats", ReadOptions(fields={"code": "District"}), {}),
    "incidents": ("sanitation_complaints", ReadOptions(), {"category": "302"}),
    "hazards": ("abandoned_buildings", ReadOptions(), {"kind": "old_building"}),
    "enterprises": ("liquor_retail", ReadOptions(), {"class": "shop"}),
}


def path(name: str) -> Path:
    assert GIVEN.real_data is not None
    return GIVEN.real_data / "chicago" / f"{name}.geojson"


def raw(layer: str) -> gpd.GeoDataFrame:
    """Read a file as geopandas reads it."""
    return gpd.read_file(path(PLAN[layer][0]))


@pytest.fixture(scope="module")
def session(new_databases: Databases) -> Iterator[Session]:
    """Open a transaction in a database of this module's own; it is never committed."""
    with new_databases.copy() as settings:
        engine = create_engine(settings.owner_database_url, poolclass=NullPool)
        with Session(engine) as session:
            ensure_categories(session, SCOPE)
            yield session
            session.rollback()


@pytest.fixture(scope="module")
def reports(session: Session) -> dict[str, Report]:
    """Import the four files."""
    return {
        layer: import_file(session, SCOPE, Order(LAYERS[layer], path(name), options, values))
        for layer, (name, options, values) in PLAN.items()
    }


@pytest.fixture(scope="module")
def stored(session: Session, reports: dict[str, Report]) -> dict[str, gpd.GeoDataFrame]:
    """Read back all that is stored."""
    return {layer: read_layer(session, LAYERS[layer], SCOPE, Query()) for layer in reports}


def by_the_tie_rule(points: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> pd.Series:
    """Join as geopandas does; on a shared edge the lowest code wins, outside there is none."""
    joined = points[["geometry"]].sjoin(grids, predicate="intersects")
    return joined.groupby(level=0)["code"].min().reindex(points.index)


def test_every_file_is_stored_as_geopandas_reads_it(
    reports: dict[str, Report], stored: dict[str, gpd.GeoDataFrame]
) -> None:
    found = {layer: (report.rows_read, len(stored[layer])) for layer, report in reports.items()}

    assert found == {
        "grids": (len(raw("grids")), raw("grids")["District"].nunique()),
        **{
            layer: (len(raw(layer)), len(raw(layer)))
            for layer in ("incidents", "hazards", "enterprises")
        },
    }
    assert found == {
        "grids": (277, 275),
        "incidents": (19_733, 19_733),
        "hazards": (3_653, 3_653),
        "enterprises": (937, 937),
    }


def test_two_beats_are_invalid_and_repaired(reports: dict[str, Report]) -> None:
    assert (~raw("grids").is_valid).sum() == 2
    assert sum(reports["grids"].repaired.values()) == 2
    assert len(reports["grids"].rejected) == 0


def test_beats_keep_their_ground(stored: dict[str, gpd.GeoDataFrame]) -> None:
    before = _beats().set_index("code").to_crs(METRES)
    after = stored["grids"].set_index("code").to_crs(METRES)
    moved = shapely.hausdorff_distance(
        before.geometry.to_numpy(), after.geometry.loc[before.index].to_numpy()
    )

    assert moved.max() < 2 * TOLERANCE_M
    assert after.geometry.is_valid.all()


def test_beats_become_a_coverage(stored: dict[str, gpd.GeoDataFrame]) -> None:
    assert (is_coverage(_beats()), is_coverage(stored["grids"])) == (False, True)


def test_25_complaints_lie_outside_every_beat(
    reports: dict[str, Report], stored: dict[str, gpd.GeoDataFrame]
) -> None:
    assert reports["incidents"].outside == 25
    assert stored["incidents"]["grid_code"].isna().sum() == 25
    assert by_the_tie_rule(raw("incidents"), _beats()).isna().sum() == 25


def test_517_complaints_touch_several_beats_which_makes_591_rows_too_many() -> None:
    rows = raw("incidents").sjoin(raw("grids"), predicate="intersects").index.value_counts()

    assert ((rows > 1).sum(), (rows - 1).sum()) == (517, 591)


def test_the_grid_of_every_complaint_is_that_of_geopandas(
    stored: dict[str, gpd.GeoDataFrame],
) -> None:
    incidents = stored["incidents"]
    points = gpd.GeoDataFrame(geometry=np.asarray(incidents.geometry.array), crs=4326)
    joined = by_the_tie_rule(points, stored["grids"])

    assert shapely.equals_exact(points.geometry, raw("incidents").geometry).all()
    assert joined.fillna("").tolist() == incidents["grid_code"].fillna("").tolist()


def test_only_complaints_on_an_edge_differ_from_the_raw_polygons(
    stored: dict[str, gpd.GeoDataFrame],
) -> None:
    points, beats = raw("incidents"), _beats()
    joined = by_the_tie_rule(points, beats).fillna("").to_numpy()
    differ = np.flatnonzero(joined != stored["incidents"]["grid_code"].fillna("").to_numpy())
    edges = shapely.union_all(shapely.boundary(beats.to_crs(METRES).geometry.to_numpy()))
    distance = points.iloc[differ].to_crs(METRES).distance(edges)

    assert len(differ) == 0 or distance.max() < 2 * TOLERANCE_M
    assert len(differ) == DIFFER


def _beats() -> gpd.GeoDataFrame:
    """Repair and unite the beats with geopandas alone."""
    beats = raw("grids").rename(columns={"District": "code"})
    return beats.set_geometry(beats.make_valid(method="structure")).dissolve("code").reset_index()
