"""Questions about time, and what of features is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from layers.buildings import Building
from layers.grids import Grid
from layers.registers import revise
from tests.factories import VILLAGE, add_building, add_grid, block, incident, posted
from tests.gis_server.questions import BUILDINGS, GRIDS, answered, refused

ITEMS = "/collections/incidents/items"
DAY = timedelta(days=1)


def test_a_time_picks_the_cases_that_were_reported_in_it(
    client: FlaskClient, town: Session
) -> None:
    early = posted(client, incident(1, 1, reported_at="2026-03-01T15:30:00Z"))["id"]
    late = posted(client, incident(1, 1, reported_at="2026-03-01T16:30:00Z"))["id"]

    assert _reported(client, "2026-03-01") == [early]  # the day ends at 16:00 UTC
    assert _reported(client, "2026-03-02/..") == [late]
    assert _reported(client, "/2026-03-01T15:30:00Z") == [early]
    assert _reported(client, "2026-03-01T15:30:00Z/2026-03-01T16:30:00Z") == [late, early]


def _reported(client: FlaskClient, span: str) -> list[int]:
    return [feature["id"] for feature in answered(client, ITEMS, datetime=span)["features"]]


@pytest.fixture
def redrawn(session: Session) -> Session:
    """Store a grid that was redrawn on the first of March."""
    march = datetime(2026, 3, 1, tzinfo=UTC)
    for name, valid in (("old", Range(None, march)), ("new", Range(march, None))):
        add_grid(session, f"{VILLAGE}009", block(0, 0, 9, 9), name=name, valid=valid)
    return session


def _names(client: FlaskClient, **asked: Any) -> list[str]:
    return [f["properties"]["name"] for f in answered(client, GRIDS, **asked)["features"]]


def test_only_the_edition_in_force_is_listed(client: FlaskClient, redrawn: Session) -> None:
    assert _names(client) == ["new"]


def test_a_moment_picks_the_edition_that_was_in_force_then(
    client: FlaskClient, redrawn: Session
) -> None:
    reply = client.get(f"{GRIDS}?valid_at=2026-02-28T00:00:00Z").get_json(force=True)

    assert [f["properties"]["name"] for f in reply["features"]] == ["old"]


def test_a_period_lists_all_its_editions(client: FlaskClient, redrawn: Session) -> None:
    assert _names(client, datetime="2026-02-01/2026-04-01") == ["new", "old"]
    assert _names(client, datetime="../2026-02-01") == ["old"]


def test_a_former_edition_is_still_read_by_its_id(client: FlaskClient, redrawn: Session) -> None:
    old = redrawn.execute(select(Grid.id).where(Grid.name == "old")).scalar_one()

    assert client.get(f"{GRIDS}/{old}").status_code == 200


@pytest.fixture
def renamed(session: Session) -> datetime:
    """Rename a house and pull another down; the moment before."""
    before = datetime.now(UTC) - DAY
    for code in ("kept", "gone"):
        add_building(session, code, (0, 0), name="before")
    session.execute(update(Building).values(recorded_at=before - DAY))
    revise(session, Building, Building.code == "kept", {"name": "after"})
    revise(session, Building, Building.code == "gone", {"name": "after"})
    session.execute(delete(Building).where(Building.code == "gone"))
    return before


def test_a_record_is_read_as_it_stood(client: FlaskClient, renamed: datetime) -> None:
    now = answered(client, BUILDINGS)["features"]
    reply = client.get(f"{BUILDINGS}?as_of={quote(renamed.isoformat())}&sortby=code")

    past = reply.get_json(force=True)["features"]
    assert [(f["properties"]["code"], f["properties"]["name"]) for f in past] == [
        ("gone", "before"),
        ("kept", "before"),
    ]
    assert [(f["properties"]["code"], f["properties"]["name"]) for f in now] == [("kept", "after")]
    assert [f["version"] for f in past] == [1, 1]


def test_a_past_record_is_counted_and_cut_to_a_box(client: FlaskClient, renamed: datetime) -> None:
    then = quote(renamed.isoformat())

    hits = client.get(f"{BUILDINGS}?as_of={then}&resulttype=hits").get_json(force=True)
    away = client.get(f"{BUILDINGS}?as_of={then}&bbox=0,0,1,1").get_json(force=True)

    assert (hits["numberMatched"], hits["features"]) == (2, [])
    assert away["numberMatched"] == 0


def test_what_keeps_no_record_says_so(client: FlaskClient, town: Session) -> None:
    path = "/collections/procedures/items?as_of=2026-01-01T00:00:00Z"

    assert refused(client, path) == (400, "as_of")


def test_only_the_properties_asked_for_are_shown(client: FlaskClient, street: Session) -> None:
    found = answered(client, BUILDINGS, properties="floors,name", limit=1, sortby="code")

    assert found["features"][0]["properties"] == {"name": "仓库", "floors": 0}


def test_hits_are_counted_exactly_and_not_listed(client: FlaskClient, street: Session) -> None:
    found = answered(client, BUILDINGS, resulttype="hits", limit=1)

    assert (found["numberMatched"], found["numberReturned"], found["features"]) == (5, 0, [])


def test_only_a_whole_answer_tells_how_many_match(client: FlaskClient, street: Session) -> None:
    assert answered(client, BUILDINGS, limit=5)["numberMatched"] == 5
    assert "numberMatched" not in answered(client, BUILDINGS, limit=4)
    assert "numberMatched" not in answered(client, BUILDINGS, limit=5, offset=4)


def test_a_feature_that_has_not_changed_is_not_sent_again(
    client: FlaskClient, town: Session
) -> None:
    path = f"{ITEMS}/{posted(client, incident(1, 1))['id']}"
    tag = client.get(path).headers["ETag"]

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_feature_leads_to_its_collection(client: FlaskClient, town: Session) -> None:
    links = answered(client, f"{ITEMS}/{posted(client, incident(1, 1))['id']}")["links"]

    told = {link["rel"]: link["href"] for link in links}
    assert told["collection"] == "http://localhost/collections/incidents"
