"""Streams tell restricted changes to those who may see them, and end when their reader goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

import pytest
import requests
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from gis_server.config import Settings
from gis_server.feed import Feed
from gis_server.messages import Event, Marks, Poll, Subscription
from layers import account_making
from tests.factories import (
    DISPATCHER,
    EAST,
    PASSWORD,
    SCOPE,
    WEST,
    add_account,
    add_town,
    commit_change,
)  # fmt: skip

TELLS_WITHIN_S = 3.0
ENDS_WITHIN_S, REPLY_LIMIT_S = 5.0, 10
AREA_WEST, AREA_EAST = frozenset({f"area:{WEST}"}), frozenset({f"area:{EAST}"})
VISITORS: Marks = frozenset()
STORE = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, grid_code)
VALUES (441900, :number, :category, 3, 'app', 'EPSG:4326', now(), now(), :grid) RETURNING id
""")


@pytest.fixture
def cases(own_engine: Engine) -> dict[str, int]:
    """Store a fire and a dispute of the western micro-grid."""
    with Session(own_engine) as session, session.begin():
        add_town(session)
        return {
            name: session.execute(
                STORE, {"number": name, "category": category, "grid": WEST}
            ).scalar_one()
            for name, category in (("fire", "101"), ("dispute", "201"))
        }


def _told(stream: Subscription) -> list[int]:
    return [c["id"] for c in stream.queue.get(timeout=TELLS_WITHIN_S).changes]


@pytest.mark.parametrize(
    ("marks", "names"),
    [
        (None, ["dispute", "fire"]),
        (AREA_WEST, ["dispute", "fire"]),
        (AREA_EAST, ["fire"]),
        (VISITORS, ["fire"]),
    ],
    ids=["who sees all", "whose area it is", "a neighbour", "a visitor"],
)
def test_a_restricted_change_is_told_to_its_audience(
    feed: Feed, own_engine: Engine, cases: dict[str, int], marks: Marks, names: list[str]
) -> None:
    stream, before = feed.subscribe(None, marks)

    commit_change(own_engine, cases["dispute"], cases["fire"])

    assert _told(stream) == [cases[name] for name in names]
    assert before is not None
    missed = feed.subscribe(before.snapshot, marks)[1]
    assert missed is not None
    assert [c["id"] for c in missed.changes] == [cases[name] for name in names]


def test_who_may_hear_of_nothing_is_told_nothing(
    feed: Feed, own_engine: Engine, cases: dict[str, int]
) -> None:
    stream, _ = feed.subscribe(None, VISITORS)

    commit_change(own_engine, cases["dispute"])
    commit_change(own_engine, cases["fire"])

    assert _told(stream) == [cases["fire"]]


def test_a_case_that_becomes_restricted_is_not_told_of_any_more(
    feed: Feed, own_engine: Engine, cases: dict[str, int]
) -> None:
    _, before = feed.subscribe(None, VISITORS)
    commit_change(own_engine, cases["fire"])
    with own_engine.begin() as connection:
        connection.execute(text("UPDATE incidents SET category = '202' WHERE number = 'fire'"))

    assert before is not None
    missed = feed.subscribe(before.snapshot, VISITORS)[1]
    assert missed is not None
    assert missed.changes == []


def _event(number: int) -> Event:
    return {"seq": number, "layer": "incidents", "id": number, "kind": "reported", "grid": None}


def test_a_message_is_written_once_for_all_who_may_hear_the_same() -> None:
    poll = Poll("9:9:", [_event(1), _event(2)], {("incidents", 2): AREA_WEST})

    alike = {id(poll.message(marks)) for marks in (None, AREA_WEST, AREA_WEST | AREA_EAST)}

    assert len(alike) == 1
    assert poll.message(VISITORS) is poll.message(AREA_EAST)
    assert [c["id"] for c in poll.message(VISITORS).changes] == [1]


@pytest.fixture(scope="module")
def town(live_settings: Settings, request: pytest.FixtureRequest) -> str:
    """Serve a small town with an account for the command centre."""
    engine = create_engine(live_settings.database_url)
    with Session(engine) as session, session.begin():
        add_town(session)
        add_account(session, DISPATCHER)
    engine.dispose()
    return str(request.getfixturevalue("live_server"))


def _sign_out(server: str, web: requests.Session, _: Settings) -> None:
    web.post(f"{server}/logout", timeout=REPLY_LIMIT_S)


def _disable(_server: str, _web: requests.Session, settings: Settings) -> None:
    engine = create_engine(settings.database_url)
    with Session(engine) as session, session.begin():
        account_making.disable(session, SCOPE, "dispatcher")
    engine.dispose()


@pytest.mark.parametrize("end", [_sign_out, _disable], ids=["signed out", "disabled"])
def test_the_stream_of_who_is_no_more_signed_in_ends(
    town: str, live_settings: Settings, end: Callable[[str, requests.Session, Settings], None]
) -> None:
    web = requests.Session()
    known = {"username": "dispatcher", "password": PASSWORD}
    assert web.post(f"{town}/login", json=known, timeout=REPLY_LIMIT_S).ok
    with closing(web.get(f"{town}/events", stream=True, timeout=REPLY_LIMIT_S)) as stream:
        lines = stream.iter_lines(chunk_size=1)
        next(lines)
        end(town, web, live_settings)
        ended = time.monotonic()
        assert b"event: heartbeat" in list(lines)

    assert time.monotonic() - ended < ENDS_WITHIN_S
