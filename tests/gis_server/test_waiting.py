"""Waiting for the database: a silent one is given up on, and nobody waits for another's turn."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import psycopg2
import pytest
import requests
from psycopg2.extensions import get_wait_callback, set_wait_callback
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geodata.errors import Unavailable
from gis_server import waiting
from gis_server.config import Settings
from gis_server.db import open_database
from gis_server.feed import Feed
from tests.factories import add_town, incident

WAITING = text("""
SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST('incidents' AS regclass)
""")
WAIT_S = 10
READS = ("/town", "/collections/incidents/items")


@pytest.fixture
def silent_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name a server that takes connections and never says a word."""
    monkeypatch.setattr(waiting, "CONNECT_LIMIT_S", 0.3)
    before = get_wait_callback()
    set_wait_callback(waiting.wait)
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"postgresql://nobody@127.0.0.1:{server.getsockname()[1]}/none"
    set_wait_callback(before)


@pytest.fixture
def cooperative() -> Iterator[None]:
    """Wait for the database as the server's workers do."""
    before = get_wait_callback()
    set_wait_callback(waiting.wait)
    yield
    set_wait_callback(before)


def test_a_silent_database_is_given_up_on(silent_url: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="silent"):
        psycopg2.connect(silent_url)


def test_a_database_that_answers_is_waited_for(own_database: Settings, cooperative: None) -> None:
    with open_database(own_database).reading() as session:
        assert session.connection().exec_driver_sql("SELECT pg_sleep(0.2), 7").one()[1] == 7


def test_streams_do_not_try_a_database_that_is_away_one_after_the_other(silent_url: str) -> None:
    url = silent_url.replace("postgresql", "postgresql+psycopg2", 1)
    feed = Feed(open_database(Settings(database_url=url)).single, lambda *_: {}, lambda *_: {})
    told: list[type[Exception]] = []

    def subscribe() -> None:
        try:
            feed.subscribe(None)
        except (DBAPIError, Unavailable) as error:
            told.append(type(error))

    streams = [Thread(target=subscribe) for _ in range(6)]
    started = time.monotonic()
    for stream in streams:
        stream.start()
    for stream in streams:
        stream.join()

    assert told.count(Unavailable) == 5
    assert time.monotonic() - started < 1


@pytest.fixture
def owner(live_settings: Settings) -> Iterator[Engine]:
    """Connect to the live server's database as the tables' owner, with a town in it."""
    engine = create_engine(live_settings.owner_database_url)
    with Session(engine) as session, session.begin():
        add_town(session)
    yield engine
    engine.dispose()


def _post_batch(server: str, rows: int) -> requests.Response:
    body = "\n".join(json.dumps(incident(i % 100, 10, photos=["a"])) for i in range(rows))
    return requests.post(
        f"{server}/collections/incidents/items",
        data=body.encode(),
        headers={"Content-Type": "application/geo+json-seq"},
        timeout=3 * WAIT_S,
    )


def _await_waiting(engine: Engine) -> None:
    until = time.monotonic() + WAIT_S
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(WAITING).scalar_one():
            assert time.monotonic() < until, "nobody waits for the table"
            time.sleep(0.02)


def test_others_are_answered_while_a_batch_waits_for_a_lock(
    live_server: str, owner: Engine
) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        with owner.begin() as connection:
            connection.execute(text("LOCK TABLE incidents IN SHARE MODE"))
            batch = elsewhere.submit(_post_batch, live_server, 1200)
            _await_waiting(owner)
            others = [requests.get(f"{live_server}{path}", timeout=3) for path in READS]
            waited = not batch.done()
        written = batch.result(WAIT_S).json()["rows_written"]

    assert ([other.status_code for other in others], waited, written) == ([200, 200], True, 1200)
