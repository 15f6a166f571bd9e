"""Who answers at a place, and to whom a case is proposed to go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from layers.answers import Answer
from layers.duties import Duty
from layers.enterprises import Enterprise
from layers.facilities import Facility
from layers.grounds import Place
from layers.responsibility import who_answers
from tests.factories import (
    EAST,
    MIDDLE_LON,
    SCOPE,
    VILLAGE,
    WEST,
    add_building,
    add_grid,
    at,
    block,
)
from tests.layers.casework import EAST_TEAM, TEAM
from tests.layers.offices import add_offices

NOW = datetime.now(UTC)
PARK = f"{VILLAGE}901"
ITEMS = "/collections/incidents/items"


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_offices(town)


def told(answers: list[Answer]) -> list[tuple[str, str | None, str | None]]:
    return [(answer.rule, *answer.key) for answer in answers]


def asked(town: Session, east_m: float, north_m: float, item: str, **known: Any) -> Any:
    lon, lat = at(east_m, north_m)
    return told(who_answers(town, SCOPE, Place(lon, lat, NOW, **known), item))


def add_firm(town: Session, place: tuple[float, float], kind: str, building: str | None) -> None:
    firm = {"code": f"E{kind}{place}", "building_code": building, "class_": kind}
    geom = from_shape(Point(at(*place)), WGS84)
    town.add(Enterprise(district=SCOPE.district, geom=geom, **firm))
    town.flush()


def vacate(town: Session, *posts: str) -> None:
    town.execute(
        text("UPDATE duties SET holder = '' WHERE code = ANY(:codes)"), {"codes": list(posts)}
    )


def test_the_leader_of_the_micro_grid_answers(town: Session) -> None:
    assert asked(town, 50, 50, "302")[0] == ("post", EAST_TEAM, "leader")


def test_on_the_edge_of_two_micro_grids_the_lower_code_answers(town: Session) -> None:
    lon, lat = MIDDLE_LON, at(0, 50)[1]

    found = who_answers(town, SCOPE, Place(lon, lat, NOW), "302")

    assert (found[0].rule, found[0].grid_code) == ("post", WEST)


def test_a_hole_in_the_micro_grid_falls_to_the_grid_above(town: Session) -> None:
    town.execute(text("DELETE FROM grids WHERE code = :code"), {"code": EAST})

    assert asked(town, 50, 50, "302")[0] == ("post", "O1", "grid_leader")


def test_vacant_posts_fall_from_the_team_to_the_grid_the_village_and_the_town(
    town: Session,
) -> None:
    vacate(town, "leader", "governance")
    assert asked(town, 50, 50, "302")[0] == ("substitute", "O1", "grid_leader")
    vacate(town, "grid_leader")
    assert asked(town, 50, 50, "302")[0] == ("territorial", "O1", "secretary")
    vacate(town, "secretary")
    assert asked(town, 50, 50, "302")[0] == ("territorial", TEAM, "captain")


def test_a_duty_that_has_ended_is_no_duty(town: Session) -> None:
    town.execute(
        text("UPDATE duties SET valid = tstzrange(NULL, now() - interval '1 day') WHERE code = :c"),
        {"c": "leader"},
    )

    assert asked(town, 50, 50, "302")[0] == ("post", EAST_TEAM, "governance")
    assert ("post", EAST_TEAM, "leader") not in asked(town, 50, 50, "302")


def test_a_dedicated_grid_goes_before_department_and_micro_grid(town: Session) -> None:
    add_grid(town, PARK, block(40, 40, 90, 90), kind="dedicated", level=3)
    town.add(
        Duty(
            **{"district": SCOPE.district, "code": "owner", "organisation_code": "DE"},
            **{"post": "park", "title": "园区负责人", "grid_code": PARK, "holder": "园区"},
        )
    )
    town.flush()

    assert asked(town, 50, 50, "101")[0] == ("dedicated", "DE", "owner")
    assert asked(town, 20, 20, "302")[0] == ("post", EAST_TEAM, "leader")


def test_an_item_of_a_department_goes_to_its_desk_wherever_it_happens(town: Session) -> None:
    assert asked(town, 50, 50, "101")[0] == ("industry", "DF", None)


def test_an_item_goes_to_the_department_only_in_a_building_of_the_class(town: Session) -> None:
    add_building(town, "B1", (50, 50))
    add_building(town, "B2", (150, 50))
    add_firm(town, (50, 50), "factory", "B1")

    assert asked(town, 53, 53, "107")[0] == ("industry", "DE", None)
    assert asked(town, 70, 50, "107")[0] == ("industry", "DE", None)
    assert asked(town, 100, 50, "107")[0][0] == "post"
    assert asked(town, 150, 50, "107")[0][0] == "post"
    assert asked(town, 50, 50, "106")[0][0] == "post"


def test_without_a_building_the_firms_around_tell_the_class(town: Session) -> None:
    add_firm(town, (50, 50), "factory", None)

    assert asked(town, 60, 50, "107")[0][0] == "industry"
    assert asked(town, 90, 50, "107")[0][0] == "post"


def test_a_school_ground_tells_the_class_of_what_happens_on_it(town: Session) -> None:
    ground = from_shape(block(20, 20, 120, 120), WGS84)
    town.add(Facility(district=SCOPE.district, code="F1", class_="school", geom=ground))
    town.flush()

    assert asked(town, 100, 100, "102")[0] == ("industry", "DF", None)
    assert asked(town, 150, 150, "102")[0][0] == "post"


def test_the_building_that_the_address_names_is_the_place(town: Session) -> None:
    add_building(town, "B1", (30, 50), address="黄屋村东兴路12号")
    add_building(town, "B2", (60, 50), address="黄屋村东兴路1号")
    add_firm(town, (30, 50), "factory", "B1")
    near = {"address": "黄屋村东兴路12号三楼", "accuracy_m": 40}

    assert asked(town, 62, 50, "107", **near)[0][0] == "industry"
    assert asked(town, 62, 50, "107", accuracy_m=40)[0][0] == "post"


def test_outside_the_town_nobody_answers_but_the_department(town: Session) -> None:
    assert asked(town, 5000, 0, "302") == []
    assert asked(town, 5000, 0, "101") == [("industry", "DF", None)]
