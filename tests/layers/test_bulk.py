"""Frames reach the tables whole: every type, every null, and only rows that keep the rules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import psycopg2.extensions
import pyarrow as pa
import pytest
import shapely
from psycopg2.extras import wait_select
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from layers import bulk
from layers.buildings import LAYER as BUILDINGS
from layers.facilities import LAYER as FACILITIES
from layers.loading import Taken
from tests.factories import SCOPE, block, count

SAMPLE = """
CREATE TEMPORARY TABLE sample
    (id serial, a text, b float8, c timestamptz, d geometry(Point, 4326))
"""
POINTS = shapely.set_srid(np.array([shapely.Point(113.94, 22.99), None, shapely.Point(1, 2)]), 4326)
PART = "SELECT a, b, c, ST_AsEWKT(d) FROM sample ORDER BY id OFFSET :skip LIMIT 3"
GIVEN = "SELECT households, rental, name, height_m FROM buildings ORDER BY code"


def buildings(**columns: object) -> gpd.GeoDataFrame:
    given = {"code": ["B1", "B2"], **columns}
    shapes = [block(0, 0, 10, 10), block(20, 0, 30, 10)]
    return gpd.GeoDataFrame(given, geometry=shapes, crs=4326)


def load(session: Session, frame: gpd.GeoDataFrame) -> Taken:
    assert BUILDINGS.load is not None
    return BUILDINGS.load(session, SCOPE, frame)


def test_values_and_nulls_arrive_as_they_are(session: Session) -> None:
    load(
        session,
        buildings(
            households=[3, None],
            rental=[True, None],
            name=["黄,“屋”\n", None],
            height_m=[1.5, None],
        ),
    )

    rows = [tuple(row) for row in session.execute(text(GIVEN))]
    assert rows == [(3, True, "黄,“屋”\n", 1.5), (None, None, None, None)]


def test_documents_arrive_as_json(session: Session) -> None:
    frame = buildings(**{"class": ["school", "camera"], "attributes": [{"pupils": 3}, {}]})
    assert FACILITIES.load is not None
    FACILITIES.load(session, SCOPE, frame)

    asked = text("SELECT attributes ->> 'pupils' FROM facilities ORDER BY code")
    assert list(session.execute(asked).scalars()) == ["3", None]


def test_a_polygon_is_stored_as_a_multipolygon(session: Session) -> None:
    frame = buildings()
    load(session, frame)

    asked = text("SELECT DISTINCT GeometryType(geom), ST_SRID(geom) FROM buildings")
    assert tuple(session.execute(asked).one()) == ("MULTIPOLYGON", 4326)
    assert set(frame.geom_type) == {"Polygon"}


def test_a_row_against_a_rule_is_left_out_and_the_rule_named(session: Session) -> None:
    taken = load(session, buildings(danger_grade=["E", "A"]))

    (rejected,) = taken.rejected
    assert (rejected.row, taken.rows_written, count(session, "buildings")) == (1, 1, 1)
    assert "danger_grade IN ('A','B','C','D')" in rejected.detail


def test_a_rule_over_columns_that_are_not_given_holds_too(session: Session) -> None:
    taken = load(session, buildings(floating=[-1, 1]))

    assert [r.row for r in taken.rejected] == [1]


def test_a_row_without_a_needed_value_is_left_out(session: Session) -> None:
    taken = load(session, buildings().assign(code=[None, "B2"]))

    assert [(r.row, r.detail) for r in taken.rejected] == [(1, "no code")]


def test_of_two_rows_with_one_code_the_first_is_stored(session: Session) -> None:
    taken = load(session, buildings(name=["甲", "乙"]).assign(code="B1"))

    assert [r.detail for r in taken.rejected] == ["code B1 stands twice in this file"]
    assert session.execute(text("SELECT name FROM buildings")).scalar_one() == "甲"


def test_rows_without_codes_are_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="merged by code"):
        load(session, buildings().drop(columns="code"))


def test_progress_ends_with_all_rows(session: Session) -> None:
    told: list[tuple[int, int | None]] = []
    assert BUILDINGS.load is not None
    BUILDINGS.load(session, SCOPE, buildings(), lambda done, total: told.append((done, total)))

    assert told == [(2, 2)]


def test_points_are_written_as_shapely_writes_them() -> None:
    lon, lat = np.array([113.94, np.nan, -180.0]), np.array([22.99, np.nan, 90.0])
    points = shapely.set_srid(shapely.points(lon[[0, 2]], lat[[0, 2]]), 4326)
    first, last = shapely.to_wkb(points, include_srid=True)

    assert bulk.point_array(lon, lat).to_pylist() == [first, None, last]


def test_where_psycopg2_lets_others_run_rows_are_inserted_as_copied(session: Session) -> None:
    columns = [
        pa.array(["黄,“屋”", None, ""]),
        pa.array([1.5, None, float("nan")], from_pandas=True),
        pa.array([datetime(2026, 6, 5, tzinfo=UTC), None, None], pa.timestamp("us", "UTC")),
        pa.array(shapely.to_wkb(POINTS, hex=True, include_srid=True)),
    ]
    session.execute(text(SAMPLE))
    bulk.copy_arrays(session, "sample", list("abcd"), columns)
    with _cooperative():
        bulk.copy_arrays(session, "sample", list("abcd"), columns)

    copied, inserted = [session.execute(text(PART), {"skip": n}).all() for n in (0, 3)]
    assert inserted == copied
    assert copied[2].a == ""


@contextlib.contextmanager
def _cooperative() -> Iterator[None]:
    psycopg2.extensions.set_wait_callback(wait_select)
    yield
    psycopg2.extensions.set_wait_callback(None)
