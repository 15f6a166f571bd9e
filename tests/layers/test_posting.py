"""A batch of posted incidents is stored as if each of them had been posted by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import Reader
from tests.factories import EAST, WEST, Json, add_building, feature, incident, point, posted

ClientAs = Callable[[Reader], FlaskClient]
ITEMS = "/collections/incidents/items"
REPORTED = "2026-06-05T08:00:00+08:00"
STORED = text("""
SELECT to_jsonb(i) - 'id' - 'number' AS incident,
       (SELECT jsonb_agg(to_jsonb(s) - 'id' - 'incident_id' ORDER BY s.id)
        FROM steps AS s WHERE s.district = i.district AND s.incident_id = i.id) AS steps
FROM incidents AS i ORDER BY id
""")
ADDRESS = "黄屋路12号"
ROWS = {
    "with photos": incident(50, 50, photos=["a.jpg", "b.jpg"]),
    "in words that name a building": feature(None, address=ADDRESS, accuracy_m=30),
    "in words that may mean several": feature(None, address="黄屋路", photos=["c.jpg"]),
    "in words that mean nothing": feature(None, description="有人吵架"),
    "at a border": incident(-8, 0, accuracy_m=20),
    "at a corner outside": incident(3, 203, accuracy_m=20),
    "far outside": incident(900, 900),
    "in another CRS": incident(10, 10, crs="gcj02"),
    "with all it may have": feature(
        point(20, -30),
        severity=1,
        source="12345",
        external_id="X1",
        description="冒烟",
        address=ADDRESS,
        accuracy_m=3,
    ),
}


@pytest.fixture(autouse=True)
def addresses(town: Session) -> None:
    for door, east in (("12号", 3), ("14号", 40), ("16号", 60)):
        given = {"road": "黄屋路", "door": door, "address": f"黄屋路{door}"}
        add_building(town, f"B{door}", (east, 20), **given)


def _batch(client: FlaskClient, *rows: Json) -> Json:
    body = "\n".join(json.dumps(row) for row in rows)
    reply = client.post(ITEMS, data=body, content_type="application/geo+json-seq")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def _at_one_time(row: Json, **given: Any) -> Json:
    return {**row, "properties": {**row["properties"], "reported_at": REPORTED, **given}}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_is_stored_as_a_single_report(client: FlaskClient, town: Session, row: Json) -> None:
    own_id = {"external_id": "X2"} if "external_id" in row["properties"] else {}
    posted(client, _at_one_time(row))
    _batch(client, _at_one_time(row, **own_id))

    alone, together = [tuple(stored) for stored in town.execute(STORED)]
    together[0]["external_id"] = alone[0]["external_id"]
    assert together == alone


def test_words_that_name_a_building_are_placed(client: FlaskClient, town: Session) -> None:
    _batch(client, ROWS["in words that name a building"])

    ((stored, _),) = town.execute(STORED)
    assert (stored["placed_by"], stored["grid_code"]) == ("address", EAST)
    assert [c["grid_code"] for c in stored["candidates"]] == [WEST]


def test_words_that_may_mean_several_wait_with_them(client: FlaskClient, town: Session) -> None:
    _batch(client, ROWS["far outside"], ROWS["in words that may mean several"])

    outside, waiting = [stored for stored, _ in town.execute(STORED)]
    assert (waiting["geom"], len(waiting["candidates"]), outside["candidates"]) == (None, 3, [])


def test_a_choice_of_a_grid_in_a_batch_is_refused(client: FlaskClient, town: Session) -> None:
    taken = _batch(client, incident(-8, 0), incident(-8, 0, accuracy_m=20, grid_code=EAST))

    assert taken["rows_written"] == 1
    assert taken["rejected"] == [
        {
            "row": 2,
            "member": "properties.grid_code",
            "detail": "choose a grid in a single report",
        }
    ]


def test_a_batch_of_a_worker_is_his_own_reports(client_as: ClientAs, town: Session) -> None:
    worker = client_as(Reader("w", frozenset({"worker"}), "D1", "O1", (WEST,)))

    _batch(worker, incident(-50, 50, source="grid_worker"))

    told = "SELECT i.reporter, s.post, s.actor FROM incidents AS i, steps AS s"
    assert tuple(town.execute(text(told)).one()) == ("D1", "D1", "w")
