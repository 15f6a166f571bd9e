"""Test the coordinate reference systems and the conversions between them."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.crs import (
    SourceCrs,
    bd09_from_wgs84,
    gauss_kruger,
    gcj02_from_wgs84,
    metres_near,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)
from geodata.errors import InvalidCrs, InvalidGeometry

ROUND_TRIP_DEG = 1e-7
BEIJING = np.array([[116.404, 39.915]])

in_china = st.lists(
    st.tuples(st.floats(72.01, 137.83), st.floats(0.83, 55.82)), min_size=1, max_size=20
).map(np.array)
outside_china = st.lists(
    st.tuples(st.floats(-180, 71.9), st.floats(-90, 90)), min_size=1, max_size=20
).map(np.array)


@given(in_china)
def test_gcj02_comes_back_within_a_centimetre(lonlat):
    back = wgs84_from_gcj02(gcj02_from_wgs84(lonlat))
    assert np.abs(back - lonlat).max() < ROUND_TRIP_DEG


@given(in_china)
def test_bd09_comes_back_within_a_centimetre(lonlat):
    back = wgs84_from_bd09(bd09_from_wgs84(lonlat))
    assert np.abs(back - lonlat).max() < ROUND_TRIP_DEG


@given(in_china)
def test_gcj02_shifts_by_less_than_two_kilometres(lonlat):
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(*lonlat.T, *gcj02_from_wgs84(lonlat).T)
    assert 0 < metres.max() < 2000


@given(outside_china)
def test_gcj02_outside_china_is_wgs84(lonlat):
    assert np.array_equal(gcj02_from_wgs84(lonlat), lonlat)


@given(outside_china)
def test_gcj02_read_outside_china_is_wgs84(lonlat):
    assert np.array_equal(wgs84_from_gcj02(lonlat), lonlat)


@given(in_china)
def test_a_single_point_agrees_with_the_arrays(lonlat):
    lon, lat = lonlat[0].tolist()
    single = SourceCrs.parse("bd09").point_to_wgs84(lon, lat)
    assert single == pytest.approx(tuple(wgs84_from_bd09(lonlat[:1])[0]), abs=1e-12)


def test_gcj02_of_a_known_place_has_its_published_value():
    assert gcj02_from_wgs84(BEIJING)[0] == pytest.approx((116.4102444992, 39.9164042815), abs=1e-9)


def test_bd09_of_a_known_place_has_its_published_value():
    bd09 = bd09_from_wgs84(wgs84_from_gcj02(BEIJING))
    assert bd09[0] == pytest.approx((116.4103694937, 39.9213369935), abs=1e-9)


def test_nan_and_infinity_pass_the_offset_systems_unchanged():
    odd = np.array([[np.nan, 3.0], [np.inf, 1.0], [1e308, -1e308]])
    assert np.array_equal(wgs84_from_bd09(odd), odd, equal_nan=True)


@pytest.mark.parametrize(
    ("lon", "code"),
    [(114, 4547), (113.88, 4547), (117, 4548), (120, 4549), (73.5, 4534), (136.5, 4554)],
)
def test_the_zone_of_a_longitude_is_the_nearest_third_meridian(lon, code):
    assert gauss_kruger(lon) == code


def test_the_zone_agrees_with_the_name_in_epsg():
    assert pyproj.CRS(gauss_kruger(114)).name.endswith("CM 114E")


def test_a_longitude_without_a_zone_is_refused():
    with pytest.raises(InvalidCrs, match="longitude -87"):
        gauss_kruger(-87.0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EPSG:4547", "EPSG:4547"),
        ("epsg:4326", "EPSG:4326"),
        ("GCJ-02", "gcj02"),
        ("BD09", "bd09"),
        ("crs84", "CRS84"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "CRS84"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326"),
        (pyproj.CRS(4547).to_wkt(), "EPSG:4547"),
        (pyproj.CRS(2437).to_wkt("WKT1_ESRI"), "EPSG:2437"),
        ("+proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80", "+proj=tmerc +lon_0=114 +x_0=500000"),
    ],
)
def test_every_way_to_name_a_system_is_understood(text, name):
    assert SourceCrs.parse(text).name.startswith(name)


@pytest.mark.parametrize(
    "text",
    ["", "4547", "WGS 84", "EPSG:99999", "EPSG:5773", "EPSG:4978", 'PROJCS["x"', "+proj=nothing"],
)
def test_a_system_that_is_not_understood_names_the_remedy(text):
    with pytest.raises(InvalidCrs, match=r"EPSG:4547|no plane or geographic"):
        SourceCrs.parse(text)


@pytest.mark.parametrize("text", [4547, None, ["EPSG:4547"]])
def test_a_system_that_is_no_text_is_refused(text):
    with pytest.raises(InvalidCrs, match="is no text"):
        SourceCrs.parse(text)


def test_a_local_shift_in_a_proj_string_is_used():
    local = "+proj=tmerc +lon_0=114 +x_0=500000 +ellps=krass +units=m +towgs84=15.8,-154.4,-82.3"
    crs = SourceCrs.parse(local)
    plain = SourceCrs.parse("EPSG:2435").from_wgs84(np.array([[114.0, 23.0]]))
    assert crs.warning() is None
    assert crs.from_wgs84(np.array([[114.0, 23.0]]))[0] == pytest.approx(plain[0], abs=300)


def test_a_definition_of_ten_kilobytes_is_refused_unread():
    with pytest.raises(InvalidCrs):
        SourceCrs.parse("+proj=tmerc " + " " * 10_000 + "+x_0=1")


def test_an_unknown_axis_order_is_refused():
    with pytest.raises(InvalidCrs, match="neither xy") as refusal:
        SourceCrs.parse("EPSG:4547", "lat,lon")
    assert refusal.value.member == "axis_order"


def test_a_survey_point_with_x_north_is_read_in_yx_order():
    east, north = SourceCrs.parse("EPSG:4547").from_wgs84(np.array([[113.9, 23.0]]))[0]
    assert SourceCrs.parse("EPSG:4547", "yx").point_to_wgs84(north, east) == pytest.approx(
        (113.9, 23.0), abs=1e-9
    )


def test_a_zone_prefixed_system_differs_by_its_false_easting_only():
    plain = SourceCrs.parse("EPSG:4547").from_wgs84(np.array([[113.9, 23.0]]))[0]
    prefixed = SourceCrs.parse("EPSG:4526").from_wgs84(np.array([[113.9, 23.0]]))[0]
    assert prefixed - plain == pytest.approx((38_000_000, 0), abs=1e-6)


def test_cgcs2000_is_kept_as_it_is():
    assert SourceCrs.parse("EPSG:4490").point_to_wgs84(113.9, 23.0) == (113.9, 23.0)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4547", "gcj02", "bd09"])
@pytest.mark.parametrize("x", [float("nan"), float("inf"), -1e308])
def test_a_point_that_is_nowhere_is_refused(crs, x):
    with pytest.raises(InvalidGeometry, match="is not a place"):
        SourceCrs.parse(crs).point_to_wgs84(x, 23.0)


@given(in_china, st.sampled_from(["gcj02", "bd09", "EPSG:3857", "EPSG:4490"]))
def test_geometries_come_back_from_any_system(lonlat, name):
    shapes = shapely.points(lonlat)
    crs = SourceCrs.parse(name, "yx")
    back = crs.geometries_to_wgs84(crs.geometries_from_wgs84(shapes))
    assert np.abs(shapely.get_coordinates(back) - lonlat).max() < ROUND_TRIP_DEG


def test_missing_geometries_stay_missing():
    assert SourceCrs.parse("gcj02").geometries_to_wgs84(np.array([None]))[0] is None


@pytest.mark.parametrize("text", ["EPSG:4547", "EPSG:2435", "gcj02", "EPSG:4326", "EPSG:2913"])
def test_a_system_with_a_known_shift_gives_no_warning(text):
    assert SourceCrs.parse(text).warning() is None


def test_a_datum_without_a_published_shift_gives_a_warning():
    assert "+towgs84" in (SourceCrs.parse("EPSG:2383").warning() or "")


def test_a_place_in_china_is_measured_in_its_zone():
    assert metres_near(113.9, 23.0).name == "EPSG:4547"


@pytest.mark.parametrize(("lon", "lat"), [(-87.6, 41.8), (113.9, 23.0), (151.2, -33.9)])
def test_metres_are_true_near_their_place(lon, lat):
    pair = np.array([[lon, lat], [lon + 0.01, lat]])
    here, east = metres_near(lon, lat).from_wgs84(pair)
    _, _, geodesic = pyproj.Geod(ellps="WGS84").inv(*pair[0], *pair[1])
    assert np.hypot(*(east - here)) == pytest.approx(geodesic, rel=2e-4)
