"""Spatial filters: all predicates, boxes, systems, and shapes that are none."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geodata.crs import SourceCrs
from geodata.errors import InvalidGeometry
from geodata.served_crs import served_crs
from gis_server.filters import condition, parse
from layers.buildings import LAYER, Building
from tests import factories
from tests.gis_server.filter_samples import (
    add_samples,
    all_found,
    found,
    line,
    point,
    ring,
    square,
)

A = square(-5, -5, 5, 5)  # as building A stands
ONE_HOLE = A.removesuffix(")") + "," + ring((-1, -1), (1, -1), (1, 1)).removeprefix("POLYGON(")


@pytest.fixture
def samples(session: Session) -> Session:
    """Store the buildings that all filters are tried on."""
    add_samples(session)
    return session


PREDICATES = {
    f"S_INTERSECTS(geom, {point(0, 0)})": "A",
    f"S_INTERSECTS({point(0, 0)}, geometry)": "A",
    f"S_INTERSECTS(geom, {point(5, 5)})": "A",
    f"S_INTERSECTS(geom, {point(6, 6)})": "",
    f"S_INTERSECTS(geom, {line((0, 0), (100, 0))})": "AB",
    f"S_INTERSECTS(geom, MULTIPOINT({point(0, 100)[5:]},{point(0, 0)[5:]}))": "AC",
    f"S_INTERSECTS(geom, GEOMETRYCOLLECTION({point(100, 0)},{line((0, 90), (0, 110))}))": "BC",
    f"S_INTERSECTS(geom, MULTIPOLYGON({square(90, -9, 110, 9)[7:]}))": "B",
    f"S_INTERSECTS(geom, MULTILINESTRING({line((0, 0), (1, 1))[10:]}))": "A",
    f"S_DISJOINT(geom, {square(-50, -50, 200, 50)})": "CD",
    f"S_WITHIN(geom, {square(-50, -50, 200, 50)})": "AB",
    f"S_WITHIN(geom, {square(0, -50, 200, 50)})": "B",
    f"S_CONTAINS({square(-50, -50, 200, 50)}, geom)": "AB",
    f"S_CONTAINS(geom, {point(1, 1)})": "A",
    f"S_CONTAINS(geom, {point(5, 5)})": "",
    f"S_WITHIN({point(1, 1)}, geom)": "A",
    f"S_EQUALS(geom, {A})": "A",
    f"S_EQUALS(geom, {ONE_HOLE})": "",
    f"S_TOUCHES(geom, {square(5, -5, 15, 5)})": "A",
    f"S_TOUCHES(geom, {square(4, -5, 14, 5)})": "",
    f"S_TOUCHES(geom, {point(5, 5)})": "A",
    f"S_OVERLAPS(geom, {square(0, 0, 95.1, 10)})": "AB",
    f"S_OVERLAPS(geom, {square(-9, -9, 9, 9)})": "",
    f"S_CROSSES(geom, {line((-50, 0), (50, 0))})": "A",
    f"S_CROSSES(geom, {line((-1, 0), (1, 0))})": "",
    "S_EQUALS(geom, geometry)": "ABCD",
    f"S_INTERSECTS({A}, {point(0, 0)}) AND code = 'A'": "A",
    f"NOT S_INTERSECTS(geom, {point(0, 0)})": "BCD",
}


def test_each_spatial_predicate_finds_its_rows(samples: Session) -> None:
    assert all_found(samples, PREDICATES) == PREDICATES


def test_collections_can_be_asked_of_by_all_predicates(samples: Session) -> None:
    shapes = f"GEOMETRYCOLLECTION({point(0, 0)},{line((90, 0), (110, 0))},{square(0, 95, 9, 105)})"
    found_by = {
        "S_CONTAINS": "",
        "S_CROSSES": "",
        "S_DISJOINT": "D",
        "S_EQUALS": "",
        "S_INTERSECTS": "ABC",
        "S_OVERLAPS": "ABC",
        "S_TOUCHES": "",
        "S_WITHIN": "",
    }
    texts = {f"{name}(geom, {shapes})": codes for name, codes in found_by.items()}
    assert all_found(samples, texts) == texts


BOXES = {
    "S_INTERSECTS(geom, BBOX(113.93, 22.98, 113.94, 22.99))": "A",
    "S_INTERSECTS(geom, BBOX(113.93, 22.98, 113.95, 23))": "ABC",
    "S_INTERSECTS(geom, BBOX(113.93, 22.98, -99, 113.95, 23, 99))": "ABC",
    "S_INTERSECTS(geom, BBOX(113.94, 22.99, 113.94, 22.99))": "A",
    "S_INTERSECTS(geom, BBOX(113.94, 22.98, 113.94, 23))": "AC",
    "S_INTERSECTS(geom, BBOX(170, -10, -170, 10))": "",
    "area_m2(BBOX(170, -10, -170, 10)) > 4.8e12 AND code = 'A'": "A",
    "S_INTERSECTS(geom, BBOX(170, -10, 113.945, 22.99))": "AB",
    "S_WITHIN(geom, BBOX(113.9, 22.98, -170, 24))": "ABCD",
}


def test_boxes_find_what_they_touch_also_across_the_antimeridian(samples: Session) -> None:
    assert all_found(samples, BOXES) == BOXES


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4547"])
def test_coordinates_are_read_in_the_axis_order_of_their_system(samples: Session, crs: str) -> None:
    system = served_crs(crs, "filter-crs")
    given = SourceCrs.parse(crs, "yx" if system.flipped else "xy").from_wgs84(
        np.array([factories.at(0, 0)])
    )
    first, second = map(float, given[0])
    by = 1e-5 if "4" in crs[-4] and crs != "EPSG:4547" else 1.0
    corners = f"{first - by!r},{second - by!r},{first + by!r},{second + by!r}"
    asked = {
        f"S_INTERSECTS(geom, POINT({first!r} {second!r}))": "A",
        f"S_INTERSECTS(geom, BBOX({corners}))": "A",
    }
    assert {text: found(samples, text, crs=system) for text in asked} == asked


@pytest.mark.parametrize(
    "shape",
    [
        "POINT(181 0)",
        "POINT(22.99 113.94)",
        "POINT(1 2 3)",
        "POINT Z(1 2 3)",
        "POINT EMPTY",
        "POLYGON((0 0,1 1,0 1,1 0,0 0))",
        "POLYGON((0 0,1 1,1 0))",
        "POLYGON((0 0,0 0,0 0,0 0))",
        "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2)))",
        "BBOX(1,2,3)",
        "BBOX(1,4,2,3)",
        "BBOX(1,2,'x',4)",
        "BBOX(1,2,3,400)",
    ],
)
def test_what_is_no_shape_on_earth_is_refused(session: Session, shape: str) -> None:
    with pytest.raises(InvalidGeometry) as refusal:
        found(session, f"S_INTERSECTS(geom, {shape})")
    assert refusal.value.member == "filter"


WIDE = {
    "area_m2(BBOX(-180,-90,180,-60)) BETWEEN 3.4e13 AND 3.5e13 AND rental": "AC",
    "area_m2(BBOX(-180,-90,180,90)) IS NULL": "",
    "length_m(LINESTRING(-90 0,90 0)) > 2.0e7": "ABCD",
    "distance_m(geom, LINESTRING(0 -90,0 90)) < 1e7": "ABCD",
}


def test_shapes_round_half_the_globe_are_measured(samples: Session) -> None:
    assert all_found(samples, WIDE) == WIDE


@pytest.mark.parametrize("number", ["1e300", "500000000"])
def test_places_beyond_a_projection_are_refused(session: Session, number: str) -> None:
    with pytest.raises(InvalidGeometry):
        found(session, f"S_INTERSECTS(geom, POINT({number} 1))", crs=served_crs("EPSG:3857", "x"))


def test_the_index_of_the_column_serves(samples: Session) -> None:
    samples.execute(text("SET LOCAL enable_seqscan = off"))
    asked = parse(f"S_INTERSECTS({point(0, 0)}, geom)", "cql2-text")
    wanted = select(Building.code).where(condition(asked, LAYER))
    connection = samples.connection()
    compiled = wanted.compile(connection)
    plan = connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params)
    assert "Index Cond: (geom && " in "".join(plan.scalars())
