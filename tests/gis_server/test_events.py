"""/events as a browser reads it, from a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.feed import Feed
from tests.factories import EAST, Json, add_town, incident

Event = dict[str, str]
WAIT_S = 10


@pytest.fixture(scope="module", autouse=True)
def live_town(live_settings: Settings) -> None:
    """Store the small town in the server's database."""
    engine = create_engine(live_settings.database_url)
    with Session(engine) as session, session.begin():
        add_town(session)
    engine.dispose()


def _follow(server: str, **headers: str) -> requests.Response:
    return requests.get(f"{server}/events", headers=headers, stream=True, timeout=WAIT_S)


def _events(stream: requests.Response) -> Iterator[Event]:
    event: Event = {}
    for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "event" in event:
            yield event
            event = {}


def _changes(event: Event) -> list[Json]:
    return list(json.loads(event["data"])["changes"])


def _post(server: str, **properties: Any) -> int:
    reply = requests.post(
        f"{server}/collections/incidents/items", json=incident(10, 10, **properties), timeout=WAIT_S
    )
    return int(reply.json()["id"])


def test_a_stream_is_never_cached_and_opens_with_a_heartbeat(live_server: str) -> None:
    with closing(_follow(live_server)) as stream:
        first = next(_events(stream))

    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.headers["Cache-Control"] == "no-store"
    assert (first["event"], first["id"].count(":")) == ("heartbeat", 2)


def test_a_posted_incident_is_told_to_every_stream(live_server: str) -> None:
    with closing(_follow(live_server)) as one, closing(_follow(live_server)) as other:
        streams = _events(one), _events(other)
        [next(stream) for stream in streams]
        number = _post(live_server)
        told = [_changes(next(stream)) for stream in streams]

    assert told[0] == told[1]
    assert {**told[0][0], "seq": 0} == {
        "seq": 0,
        "layer": "incidents",
        "id": number,
        "kind": "reported",
        "grid": EAST,
    }


def test_a_browser_that_was_away_is_told_what_it_missed(live_server: str) -> None:
    with closing(_follow(live_server)) as stream:
        last = next(_events(stream))["id"]
    missed = [_post(live_server) for _ in range(3)]

    with closing(_follow(live_server, **{"Last-Event-ID": last})) as stream:
        told = _changes(next(_events(stream)))

    assert [change["id"] for change in told] == missed


@pytest.mark.parametrize("name", ["since", "last_event_id"])
def test_the_last_id_may_stand_in_the_address(live_server: str, name: str) -> None:
    with closing(_follow(live_server)) as stream:
        last = next(_events(stream))["id"]
    number = _post(live_server)

    address = f"{live_server}/events?{name}={last}"
    with closing(requests.get(address, stream=True, timeout=WAIT_S)) as stream:
        told = _changes(next(_events(stream)))

    assert [change["id"] for change in told] == [number]


def test_a_stream_tells_only_what_its_address_asks_for(live_server: str) -> None:
    address = f"{live_server}/events?layers=incidents&grid={EAST}"
    with closing(requests.get(address, stream=True, timeout=WAIT_S)) as stream:
        events = _events(stream)
        next(events)
        requests.post(
            f"{live_server}/collections/incidents/items", json=incident(-99, 10), timeout=WAIT_S
        )
        number = _post(live_server)

        assert [change["id"] for change in _changes(next(events))] == [number]


def test_a_stream_does_not_wait_as_a_poll_does(live_server: str) -> None:
    reply = requests.get(f"{live_server}/events?wait=3", timeout=WAIT_S)

    assert (reply.status_code, reply.json()["member"]) == (400, "wait")


def test_a_browser_from_another_history_is_told_to_read_all_anew(live_server: str) -> None:
    last = {"Last-Event-ID": "0123456789ab-999999999:999999999:"}

    with closing(_follow(live_server, **last)) as stream:
        assert next(_events(stream))["event"] == "reset"


def test_an_id_that_is_not_ours_is_refused(live_server: str) -> None:
    reply = _follow(live_server, **{"Last-Event-ID": "seven"})

    assert (reply.status_code, reply.json()["member"]) == (400, "Last-Event-ID")


def test_a_refused_incident_is_told_to_nobody(live_server: str) -> None:
    with closing(_follow(live_server)) as stream:
        events = _events(stream)
        next(events)
        requests.post(
            f"{live_server}/collections/incidents/items",
            json=incident(10, 10, category="999"),
            timeout=WAIT_S,
        )
        number = _post(live_server)

        assert [change["id"] for change in _changes(next(events))] == [number]


def test_hundred_streams_leave_room_for_requests(live_server: str) -> None:
    streams = [_follow(live_server) for _ in range(100)]

    reply = requests.get(f"{live_server}/town", timeout=WAIT_S)

    [stream.close() for stream in streams]
    assert reply.status_code == 200


def test_a_body_without_a_length_is_cut_off_at_the_limit(live_server: str) -> None:
    reply = requests.post(
        f"{live_server}/collections/incidents/items",
        data=iter([b"x" * 65_536] * 160),
        headers={"Content-Type": "application/geo+json"},
        timeout=WAIT_S,
    )

    assert (reply.status_code, reply.headers["Content-Type"]) == (413, "application/problem+json")


def test_a_body_of_ten_megabytes_is_refused(live_server: str) -> None:
    reply = requests.post(
        f"{live_server}/collections/incidents/items",
        data=b"x" * 10_000_000,
        headers={"Content-Type": "application/geo+json"},
        timeout=WAIT_S,
    )

    assert (reply.status_code, reply.headers["Content-Type"]) == (413, "application/problem+json")


def test_asking_for_the_headers_alone_leaves_no_stream_behind(
    own_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[object] = []
    leave = Feed.leave
    monkeypatch.setattr(Feed, "leave", lambda feed, s: (left.append(s), leave(feed, s)))

    create_app(own_database).test_client().head("/events").close()

    assert len(left) == 1
