"""/events asked from time to time: the same changes under the same ids, and only what is wanted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Timer
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.messages import Event, Poll, Wanted
from layers.outbox import purge
from tests.factories import (
    EAST,
    GRID,
    WEST,
    Json,
    add_town,
    at,
    commit_change,
    feature,
    incident,
    posted,
)

PURGE_S = 30.0
WEST_HALF = ",".join(map(str, (*at(-190, -190), *at(-20, 190))))
EVERYWHERE = "113,22,115,24"


@pytest.fixture
def web(own_database: Settings, own_engine: Engine) -> Iterator[FlaskClient]:
    """Ask an application whose changes are committed, in a small town."""
    with Session(own_engine) as session, session.begin():
        add_town(session)
    yield create_app(own_database).test_client()


def _poll(web: FlaskClient, since: str | None = None, **asked: Any) -> Json:
    told = {"f": "json", **({"since": since} if since else {}), **asked}
    reply = web.get("/events", query_string=told)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


def _ids(told: Json) -> list[int]:
    return [change["id"] for change in told["changes"]]


def test_the_first_answer_tells_where_to_go_on_from(web: FlaskClient) -> None:
    told = _poll(web)

    assert (told["changes"], told["reset"], told["since"].count(":")) == ([], False, 2)


def test_what_changed_since_then_is_told_in_order_and_once(web: FlaskClient) -> None:
    begun = _poll(web)["since"]
    numbers = [posted(web, incident(10, n))["id"] for n in range(3)]

    told = _poll(web, begun)

    assert _ids(told) == numbers
    assert _ids(_poll(web, told["since"])) == []


def test_an_answer_is_never_kept(web: FlaskClient) -> None:
    reply = web.get("/events", headers={"Accept": "application/json"})

    assert (reply.mimetype, reply.headers["Cache-Control"]) == ("application/json", "no-store")


def test_a_poll_may_wait_for_the_next_change(web: FlaskClient, own_engine: Engine) -> None:
    begun, started = _poll(web)["since"], time.monotonic()
    Timer(0.5, commit_change, (own_engine, 7)).start()

    told = _poll(web, begun, wait=20)

    assert _ids(told) == [7]
    assert 0.3 < time.monotonic() - started < 10


def test_a_poll_waits_no_longer_than_it_is_told_to(web: FlaskClient) -> None:
    begun, started = _poll(web)["since"], time.monotonic()

    told = _poll(web, begun, wait=1)

    assert (_ids(told), told["reset"]) == ([], False)
    assert 0.9 < time.monotonic() - started < 5


def test_a_poll_from_before_what_is_kept_is_told_to_read_all_anew(
    web: FlaskClient, own_engine: Engine
) -> None:
    begun = _poll(web)["since"]
    commit_change(own_engine, 1)
    with Session(own_engine) as session, session.begin():
        purge(session, 0)

    told = _poll(web, begun)

    assert (told["reset"], told["changes"]) == (True, [])
    _await_kept(web, begun)


def _await_kept(web: FlaskClient, begun: str) -> None:
    """Wait until who read all anew goes on without a reset.

    As long as a transaction that is older than the purge runs in any database of the cluster, as
    those of other tests do, a snapshot cannot tell what was purged from what is to come.
    """
    end = time.monotonic() + PURGE_S
    while _poll(web, _poll(web, begun)["since"])["reset"]:
        assert time.monotonic() < end, "each poll is told to read all anew"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("asked", "member"),
    [
        ({"since": "7"}, "since"),
        ({"layers": "grids,nothing"}, "layers"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "nan,2,3,4"}, "bbox"),
        ({"grid": "%"}, "grid"),
        ({"wait": "26"}, "wait"),
        ({"wait": "-1"}, "wait"),
        ({"f": "xml"}, "f"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_means_nothing_is_refused_by_name(
    client: FlaskClient, asked: Json, member: str
) -> None:
    reply = client.get("/events", query_string={"f": "json", **asked})

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, member)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["west", "east", "tray", "grids", "gone"]),
        ({"layers": "incidents"}, ["west", "east", "tray", "gone"]),
        ({"layers": "grids,hazards"}, ["grids"]),
        ({"bbox": EVERYWHERE}, ["west", "east", "grids", "gone"]),
        ({"bbox": WEST_HALF}, ["west", "grids", "gone"]),
        ({"bbox": "170,-10,-170,10"}, ["grids", "gone"]),
        ({"grid": WEST}, ["west", "grids"]),
        ({"grid": GRID}, ["west", "east", "grids"]),
        ({"grid": EAST, "bbox": WEST_HALF}, ["grids"]),
    ],
)
def test_only_what_is_wanted_is_told(
    web: FlaskClient, own_engine: Engine, asked: Json, expected: list[str]
) -> None:
    begun = _poll(web)["since"]
    named = {
        posted(web, incident(-50, 10))["id"]: "west",
        posted(web, incident(50, 10))["id"]: "east",
        posted(web, feature(None, description="不知何处"))["id"]: "tray",
        None: "grids",
        999_999: "gone",
    }
    with own_engine.begin() as connection:
        connection.execute(
            text("INSERT INTO outbox (district, layer, kind) VALUES (441900, 'grids', 'imported')")
        )
    commit_change(own_engine, 999_999)

    told = _poll(web, begun, **asked)

    assert [named[number] for number in _ids(told)] == expected


def _change(number: int) -> Event:
    return {"layer": "grids", "id": number, "kind": "changed", "grid": WEST}


@pytest.mark.parametrize(
    ("box", "told"),
    [((0, 0, 1, 1), [1, 3, 9]), ((1.5, 0, 1.8, 1), [9]), ((179, 0, -179, 9), [2, 9])],
)
def test_a_feature_is_told_where_it_is_and_where_it_was(
    box: tuple[float, float, float, float], told: list[int]
) -> None:
    places = {
        ("grids", 1): ((0.5, 0.5, 0.6, 0.6),),
        ("grids", 2): ((-179.5, 1.0, -179.2, 2.0),),
        ("grids", 3): ((50.0, 50.0, 51.0, 51.0), (1.0, 1.0, 1.2, 1.2)),
        ("grids", 4): (),
    }
    poll = Poll("9:9:", [_change(n) for n in (1, 2, 3, 4, 9)], {}, places)

    assert [c["id"] for c in poll.message(None, Wanted(box=box)).changes] == told


def test_an_edited_grid_is_told_where_it_was_before(web: FlaskClient, own_engine: Engine) -> None:
    begun = _poll(web)["since"]
    moved = """
    WITH was AS (SELECT * FROM grids WHERE code = '{WEST}'), kept AS (
        INSERT INTO grids_history SELECT was.*, tstzrange(now() - interval '1 h', now()) FROM was)
    UPDATE grids SET geom = ST_Translate(geom, 1, 1), row_version = 2 WHERE code = '{WEST}'
    """.replace("{WEST}", WEST)
    with own_engine.begin() as connection:
        connection.execute(text(moved))
        connection.execute(
            text("""
            INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
            SELECT 441900, 'grids', id, 'changed', code FROM grids WHERE code = :code
            """),
            {"code": WEST},
        )

    told = [len(_ids(_poll(web, begun, bbox=box))) for box in (WEST_HALF, EVERYWHERE, "1,1,2,2")]

    assert told == [1, 1, 0]
