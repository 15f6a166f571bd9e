"""To whom a case is proposed to go, and what a card is told of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiLineString, Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.errors import NotFound
from layers.base import VISITOR
from layers.responsibility import Proposal, propose
from layers.streets import Street
from tests.conftest import Desk
from tests.factories import (
    SCOPE,
    VILLAGE,
    WEST,
    Json,
    add_building,
    at,
    incident,
    posted,
)
from tests.layers.casework import CENTRE, EAST_TEAM, TEAM, holder
from tests.layers.offices import add_offices

NOW = datetime.now(UTC)
PARK = f"{VILLAGE}901"
ITEMS = "/collections/incidents/items"


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_offices(town)


def proposed(found: list[Proposal]) -> list[tuple[str, str | None, str | None]]:
    return [(p.rule, p.unit, p.post) for p in found]


def case(desk: Desk, east_m: float, north_m: float, category: str = "302", **said: Any) -> int:
    desk.reader = CENTRE
    return int(posted(desk.client, incident(east_m, north_m, category=category, **said))["id"])


def test_a_case_is_proposed_to_its_post_then_to_who_comes_next(town: Session, desk: Desk) -> None:
    found = propose(town, SCOPE, case(desk, 100, 50, "404"))

    assert proposed(found)[0] == ("post", EAST_TEAM, "leader")
    assert set(proposed(found)) >= {
        ("industry", "DW", "water"),
        ("substitute", "O1", "grid_leader"),
    }
    assert [p.probability for p in found] == sorted((p.probability for p in found), reverse=True)
    assert found[0].probability > 0.9
    assert (found[0].rule_en, found[0].rule_zh) == ("grid post on duty", "网格在岗")
    assert len(found) <= 5
    assert sum(p.probability for p in found) <= 1.0001


def test_at_a_border_both_leaders_are_proposed_by_their_chances(town: Session, desk: Desk) -> None:
    found = propose(town, SCOPE, case(desk, 4, 50, accuracy_m=30))

    assert [p.post for p in found[:2]] == ["leader", "D1"]
    assert 0.5 < found[0].probability < 0.8
    assert 0.2 < found[1].probability < 0.5


def test_the_grid_that_the_reporter_chose_is_believed(town: Session, desk: Desk) -> None:
    found = propose(town, SCOPE, case(desk, 4, 50, accuracy_m=30, grid_code=WEST))

    assert found[0].post == "D1"
    assert found[0].probability > 0.85


def test_the_building_that_is_named_settles_a_border(town: Session, desk: Desk) -> None:
    add_building(town, "B1", (-20, 50), address="黄屋村西兴路3号")

    found = propose(town, SCOPE, case(desk, 4, 50, accuracy_m=30, address="黄屋村西兴路3号"))

    assert found[0].post == "D1"
    assert found[0].probability > 0.85


def test_a_department_that_answers_in_both_grids_is_proposed_once(
    town: Session, desk: Desk
) -> None:
    found = propose(town, SCOPE, case(desk, 4, 50, "101", accuracy_m=30))

    assert proposed(found)[0] == ("industry", "DF", None)
    assert [p.unit for p in found].count("DF") == 1
    assert found[0].probability > 0.9


def test_who_sent_a_case_back_is_not_proposed_for_it_again(town: Session, desk: Desk) -> None:
    number = case(desk, 100, 50)
    moved(desk, number, CENTRE, move="dispatch")
    assert "leader" not in [p.post for p in propose(town, SCOPE, number)]
    moved(desk, number, holder("leader"), move="return", reason="不属本网格")

    found = propose(town, SCOPE, number)

    assert "leader" not in [p.post for p in found]
    assert found[0].probability > 0.4


def moved(desk: Desk, number: int, who: Any, **said: Any) -> Json:
    desk.reader = who
    etag = desk.client.get(f"{ITEMS}/{number}").headers["ETag"]
    reply = desk.client.post(f"{ITEMS}/{number}/steps", json=said, headers={"If-Match": etag})
    assert reply.status_code == 201, reply.text
    return dict(reply.get_json(force=True))


def test_a_case_in_the_tray_is_proposed_to_the_department_of_its_item(
    town: Session, desk: Desk
) -> None:
    desk.reader = CENTRE
    words = {"type": "Feature", "geometry": None, "properties": {"category": "404"}}
    words["properties"]["address"] = "村口那边"

    found = propose(town, SCOPE, int(posted(desk.client, words)["id"]))

    assert proposed(found) == [("industry", "DW", "water")]
    assert found[0].probability < 0.6


def test_an_unknown_case_has_no_proposals(town: Session) -> None:
    with pytest.raises(NotFound, match="no incident 9"):
        propose(town, SCOPE, 9)


def add_streets(town: Session) -> None:
    """Draw a street along the middle line, and one that leads north from its eastern end."""
    lines = {"S1": [at(-190, 0), at(190, 0)], "S2": [at(190, 0), at(190, 150)]}
    for code, line in lines.items():
        geom = from_shape(MultiLineString([line]), WGS84)
        told = {"code": code, "name": code, "class_": "residential"}
        town.add(Street(district=SCOPE.district, geom=geom, **told))
    place = from_shape(Point(at(190, 150)), WGS84)
    for unit in (EAST_TEAM, TEAM):
        asked = text("UPDATE organisations SET geom = ST_GeomFromEWKB(:geom) WHERE code = :code")
        town.execute(asked, {"geom": bytes.fromhex(place.desc), "code": unit})
        place = from_shape(Point(at(-190, 0)), WGS84)
    town.flush()


def test_the_card_is_told_proposals_and_the_nearest_teams_by_street(
    town: Session, desk: Desk
) -> None:
    add_streets(town)
    number = case(desk, 40, 0)

    told = desk.client.get(f"{ITEMS}/{number}/proposals").get_json(force=True)

    assert [(team["unit"], team["distance_m"]) for team in told["teams"]] == [
        (TEAM, pytest.approx(230, abs=2)),
        (EAST_TEAM, pytest.approx(300, abs=2)),
    ]
    assert set(told["proposals"][0]) == {
        *("unit", "unit_name", "post", "title", "holder", "phone", "rule", "rule_en", "rule_zh"),
        "probability",
    }


def test_a_visitor_is_not_told_who_holds_a_post(town: Session, desk: Desk) -> None:
    number = case(desk, 100, 50)
    seen = desk.client.get(f"{ITEMS}/{number}/proposals").get_json(force=True)["proposals"][0]
    desk.reader = VISITOR

    told = desk.client.get(f"{ITEMS}/{number}/proposals").get_json(force=True)["proposals"][0]

    assert (seen["holder"], told["holder"], told["phone"]) == ("leader", None, None)
    assert told["title"] == seen["title"]
