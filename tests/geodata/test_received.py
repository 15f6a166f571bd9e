"""Shapes in the systems that are served come to WGS84, or are refused."""

from __future__ import annotations

import math

import pytest
from shapely import Point, Polygon, box

from geodata.errors import InvalidGeometry
from geodata.received import in_wgs84, name_of
from geodata.served_crs import CRS84, SERVED, served_crs

ZONE = served_crs("EPSG:4547", "crs")
FLIPPED = served_crs("EPSG:4490", "crs")
MERCATOR = served_crs("EPSG:3857", "crs")


def test_degrees_of_wgs84_stay_as_they_are() -> None:
    shape = box(113, 22, 114, 23)

    assert in_wgs84(shape, CRS84) is shape


def test_latitude_comes_first_where_the_system_says_so() -> None:
    assert in_wgs84(Point(22.5, 113.5), FLIPPED).equals(Point(113.5, 22.5))


def test_northings_come_first_in_a_survey_zone() -> None:
    moved = in_wgs84(Point(2543000, 494000), ZONE)

    assert moved.x == pytest.approx(113.94, abs=0.01)
    assert moved.y == pytest.approx(22.98, abs=0.01)


def test_metres_of_the_web_come_east_first() -> None:
    moved = in_wgs84(Point(12683743.3, 2632018.7), MERCATOR)

    assert (moved.x, moved.y) == (pytest.approx(113.94, abs=0.01), pytest.approx(22.99, abs=0.03))


@pytest.mark.parametrize(
    ("shape", "crs"),
    [
        (Point(113.5, 22.5), FLIPPED),
        (Point(1e9, 1e9), MERCATOR),
        (Point(1e300, 0), ZONE),
        (Point(math.inf, 0), ZONE),
    ],
)
def test_a_place_off_the_globe_is_refused(shape: Point, crs: object) -> None:
    with pytest.raises(InvalidGeometry):
        in_wgs84(shape, crs)  # type: ignore[arg-type]


def test_a_shape_that_is_not_valid_there_is_refused() -> None:
    bow = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])

    with pytest.raises(InvalidGeometry, match="not valid"):
        in_wgs84(bow, FLIPPED)


def test_the_system_is_named_by_its_code() -> None:
    assert [name_of(crs) for crs in (CRS84, ZONE)] == [None, "EPSG:4547"]
    assert len({name_of(crs) for crs in SERVED.values()}) == len(SERVED)
