"""Steps: each move and each placing tells who, when, how and why."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories import (
    EAST,
    WEST,
    Json,
    add_building,
    at,
    bring,
    feature,
    incident,
    make_move,
    posted,
    traces,
)

ITEMS = "/collections/incidents/items"


@pytest.fixture
def case(dispatcher: FlaskClient, town: Session) -> int:
    """Report one case in the eastern micro-grid."""
    return int(posted(dispatcher, incident(10, 10))["id"])


@pytest.fixture
def ticket(dispatcher: FlaskClient, town: Session) -> int:
    """Report one case in words that name no place."""
    return int(posted(dispatcher, feature(None, address="村口那边"))["id"])


def _place(client: FlaskClient, number: int, **said: Any) -> Json:
    reply = client.post(f"{ITEMS}/{number}/place", json=said)
    assert reply.status_code in (200, 201), reply.text
    return dict(reply.get_json(force=True))


def _steps(client: FlaskClient, number: int) -> list[Json]:
    return list(client.get(f"{ITEMS}/{number}/steps").get_json(force=True))


def _events(town: Session) -> list[str]:
    return list(town.execute(text("SELECT kind FROM outbox ORDER BY id")).scalars())


def test_a_step_tells_who_moved_the_case_and_why(dispatcher: FlaskClient, case: int) -> None:
    bring(dispatcher, case, "accepted")

    make_move(dispatcher, case, "return", post="D1", reason="不属本格")
    step = _steps(dispatcher, case)[-1]

    assert (step["stage_from"], step["stage_to"]) == ("accepted", "reported")
    assert (step["actor"], step["reason"]) == ("dispatcher", "不属本格")
    assert step["at"]


def test_a_step_keeps_its_evidence(dispatcher: FlaskClient, case: int) -> None:
    make_move(dispatcher, case, "dispatch", evidence={"photos": ["a.jpg"]})

    assert _steps(dispatcher, case)[-1]["evidence"]["photos"] == ["a.jpg"]


def test_a_step_answers_with_the_case_as_it_is_now(dispatcher: FlaskClient, case: int) -> None:
    reply = make_move(dispatcher, case, "dispatch")

    assert reply.status_code == 201
    assert reply.get_json(force=True)["properties"]["stage"] == "accepted"
    assert reply.headers["ETag"] == '"2"'


def test_a_case_goes_through_every_stage_to_its_close(
    dispatcher: FlaskClient, town: Session, case: int
) -> None:
    closed = bring(dispatcher, case, "accepted", "handling", "closed")

    assert closed["properties"]["closed_at"] is not None
    assert [s["move"] for s in _steps(dispatcher, case)] == ["report", *_events(town)[1:]]
    assert _events(town) == ["reported", "dispatch", "take", "finish", "close"]


@pytest.mark.parametrize("move", ["take", "finish", "close"])
def test_a_step_cannot_be_passed_over(
    dispatcher: FlaskClient, town: Session, case: int, move: str
) -> None:
    before = traces(town)

    reply = make_move(dispatcher, case, move)

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (409, "move")
    assert traces(town) == before


def test_a_ticket_is_placed_at_one_of_its_candidates(
    dispatcher: FlaskClient, town: Session, ticket: int
) -> None:
    building = add_building(town, "B1", (100, 100), address="黄屋路12号").id

    placed = _place(dispatcher, ticket, building_id=building)

    assert placed["geometry"]["coordinates"] == pytest.approx(at(100, 100), abs=1e-6)
    assert (placed["properties"]["grid_code"], placed["properties"]["placed_by"]) == (
        EAST,
        "operator",
    )


def test_placing_a_candidate_tells_who_how_and_when(
    dispatcher: FlaskClient, town: Session, ticket: int
) -> None:
    building = add_building(town, "B1", (100, 100), address="黄屋路12号").id
    _place(dispatcher, ticket, building_id=building, post="D1", unit="O1")

    step = _steps(dispatcher, ticket)[-1]

    assert (step["post"], step["unit"], step["actor"]) == ("D1", "O1", "dispatcher")
    assert step["evidence"]["how"] == "candidate"
    assert (step["evidence"]["building_id"], step["evidence"]["address"]) == (
        building,
        "黄屋路12号",
    )
    assert step["at"]


def test_a_ticket_is_placed_by_a_click_on_the_map(dispatcher: FlaskClient, ticket: int) -> None:
    lon, lat = at(-50, 50)

    placed = _place(dispatcher, ticket, lon=lon, lat=lat)

    assert placed["properties"]["grid_code"] == WEST
    assert _steps(dispatcher, ticket)[-1]["evidence"]["how"] == "map"


def test_a_placed_ticket_leaves_the_tray(dispatcher: FlaskClient, ticket: int) -> None:
    lon, lat = at(-50, 50)
    _place(dispatcher, ticket, lon=lon, lat=lat)

    assert dispatcher.get("/collections/incidents/count?located=false").json == {"count": 0}


def test_a_placed_ticket_is_announced_in_its_grid(
    dispatcher: FlaskClient, town: Session, ticket: int
) -> None:
    lon, lat = at(-50, 50)
    _place(dispatcher, ticket, lon=lon, lat=lat)

    last = town.execute(text("SELECT kind, grid_code FROM outbox ORDER BY id DESC LIMIT 1")).one()
    assert tuple(last) == ("placed", WEST)


def test_a_case_that_is_moved_keeps_where_it_was(dispatcher: FlaskClient, case: int) -> None:
    lon, lat = at(-50, 50)
    _place(dispatcher, case, lon=lon, lat=lat)

    assert _steps(dispatcher, case)[-1]["evidence"]["before"].startswith("POINT(113.94")


def test_a_ticket_placed_outside_every_grid_has_none(dispatcher: FlaskClient, ticket: int) -> None:
    placed = _place(dispatcher, ticket, lon=120.0, lat=30.0)

    assert (placed["properties"]["grid_code"], placed["properties"]["confidence"]) == (None, 0)


def test_a_closed_case_stays_in_its_place(dispatcher: FlaskClient, case: int) -> None:
    bring(dispatcher, case, "accepted", "handling", "closed")

    reply = dispatcher.post(f"{ITEMS}/{case}/place", json={"lon": 113.94, "lat": 22.99})

    assert reply.status_code == 409


def test_the_steps_of_a_case_are_listed_oldest_first(dispatcher: FlaskClient, case: int) -> None:
    bring(dispatcher, case, "accepted")

    ids = [step["id"] for step in _steps(dispatcher, case)]
    assert ids == sorted(ids)
