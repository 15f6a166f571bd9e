"""Steps: a case moves on in order, and each move tells who, when and why."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import EAST, WEST, Json, add_building, at, feature, incident, posted, traces

ITEMS = "/collections/incidents/items"


@pytest.fixture
def case(client: FlaskClient, town: Session) -> int:
    """Report one case in the eastern micro-grid."""
    return int(posted(client, incident(10, 10))["id"])


@pytest.fixture
def ticket(client: FlaskClient, town: Session) -> int:
    """Report one case in words that name no place."""
    return int(posted(client, feature(None, address="村口那边"))["id"])


def _step(client: FlaskClient, number: int, stage: str, **said: Any) -> TestResponse:
    return client.post(f"{ITEMS}/{number}/steps", json={"stage": stage, **said})


def _place(client: FlaskClient, number: int, **said: Any) -> Json:
    reply = client.post(f"{ITEMS}/{number}/place", json=said)
    assert reply.status_code in (200, 201), reply.text
    return dict(reply.get_json(force=True))


def _steps(client: FlaskClient, number: int) -> list[Json]:
    return list(client.get(f"{ITEMS}/{number}/steps").get_json(force=True))


def _events(town: Session) -> list[str]:
    return list(town.execute(text("SELECT kind FROM outbox ORDER BY id")).scalars())


def test_a_step_tells_who_moved_the_case_and_why(client: FlaskClient, case: int) -> None:
    _step(client, case, "accepted", post="dispatcher", unit="镇中心", reason="属实")

    step = _steps(client, case)[-1]

    assert (step["stage_from"], step["stage_to"]) == ("reported", "accepted")
    assert (step["post"], step["unit"], step["reason"]) == ("dispatcher", "镇中心", "属实")
    assert step["at"]


def test_a_step_keeps_its_evidence(client: FlaskClient, case: int) -> None:
    _step(client, case, "accepted", evidence={"photo": "a.jpg"})

    assert _steps(client, case)[-1]["evidence"] == {"photo": "a.jpg"}


def test_a_step_answers_with_the_case_as_it_is_now(client: FlaskClient, case: int) -> None:
    reply = _step(client, case, "accepted")

    assert reply.status_code == 201
    assert reply.get_json(force=True)["properties"]["stage"] == "accepted"
    assert reply.headers["ETag"] == '"2"'


def test_a_case_goes_through_every_stage_to_its_close(
    client: FlaskClient, town: Session, case: int
) -> None:
    _step(client, case, "accepted")
    _step(client, case, "handling")
    closed = _step(client, case, "closed").get_json(force=True)

    assert closed["properties"]["closed_at"] is not None
    assert [s["stage_to"] for s in _steps(client, case)] == _events(town)
    assert _events(town) == ["reported", "accepted", "handling", "closed"]


@pytest.mark.parametrize("stage", ["handling", "closed"])
def test_a_stage_cannot_be_passed_over(
    client: FlaskClient, town: Session, case: int, stage: str
) -> None:
    before = traces(town)

    reply = _step(client, case, stage)

    assert reply.status_code == 409
    assert reply.get_json(force=True)["member"] == "stage"
    assert traces(town) == before


def test_a_stage_is_taken_once(client: FlaskClient, case: int) -> None:
    _step(client, case, "accepted")

    assert _step(client, case, "accepted").status_code == 409


def test_a_ticket_is_placed_at_one_of_its_candidates(
    client: FlaskClient, town: Session, ticket: int
) -> None:
    building = add_building(town, "B1", (100, 100), address="黄屋路12号").id

    placed = _place(client, ticket, building_id=building, post="dispatcher")

    assert placed["geometry"]["coordinates"] == pytest.approx(at(100, 100), abs=1e-6)
    assert (placed["properties"]["grid_code"], placed["properties"]["placed_by"]) == (
        EAST,
        "operator",
    )


def test_placing_a_candidate_tells_who_how_and_when(
    client: FlaskClient, town: Session, ticket: int
) -> None:
    building = add_building(town, "B1", (100, 100), address="黄屋路12号").id
    _place(client, ticket, building_id=building, post="dispatcher", unit="镇中心")

    step = _steps(client, ticket)[-1]

    assert (step["post"], step["unit"]) == ("dispatcher", "镇中心")
    assert step["evidence"]["how"] == "candidate"
    assert (step["evidence"]["building_id"], step["evidence"]["address"]) == (
        building,
        "黄屋路12号",
    )
    assert step["at"]


def test_a_ticket_is_placed_by_a_click_on_the_map(client: FlaskClient, ticket: int) -> None:
    lon, lat = at(-50, 50)

    placed = _place(client, ticket, lon=lon, lat=lat, post="dispatcher")

    assert placed["properties"]["grid_code"] == WEST
    assert _steps(client, ticket)[-1]["evidence"]["how"] == "map"


def test_a_placed_ticket_leaves_the_tray(client: FlaskClient, ticket: int) -> None:
    lon, lat = at(-50, 50)
    _place(client, ticket, lon=lon, lat=lat)

    assert client.get("/collections/incidents/count?located=false").json == {"count": 0}


def test_a_placed_ticket_is_announced_in_its_grid(
    client: FlaskClient, town: Session, ticket: int
) -> None:
    lon, lat = at(-50, 50)
    _place(client, ticket, lon=lon, lat=lat)

    last = town.execute(text("SELECT kind, grid_code FROM outbox ORDER BY id DESC LIMIT 1")).one()
    assert tuple(last) == ("placed", WEST)


def test_a_case_that_is_moved_keeps_where_it_was(client: FlaskClient, case: int) -> None:
    lon, lat = at(-50, 50)
    _place(client, case, lon=lon, lat=lat)

    assert _steps(client, case)[-1]["evidence"]["before"].startswith("POINT(113.94")


def test_a_ticket_placed_outside_every_grid_has_none(client: FlaskClient, ticket: int) -> None:
    placed = _place(client, ticket, lon=120.0, lat=30.0)

    assert (placed["properties"]["grid_code"], placed["properties"]["confidence"]) == (None, 0)


def test_a_closed_case_stays_in_its_place(client: FlaskClient, case: int) -> None:
    for stage in ("accepted", "handling", "closed"):
        _step(client, case, stage)

    reply = client.post(f"{ITEMS}/{case}/place", json={"lon": 113.94, "lat": 22.99})

    assert reply.status_code == 409


def test_the_steps_of_a_case_are_listed_oldest_first(client: FlaskClient, case: int) -> None:
    _step(client, case, "accepted")

    ids = [step["id"] for step in _steps(client, case)]
    assert ids == sorted(ids)
