"""GeoJSON is a place on Earth and plain properties, or it is refused by the member at fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon

from geodata.errors import InvalidGeometry, InvalidInput
from geodata.geojson import check_lonlat, parse_feature, parse_json

SQUARE = [[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]
HOLE = [[3, 3], [3, 6], [6, 6], [6, 3], [3, 3]]
OUTSIDE = [[20, 20], [20, 21], [21, 21], [21, 20], [20, 20]]


def _body(kind: str, coordinates: Any, **properties: Any) -> bytes:
    geometry = {"type": kind, "coordinates": coordinates}
    document = {"type": "Feature", "geometry": geometry, "properties": properties}
    return json.dumps(document).encode()


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_a_point_keeps_its_longitude_and_latitude(lon: float, lat: float) -> None:
    assert parse_feature(_body("Point", [lon, lat])).geometry == Point(lon, lat)


def test_a_feature_may_have_no_place() -> None:
    feature = parse_feature(b'{"type": "Feature", "geometry": null, "properties": null}')

    assert (feature.geometry, feature.properties) == (None, {})


def test_the_properties_are_kept() -> None:
    assert parse_feature(_body("Point", [1, 2], colour="red")).properties == {"colour": "red"}


def test_a_polygon_with_a_hole_is_a_place() -> None:
    assert parse_feature(_body("Polygon", [SQUARE, HOLE])).geometry == Polygon(SQUARE, [HOLE])


def test_a_hole_outside_its_polygon_is_refused() -> None:
    with pytest.raises(InvalidGeometry, match="not valid: Hole lies outside shell"):
        parse_feature(_body("Polygon", [SQUARE, OUTSIDE]))


def test_two_apart_polygons_are_a_place() -> None:
    found = parse_feature(_body("MultiPolygon", [[SQUARE], [OUTSIDE]])).geometry

    assert found == MultiPolygon([Polygon(SQUARE), Polygon(OUTSIDE)])


def test_overlapping_parts_are_refused() -> None:
    with pytest.raises(InvalidGeometry, match="not valid"):
        parse_feature(_body("MultiPolygon", [[SQUARE], [HOLE]]))


@pytest.mark.parametrize(
    ("kind", "coordinates", "member"),
    [
        ("MultiPolygon", [[SQUARE], [OUTSIDE[:-1]]], "geometry.coordinates[1][0]"),
        ("Polygon", [SQUARE, HOLE[:-1]], "geometry.coordinates[1]"),
        ("Polygon", [[[0, 0], [1, 1], [0, 0]]], "geometry.coordinates[0]"),
        ("Polygon", [[*SQUARE[:2], [9, 95], *SQUARE[3:]]], "geometry.coordinates[0][2][1]"),
        ("MultiPoint", [[0, 0], [0, 0, 7]], "geometry.coordinates[1]"),
        ("MultiLineString", [[[0, 0], [1, "1"]]], "geometry.coordinates[0][1][1]"),
        ("LineString", [[0, 0]], "geometry.coordinates"),
        ("Polygon", [[]], "geometry.coordinates[0]"),
        ("Polygon", {}, "geometry.coordinates"),
    ],
)
def test_the_coordinate_at_fault_is_named(kind: str, coordinates: Any, member: str) -> None:
    with pytest.raises(InvalidGeometry) as refusal:
        parse_feature(_body(kind, coordinates))

    assert refusal.value.member == member


def test_coordinates_of_another_system_are_no_degrees() -> None:
    feature = parse_feature(_body("Point", [493_000, 2_543_000], crs="EPSG:4547"))

    assert feature.geometry == Point(493_000, 2_543_000)


def test_a_null_character_is_named_by_its_path() -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_json(rb'{"a": [1, {"b": "x\u0000"}]}')

    assert refusal.value.member == "a[1].b"


def test_a_null_character_in_a_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="null character"):
        parse_json(rb'{"a\u0000": 1}')


def test_words_that_only_look_like_a_null_character_are_kept() -> None:
    assert parse_json(rb'["\\u0000"]') == [r"\u0000"]


def test_a_deeply_nested_null_character_is_found() -> None:
    with pytest.raises(InvalidInput):
        parse_json(b"[" * 1000 + rb'"\u0000"' + b"]" * 1000)


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90), (0, 0)])
def test_the_edge_of_the_globe_is_on_it(lon: float, lat: float) -> None:
    check_lonlat(lon, lat)


def test_swapped_degrees_are_suspected_only_when_they_would_fit() -> None:
    with pytest.raises(InvalidGeometry) as refusal:
        check_lonlat(113.94, 95)

    assert "swapped" not in refusal.value.message
