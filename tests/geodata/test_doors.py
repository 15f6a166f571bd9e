"""Street names and house numbers."""

import numpy as np
import pytest
import shapely

from geodata.doors import StreetNet, number_doors, numeral
from tests.geodata.sample_town import demo_scene, demo_town

BUILDINGS = demo_town().frames["buildings"]
STREET = shapely.LineString([(0, 0), (100, 0)])
NET = StreetNet(
    shape=np.array([shapely.MultiLineString([STREET])]),
    name=np.array(["东兴路"], dtype=object),
    street_class=np.array(["residential"]),
    edges=np.array([STREET]),
    edge_street=np.array([0]),
)


def _houses(*places: tuple[float, float]) -> np.ndarray:
    return shapely.buffer(shapely.points(places), 2)


def test_left_side_is_odd_and_right_side_even() -> None:
    doors = number_doors(NET, _houses((10, 9), (20, -9), (40, 9), (60, -9)), np.full(4, -1))
    assert doors["door"].tolist() == [1, 2, 3, 4]


def test_buildings_of_one_estate_share_a_number() -> None:
    doors = number_doors(NET, _houses((10, 9), (30, 9), (50, 9)), np.array([0, 0, -1]))
    assert doors["door"].tolist() == [1, 1, 3]


@pytest.mark.parametrize(
    ("number", "text"), [(7, "七"), (10, "十"), (12, "十二"), (40, "四十"), (99, "九十九")]
)
def test_numerals_are_written_as_people_do(number: int, text: str) -> None:
    assert numeral(number) == text


def test_street_names_are_unique() -> None:
    assert demo_town().frames["streets"]["name"].is_unique


def test_all_addresses_differ_and_name_village_road_and_door() -> None:
    assert BUILDINGS["address"].is_unique
    parts = zip(BUILDINGS["address"], BUILDINGS["road"], BUILDINGS["door"], strict=True)
    assert all(
        address.startswith("东坑镇") and road + door in address for address, road, door in parts
    )


def test_road_and_door_repeat_only_inside_an_estate_or_campus() -> None:
    single = BUILDINGS[BUILDINGS["name"].isna()]
    assert not single.duplicated(["road", "door"]).any()


def test_every_building_has_a_road_of_the_town() -> None:
    assert set(BUILDINGS["road"]) <= set(demo_scene().streets.name)
