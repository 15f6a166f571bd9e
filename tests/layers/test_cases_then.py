"""Cases are listed, counted and drawn as they stood at a past moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import Reader
from tests.cases import add_case, add_step, ago
from tests.factories import Json, at, incident, posted

ITEMS = "/collections/incidents/items"


def _then(client: FlaskClient, hours: float, **asked: Any) -> list[Json]:
    told = urlencode({"as_of": ago(hours).isoformat(), **asked})
    reply = client.get(f"{ITEMS}?{told}")
    assert reply.status_code == 200, reply.text
    return list(reply.get_json(force=True)["features"])


@pytest.fixture
def closed(town: Session) -> int:
    """Store a case that was reported 30 hours ago and closed an hour ago."""
    case = add_case(town, ago(30), closed_at=ago(1))
    return case


def test_a_case_is_listed_as_it_stood(client: FlaskClient, closed: int) -> None:
    (found,) = _then(client, 2)

    assert (found["id"], found["properties"]["closed_at"]) == (closed, None)
    assert found["properties"]["stage"] != "closed"


def test_filters_ask_how_it_stood(client: FlaskClient, closed: int) -> None:
    assert [len(_then(client, h, stage="closed")) for h in (2, 0)] == [0, 1]
    assert [len(_then(client, h, filter="closed_at IS NULL")) for h in (2, 0)] == [1, 0]
    assert [len(_then(client, h, live="true")) for h in (2, 0)] == [1, 0]


def test_a_case_reported_since_is_not_listed(client: FlaskClient, closed: int) -> None:
    assert _then(client, 31) == []


def test_a_case_placed_since_lies_where_it_lay(
    client: FlaskClient, dispatcher: FlaskClient, town: Session
) -> None:
    case = posted(client, incident(-50, 50, reported_at=ago(3).isoformat()))["id"]
    lon, lat = at(60, 60)
    moved = dispatcher.post(f"{ITEMS}/{case}/place", json={"lon": lon, "lat": lat})
    assert moved.status_code == 201, moved.text

    (found,) = _then(client, 1)
    assert found["geometry"]["coordinates"] == pytest.approx(at(-50, 50), abs=1e-6)
    box = ",".join(str(v) for v in (*at(50, 50), *at(70, 70)))
    assert _then(client, 1, bbox=box) == []
    now = client.get(f"{ITEMS}?bbox={box}").get_json(force=True)["features"]
    assert [feature["id"] for feature in now] == [case]


def test_one_case_is_read_as_it_stood(client: FlaskClient, closed: int) -> None:
    told = urlencode({"as_of": ago(2).isoformat()})

    found = client.get(f"{ITEMS}/{closed}?{told}").get_json(force=True)
    assert found["properties"]["closed_at"] is None


def test_a_past_list_is_counted_and_sorted(client: FlaskClient, town: Session) -> None:
    cases = [add_case(town, ago(hours), severity=s) for hours, s in ((30, 3), (29, 1), (28, 2))]

    listed = [feature["id"] for feature in _then(client, 1, sortby="severity")]
    told = urlencode({"as_of": ago(28.5).isoformat(), "resulttype": "hits"})
    hits = client.get(f"{ITEMS}?{told}").get_json(force=True)
    assert (listed, hits["numberMatched"]) == ([cases[1], cases[2], cases[0]], 2)


def test_who_gave_a_restricted_case_away_sees_nothing_of_its_past(
    client_as: Callable[[Reader], FlaskClient], town: Session
) -> None:
    town.execute(text("UPDATE categories SET restricted = true"))
    case = add_case(town, ago(30), unit="O1")
    add_step(town, case, ago(1), "reassign", unit="O2")
    town.execute(text("UPDATE incidents SET unit = 'O2' WHERE id = :id"), {"id": case})

    former, present = (
        client_as(Reader("a", frozenset({"department"}), unit=unit)) for unit in ("O1", "O2")
    )

    assert [feature["properties"]["unit"] for feature in _then(present, 2)] == ["O1"]
    assert _then(former, 2) == []
    assert (
        former.get(f"{ITEMS}/{case}?{urlencode({'as_of': ago(2).isoformat()})}").status_code == 404
    )
