"""Which incidents a list or a tile is about: by time, by stage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from geodata.tiles import Tile
from layers import tiling
from layers.base import Query
from layers.incidents import LAYER
from tests.factories import SCOPE, bring, incident, posted

WHOLE_WORLD = Tile(0, 0, 0)


def _numbers(client: FlaskClient, question: str) -> list[int]:
    found = client.get(f"/collections/incidents/items?{question}").json
    assert found is not None
    return [feature["id"] for feature in found["features"]]


def _ago(hours: int) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def test_since_leaves_out_what_was_reported_before(client: FlaskClient, town: Session) -> None:
    posted(client, incident(-50, 0, reported_at=_ago(30)))
    late = posted(client, incident(50, 0))
    assert _numbers(client, f"since={_ago(24)[:19]}Z") == [late["id"]]


def test_since_needs_a_time_zone(client: FlaskClient, town: Session) -> None:
    reply = client.get("/collections/incidents/items?since=2026-01-01T00:00:00")
    assert (reply.status_code, (reply.json or {})["member"]) == (400, "since")


@pytest.mark.parametrize("zone", ["%2B16:00", "-16:00", "%2B23:59", "-23:59"])
@pytest.mark.parametrize("asked", ["items?since=", "figures?from=", "items?figure=open&as_of="])
def test_a_time_may_have_any_zone(
    client: FlaskClient, town: Session, asked: str, zone: str
) -> None:
    reply = client.get(f"/collections/incidents/{asked}2026-11-01T00:00:00{zone}")
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00%2B01:00", "9999-12-31T23:59:59-01:00"])
def test_a_time_beyond_the_calendar_is_refused(
    client: FlaskClient, town: Session, time: str
) -> None:
    reply = client.get(f"/collections/incidents/items?since={time}")
    assert (reply.status_code, (reply.json or {})["member"]) == (400, "since")


def test_a_tile_shows_closed_cases_only_when_asked_for(
    dispatcher: FlaskClient, town: Session
) -> None:
    case = posted(dispatcher, incident(50, 0))
    bring(dispatcher, case["id"], "accepted", "handling", "closed")
    live = tiling.vector_tile(town, LAYER, SCOPE, WHOLE_WORLD, Query())
    closed = tiling.vector_tile(town, LAYER, SCOPE, WHOLE_WORLD, Query(where={"stage": "closed"}))
    assert (live, b"closed" in closed) == (b"", True)
