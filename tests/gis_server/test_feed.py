"""The feed: every change is told once and in order, whoever commits when and reads how slowly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from queue import Empty

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.orm import Session

from gis_server.config import Settings
from gis_server.feed import Feed
from gis_server.messages import Event, Message, Subscription
from layers import outbox
from layers.outbox import purge
from tests.factories import add_change, commit_change

TELLS_WITHIN_S = 3.0
TWO_POLLS_S = 0.3


def _commit_each(engine: Engine, numbers: Iterable[int]) -> None:
    for number in numbers:
        commit_change(engine, number)


def _read(stream: Subscription, count: int) -> list[int]:
    """Wait for so many changes; the numbers of their features."""
    changes: list[Event] = []
    until = time.monotonic() + TELLS_WITHIN_S
    while len(changes) < count:
        changes += stream.queue.get(timeout=max(0.01, until - time.monotonic())).changes
    return [change["id"] for change in changes]


def _told(message: Message | None) -> list[int]:
    assert message is not None
    return [change["id"] for change in message.changes]


def _snapshot(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(outbox.NOW).scalar_one())


def _await_older_transactions(engine: Engine) -> None:
    """Wait until none runs that is older than a change; other tests' count too."""
    over = text("SELECT max(xid) < pg_snapshot_xmin(pg_current_snapshot()) FROM outbox")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(over).scalar_one():
            time.sleep(0.05)


def test_a_change_is_told_with_its_layer_feature_kind_and_grid(
    feed: Feed, own_engine: Engine
) -> None:
    stream, _ = feed.subscribe(None)

    with own_engine.begin() as connection:
        number = add_change(connection, 7)

    (change,) = stream.queue.get(timeout=TELLS_WITHIN_S).changes
    assert change == {
        "seq": number,
        "layer": "incidents",
        "id": 7,
        "kind": "reported",
        "grid": "4419",
    }


def test_what_was_there_before_is_not_told(feed: Feed, own_engine: Engine) -> None:
    commit_change(own_engine, 1)

    _, missed = feed.subscribe(None)

    assert _told(missed) == []


def test_changes_are_told_in_the_order_they_were_made(feed: Feed, own_engine: Engine) -> None:
    stream, _ = feed.subscribe(None)

    commit_change(own_engine, 3, 1, 2)
    commit_change(own_engine, 5, 4)

    assert _read(stream, 5) == [3, 1, 2, 5, 4]


def test_a_change_that_is_committed_late_is_told_too(feed: Feed, own_engine: Engine) -> None:
    stream, _ = feed.subscribe(None)

    with own_engine.begin() as late:
        add_change(late, 1)
        commit_change(own_engine, 2)
        before = _read(stream, 1)

    assert before + _read(stream, 1) == [2, 1]


def test_a_change_that_is_rolled_back_is_never_told(feed: Feed, own_engine: Engine) -> None:
    stream, _ = feed.subscribe(None)

    with own_engine.connect() as connection:
        add_change(connection, 1)
        connection.rollback()
    commit_change(own_engine, 2)

    assert _read(stream, 1) == [2]


def test_every_stream_is_told(feed: Feed, own_engine: Engine) -> None:
    streams = [feed.subscribe(None)[0] for _ in range(3)]

    commit_change(own_engine, 1)

    assert [_read(stream, 1) for stream in streams] == [[1], [1], [1]]


def test_a_stream_that_left_is_told_nothing_more(feed: Feed, own_engine: Engine) -> None:
    stream, _ = feed.subscribe(None)
    other, _ = feed.subscribe(None)
    feed.leave(stream)

    commit_change(own_engine, 1)

    assert _read(other, 1) == [1]
    assert stream.queue.empty()


def test_a_feed_that_nobody_followed_for_a_while_begins_anew(
    feed: Feed, own_engine: Engine
) -> None:
    stream, _ = feed.subscribe(None)
    feed.leave(stream)
    time.sleep(TWO_POLLS_S)
    commit_change(own_engine, 1)

    stream, _ = feed.subscribe(None)
    commit_change(own_engine, 2)

    assert _read(stream, 1) == [2]


