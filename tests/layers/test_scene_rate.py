"""A rate that survives an argument: a limit in working hours, overdue to the minute, and its rows.

A fire lane blocked on a Friday at five has a limit of four working hours, in a town that works
from 08:30 to 12:00 and from 14:30 to 18:00.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from geodata.tiles import Tile
from layers import tiling, worktime
from layers.base import Query
from layers.incidents import LAYER
from tests.factories import EAST, SCOPE, VILLAGE, WEST, Json, incident, posted
from tests.mvt import read_tile

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2025, 11, 21, 17, tzinfo=ZONE)
MONDAY = date(2025, 11, 24)
TOWN = calendar(SCOPE.district)
BLOCKED = {"category": "102", "reported_at": FRIDAY.isoformat()}
INCIDENTS = "/collections/incidents"


@pytest.fixture
def working(town: Session) -> Session:
    worktime.store_spans(town, SCOPE, TOWN)
    return town


def _due(case: Json) -> str:
    due = datetime.fromisoformat(case["properties"]["due_at"]).astimezone(ZONE)
    return f"{due:%A %H:%M}"


def _json(client: FlaskClient, address: str, **asked: str) -> Json:
    reply = client.get(f"{INCIDENTS}/{address}?{urlencode(asked)}")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def test_four_working_hours_from_friday_at_five_are_due_on_monday(
    client: FlaskClient, working: Session
) -> None:
    assert _due(posted(client, incident(10, 10, **BLOCKED))) == "Monday 11:30"


def test_with_monday_a_holiday_they_are_due_on_tuesday(client: FlaskClient, town: Session) -> None:
    off = replace(TOWN, holidays=TOWN.holidays | {MONDAY})
    worktime.store_spans(town, SCOPE, off)

    assert _due(posted(client, incident(10, 10, **BLOCKED))) == "Tuesday 11:30"


@pytest.mark.parametrize(("second", "overdue"), [(0, 0), (1, 1)])
def test_left_open_it_is_overdue_from_that_minute_on(
    client: FlaskClient, working: Session, second: int, overdue: int
) -> None:
    posted(client, incident(10, 10, **BLOCKED))
    at = datetime(2025, 11, 24, 11, 30, second, tzinfo=ZONE).isoformat()

    found = _json(client, "figures", **{"from": "2025-11-20", "as_of": at})

    assert found["figures"]["overdue"] == overdue


def test_the_rate_opens_its_numerator_and_its_denominator(
    client: FlaskClient, working: Session
) -> None:
    cases = [posted(client, incident(10, 10, **BLOCKED))["id"] for _ in range(3)]
    period = {"from": "2025-11-24", "to": "2025-11-25"}

    found = _json(client, "figures", **period)
    rows = [
        {feature["id"] for feature in _json(client, "items", **period, figure=name)["features"]}
        for name in ("closed_due", "due")
    ]

    assert (found["figures"]["closed_due"], found["figures"]["due"]) == (0, 3)
    assert (found["rates"]["closing"], rows) == (0, [set(), set(cases)])


@pytest.mark.parametrize(("area", "count"), [(VILLAGE, 3), (WEST, 1), (EAST, 2), ("441900", 3)])
def test_tile_list_and_count_of_an_area_agree(
    client: FlaskClient, working: Session, area: str, count: int
) -> None:
    for east_m in (-50, 50, 60):
        posted(client, incident(east_m, 10, **BLOCKED))

    tile = tiling.vector_tile(working, LAYER, SCOPE, Tile(0, 0, 0), Query(where={"area": area}))
    listed = _json(client, "items", area=area)["features"]
    counted = _json(client, "count", area=area)["count"]

    assert (read_tile(tile, (0, 0, 0))["n"].sum(), len(listed), counted) == (count,) * 3
