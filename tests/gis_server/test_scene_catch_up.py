"""A client that was away catches up with what it missed, or after too long with everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from layers.outbox import purge
from tests.factories import SCOPE, Json, add_town
from tests.gis_server.editors import ITEMS, PLANNER, created, house, patched, ring

LAYER = "buildings"


@pytest.fixture
def planner(own_database: Settings, own_engine: Engine) -> Iterator[FlaskClient]:
    """Ask as a planner whose edits are committed."""
    with Session(own_engine) as session, session.begin():
        add_town(session)
    scope = replace(SCOPE, reader=PLANNER)
    yield create_app(own_database, asking=lambda: scope).test_client()


@dataclass
class Mirror:
    """Keep a copy of the buildings by following what changes."""

    web: FlaskClient
    since: str = ""
    held: dict[int, Json] = field(default_factory=dict)

    def download(self) -> None:
        """Read everything, and where to go on from: first where, so that nothing is missed."""
        self.since = self._polled()["since"]
        self.held = self.everything()

    def everything(self) -> dict[int, Json]:
        """Read all buildings as they are now."""
        lines = self.web.get(ITEMS, query_string={"f": "ndjson"}).text.splitlines()
        return {told["id"]: told for told in map(json.loads, lines)}

    def catch_up(self) -> Json:
        """Read what was missed; what the feed told."""
        told = self._polled(since=self.since)
        if told["reset"]:
            self.download()
            return told
        for change in told["changes"]:
            self._refresh(change["id"])
        self.since = told["since"]
        return told

    def _refresh(self, number: int) -> None:
        self.held.pop(number, None)
        told = self.web.get(ITEMS, query_string={"ids": number}).get_json(force=True)
        self.held |= {one["id"]: one for one in told["features"]}

    def _polled(self, **asked: Any) -> Json:
        query = {"f": "json", "layers": LAYER, **asked}
        return dict(self.web.get("/events", query_string=query).get_json())


def _removed(planner: FlaskClient, address: str) -> None:
    headers = {"If-Match": planner.get(address).headers["ETag"]}
    assert planner.delete(address, headers=headers).status_code == 204


def _edit_meanwhile(planner: FlaskClient, first: str, second: str) -> list[tuple[str, int]]:
    """Redraw one building, build another and remove the second; what is to be heard of that."""
    moved = {"geometry": {"type": "Polygon", "coordinates": [ring(-100, 50)]}}
    assert patched(planner, first, moved).status_code < 300
    third = created(planner, house("N3"))
    _removed(planner, second)
    kinds = ("changed", first), ("created", third), ("removed", second)
    return [(kind, int(address.rpartition("/")[2])) for kind, address in kinds]


def test_who_was_away_is_told_exactly_what_was_missed_in_order(planner: FlaskClient) -> None:
    first, second = (created(planner, house(code)) for code in ("N1", "N2"))
    mirror = Mirror(planner)
    mirror.download()

    expected = _edit_meanwhile(planner, first, second)
    told = mirror.catch_up()

    assert [(c["kind"], c["id"]) for c in told["changes"]] == expected
    assert mirror.held == mirror.everything()
    assert mirror.catch_up()["changes"] == []


def test_who_was_away_for_too_long_reads_all_anew_and_has_it_all(
    planner: FlaskClient, own_engine: Engine
) -> None:
    first, second = (created(planner, house(code)) for code in ("N1", "N2"))
    mirror = Mirror(planner)
    mirror.download()

    _edit_meanwhile(planner, first, second)
    with Session(own_engine) as session, session.begin():
        purge(session, 0)
    told = mirror.catch_up()

    assert (told["reset"], told["changes"]) == (True, [])
    assert mirror.held == mirror.everything()
    assert len(mirror.held) == 2


def test_a_stream_that_is_resumed_tells_the_same_as_a_poll(planner: FlaskClient) -> None:
    first, second = (created(planner, house(code)) for code in ("N1", "N2"))
    mirror = Mirror(planner)
    mirror.download()
    since = mirror.since

    _edit_meanwhile(planner, first, second)
    told = mirror.catch_up()

    stream = planner.get("/events", headers={"Last-Event-ID": since}, buffered=False)
    parts = stream.iter_encoded()
    next(parts)
    message = next(parts).decode()
    stream.close()
    assert json.loads(message.split("data: ")[1])["changes"] == told["changes"]
