"""Streams of the feed: where they resume, what they do when slow, and how they stay alive."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from gis_server import feed as feeds
from gis_server.feed import Feed, check_snapshot, written
from gis_server.messages import QUEUED, Event, Message, Subscription
from layers import outbox
from tests.factories import EAST, WEST, commit_change

OURS = "0123456789ab-"


@pytest.mark.parametrize(
    "text_",
    [
        *("7", "4:4:", f"{OURS}a:b:", f"{OURS}0:0:", f"{OURS}5:4:", f"{OURS}4:9:3", f"{OURS}4:9:9"),
        *(f"{OURS}4:9:6,5", f"{OURS}4:9:5,5", f"{OURS}1:2", f"{OURS}1:2:\n", f"{OURS}٣:٤:"),
    ],
)
def test_an_id_that_is_no_snapshot_is_refused(text_: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_snapshot(text_)

    assert refusal.value.member == "Last-Event-ID"


@pytest.mark.parametrize("text_", [f"{OURS}4:4:", f"{OURS}4:9:", f"{OURS}4:9:4,8"])
def test_a_snapshot_is_an_id(text_: str) -> None:
    assert check_snapshot(text_) == text_


def _message(*numbers: int) -> Message:
    return Message.of("9:9:", [_event(number) for number in numbers])


def _event(number: int) -> Event:
    return {
        "seq": number,
        "layer": "incidents",
        "id": number % 100,
        "kind": "reported",
        "grid": WEST,
    }


def test_a_slow_readers_queue_is_bounded(feed: Feed) -> None:
    stream = Subscription()

    _offer(stream, 1000)

    assert stream.queue.qsize() <= QUEUED


def _offer(stream: Subscription, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        stream.offer(_message(number))


def test_what_waits_for_a_slow_reader_is_merged_by_feature() -> None:
    stream = Subscription()

    _offer(stream, 1000)

    waiting = [stream.queue.get_nowait() for _ in range(stream.queue.qsize())]
    last = {change["id"]: change["seq"] for message in waiting for change in message.changes}
    assert last == {number % 100: number for number in range(900, 1000)}


def test_what_waits_is_merged_but_never_that_a_case_is_new_or_whom_it_concerns() -> None:
    stream = Subscription()
    told = [(WEST, "reported"), (EAST, "chosen"), (WEST, "dispatch"), (WEST, "dispatch")]

    stream.offer(
        Message.of("9:9:", [_event(1) | {"grid": grid, "kind": kind} for grid, kind in told])
    )
    _offer(stream, QUEUED, 10)

    (waiting,) = [stream.queue.get_nowait() for _ in range(stream.queue.qsize())]
    of_one = [(c["grid"], c["kind"]) for c in waiting.changes if c["id"] == 1]
    assert of_one == [(WEST, "reported"), (EAST, "chosen"), (WEST, "dispatch")]


def test_a_reader_that_is_too_slow_reads_all_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "TOO_MANY", 10)
    stream = Subscription()

    _offer(stream, 1000)

    assert stream.lost


def test_a_reader_that_missed_too_much_reads_all_anew(
    feed: Feed, own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = feed.subscribe(None)[1]
    assert since is not None
    commit_change(own_engine, *range(10))

    monkeypatch.setattr(outbox, "TOO_MANY", 11)
    all_missed = feed.subscribe(since.snapshot)[1]
    monkeypatch.setattr(outbox, "TOO_MANY", 10)

    assert all_missed is not None
    assert len(all_missed.changes) == 10
    assert feed.subscribe(since.snapshot)[1] is None


def test_more_changes_than_a_message_holds_are_read_anew(
    feed: Feed, own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "TOO_MANY", 10)
    stream, _ = feed.subscribe(None)

    commit_change(own_engine, *range(11))

    assert stream.queue.get(timeout=3).changes == []
    assert stream.lost


def test_a_heartbeat_names_no_snapshot_whose_changes_are_still_to_be_handed_out(
    feed: Feed, own_engine: Engine
) -> None:
    seen: list[tuple[str, str]] = []

    class Watching(Subscription):
        """Note what a heartbeat would name when a change is handed out."""

        def offer(self, message: Message) -> None:
            seen.append((feed.snapshot, message.snapshot))
            super().offer(message)

    stream, _ = feed.subscribe(None)
    feed._streams.add(Watching())
    commit_change(own_engine, 1)
    stream.queue.get(timeout=3)

    assert [named == told for named, told in seen] == [False]


def test_a_quiet_stream_has_heartbeats(
    feed: Feed, own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT_S", 0.4)
    stream, missed = feed.subscribe(None)

    parts = written(feed, stream, missed)

    assert next(parts) == b"retry: 1000\n\n"
    assert [next(parts).split(b"\n")[0] for _ in range(2)] == [b"event: heartbeat"] * 2


def test_without_the_database_there_is_no_heartbeat(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT_S", 0.1)
    stream, missed = feed.subscribe(None)
    parts = written(feed, stream, missed)
    next(parts), next(parts)

    monkeypatch.setattr(Feed, "fresh", False)

    assert next(parts) == b":\n\n"


def test_a_reader_that_lost_its_place_is_told_to_read_all_anew(feed: Feed) -> None:
    stream, _ = feed.subscribe(None)

    parts = written(feed, stream, None)
    next(parts)

    assert next(parts).startswith(b"event: reset\nid: ")


def test_all_is_read_anew_when_the_database_comes_back_as_another(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, _ = feed.subscribe(None)
    answering, calls = feed._reading, iter([True])

    def away_once() -> AbstractContextManager[Session]:
        if next(calls, False):
            feed._snapshot = f"{OURS}999999999:999999999:"
            raise OperationalError("poll", {}, Exception("away"))
        return answering()

    monkeypatch.setattr(feed, "_reading", away_once)

    stream.queue.get(timeout=3)
    assert stream.lost


def test_nothing_is_read_anew_when_the_database_comes_back_as_it_was(
    feed: Feed, own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, _ = feed.subscribe(None)
    answering, calls = feed._reading, iter([True])

    def away_once() -> AbstractContextManager[Session]:
        if next(calls, False):
            raise OperationalError("poll", {}, Exception("away"))
        return answering()

    monkeypatch.setattr(feed, "_reading", away_once)
    commit_change(own_engine, 1)

    told = stream.queue.get(timeout=3).changes
    assert ([change["id"] for change in told], stream.lost) == ([1], False)
