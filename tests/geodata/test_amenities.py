"""Facilities of the town."""

import shapely

from tests.geodata.sample_town import demo_town

FACILITIES = demo_town().frames["facilities"]


def test_every_class_of_facility_is_there() -> None:
    assert set(FACILITIES["class"]) >= {
        *("school", "kindergarten", "hospital", "health_station", "shelter", "police_station"),
        *("fire_station", "fire_post", "camera", "drain_inlet", "gauge"),
    }


def test_facilities_lie_in_the_town() -> None:
    assert shapely.intersects(demo_town().outline, FACILITIES["geom"].to_numpy()).all()


def test_attributes_are_dictionaries_of_plain_values() -> None:
    values = [value for row in FACILITIES["attributes"] for value in row.values()]
    assert {type(value) for value in values} <= {int, float, str, bool}


def test_cameras_stand_at_different_crossings() -> None:
    cameras = FACILITIES[FACILITIES["class"] == "camera"]
    assert 410 <= len(cameras) <= 420
    assert not cameras["geom"].duplicated().any()


def test_river_has_gauges_with_a_warning_level() -> None:
    gauges = FACILITIES[FACILITIES["class"] == "gauge"]
    river = demo_town().frames["water"]["geom"].iloc[0]
    assert sum(row["kind"] == "river" for row in gauges["attributes"]) == 6
    assert shapely.intersects(river, gauges["geom"].to_numpy()).sum() == 6
    assert all(row["warning_m"] > 0 for row in gauges["attributes"])