def test_a_reader_resumes_after_what_it_has_read(feed: Feed, own_engine: Engine) -> None:
    stream, _ = feed.subscribe(None)
    commit_change(own_engine, 1)
    read = stream.queue.get(timeout=TELLS_WITHIN_S)
    feed.leave(stream)
    commit_change(own_engine, 2)
    commit_change(own_engine, 3)

    _, missed = feed.subscribe(read.snapshot)

    assert _told(missed) == [2, 3]


def test_a_reader_resumes_at_another_process(
    new_feed: Callable[[], Feed], own_engine: Engine
) -> None:
    stream, _ = new_feed().subscribe(None)
    commit_change(own_engine, 1)
    read = stream.queue.get(timeout=TELLS_WITHIN_S)
    commit_change(own_engine, 2)

    stream, missed = new_feed().subscribe(read.snapshot)
    commit_change(own_engine, 3)

    assert _told(missed) + _read(stream, 1) == [2, 3]


def test_a_late_commit_is_among_what_a_reader_missed(feed: Feed, own_engine: Engine) -> None:
    with own_engine.begin() as late:
        add_change(late, 1)
        commit_change(own_engine, 2)
        since = _snapshot(own_engine)

    _, missed = feed.subscribe(since)

    assert _told(missed) == [1]


def test_what_is_committed_while_a_reader_resumes_is_told_once(
    new_feed: Callable[[], Feed], own_engine: Engine
) -> None:
    since = _snapshot(own_engine)
    busy = new_feed()
    busy.subscribe(None)

    with own_engine.begin() as late:
        add_change(late, 1)
        commit_change(own_engine, 2)
        stream, missed = busy.subscribe(since)
    commit_change(own_engine, 3)

    assert _told(missed) + _read(stream, 2) == [2, 1, 3]


def test_a_reader_from_before_the_purge_reads_all_anew(feed: Feed, own_engine: Engine) -> None:
    since = _snapshot(own_engine)
    commit_change(own_engine, 1)
    with Session(own_engine) as session, session.begin():
        purge(session, 0)

    assert feed.subscribe(since)[1] is None


def test_a_reader_that_missed_a_late_commit_among_the_purged_reads_all_anew(
    feed: Feed, own_engine: Engine
) -> None:
    with own_engine.begin() as late:
        add_change(late, 1)
        commit_change(own_engine, 2)
        since = _snapshot(own_engine)
    with Session(own_engine) as session, session.begin():
        purge(session, 0)

    assert feed.subscribe(since)[1] is None


def test_a_reader_from_after_what_was_purged_goes_on(feed: Feed, own_engine: Engine) -> None:
    commit_change(own_engine, 1)
    _await_older_transactions(own_engine)
    since = _snapshot(own_engine)
    with Session(own_engine) as session, session.begin():
        purge(session, 0)
    commit_change(own_engine, 2)

    assert _told(feed.subscribe(since)[1]) == [2]


def test_a_purge_keeps_what_is_younger(own_engine: Engine, feed: Feed) -> None:
    since = _snapshot(own_engine)
    commit_change(own_engine, 1)
    with Session(own_engine) as session, session.begin():
        purge(session, 1)

    assert _told(feed.subscribe(since)[1]) == [1]


def test_a_reader_from_the_future_of_a_restored_database_reads_all_anew(
    feed: Feed, own_engine: Engine
) -> None:
    history = _snapshot(own_engine).partition("-")[0]

    assert feed.subscribe(f"{history}-999999999:999999999:")[1] is None


def test_a_reader_from_before_the_tables_were_restored_reads_all_anew(
    feed: Feed, own_engine: Engine, own_database: Settings
) -> None:
    since = _snapshot(own_engine)
    owner = create_engine(own_database.owner_database_url, poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text("TRUNCATE outbox"))
    commit_change(own_engine, 1)

    assert feed.subscribe(since)[1] is None


def test_a_slow_reader_does_not_delay_the_others(feed: Feed, own_engine: Engine) -> None:
    feed.subscribe(None)
    quick, _ = feed.subscribe(None)

    _commit_each(own_engine, range(30))

    assert _read(quick, 30) == list(range(30))


def test_a_stream_with_nothing_to_tell_waits(feed: Feed) -> None:
    stream, _ = feed.subscribe(None)

    with pytest.raises(Empty):
        stream.queue.get(timeout=TWO_POLLS_S)
