"""Distances along the streets, in metres."""

import numpy as np
import pytest
from shapely import LineString

from geodata.ways import Ways
from tests.factories import at
from tests.geodata.sample_town import demo_town


def line(*places: tuple[float, float]) -> LineString:
    return LineString([at(*place) for place in places])


def ways(*lines: LineString) -> Ways:
    return Ways(np.array(lines, dtype=object))


def far(found: Ways, start: tuple[float, float], *ends: tuple[float, float]) -> list[float]:
    lon, lat = at(*start)
    metres: list[float] = found.distances_m(
        (lon, lat), np.array([at(*end) for end in ends])
    ).tolist()
    return metres


CROSS = (line((-500, 0), (500, 0)), line((0, -500), (0, 500)))


def test_the_way_follows_the_streets_over_their_crossing() -> None:
    assert far(ways(*CROSS), (300, 0), (0, 400)) == [pytest.approx(700, rel=2e-3)]


def test_two_places_on_one_street_are_as_far_as_they_lie_apart() -> None:
    assert far(ways(*CROSS), (100, 0), (350, 0), (100, 0)) == [
        pytest.approx(250, rel=2e-3),
        pytest.approx(0, abs=0.1),
    ]


def test_the_walk_to_the_street_and_from_it_counts() -> None:
    assert far(ways(*CROSS), (100, 30), (300, -20)) == [pytest.approx(250, rel=2e-3)]


def test_the_shorter_of_two_ways_round_is_taken() -> None:
    block = line((0, 0), (400, 0), (400, 200), (0, 200), (0, 0))

    assert far(ways(block), (0, 100), (400, 150)) == [pytest.approx(550, rel=2e-3)]


def test_a_street_without_a_way_to_it_is_infinitely_far() -> None:
    apart = ways(line((0, 0), (100, 0)), line((0, 500), (100, 500)))

    assert far(apart, (50, 0), (50, 500)) == [np.inf]


def test_without_streets_nothing_can_be_reached() -> None:
    assert far(ways(), (0, 0), (10, 10)) == [np.inf]


def test_nowhere_to_go_is_no_distance() -> None:
    assert ways(*CROSS).distances_m((113.94, 22.99), np.empty((0, 2))).tolist() == []


def test_every_team_of_the_demo_town_is_reached_by_no_shorter_way_than_a_straight_line() -> None:
    frames = demo_town().frames
    teams = frames["organisations"].query("kind == 'team'")
    ends = np.column_stack((teams.geometry.x, teams.geometry.y))

    found = Ways(frames["streets"]["geom"].to_numpy()).distances_m((113.94, 22.99), ends)

    metric = teams.to_crs(4547).geometry
    here = (
        demo_town()
        .frames["organisations"]
        .iloc[[0]]
        .set_geometry([LineString([(113.94, 22.99), (113.94, 22.99)]).centroid], crs=4326)
    )
    straight = metric.distance(here.to_crs(4547).geometry.iloc[0]).to_numpy()
    assert np.isfinite(found).all()
    assert (found >= straight - 0.5).all()
    assert np.median(found / straight) < 2
