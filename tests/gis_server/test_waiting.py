"""Waiting for the database: a silent one is given up on, and nobody waits for another's turn."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from threading import Thread

import psycopg2
import pytest
from psycopg2.extensions import get_wait_callback, set_wait_callback
from sqlalchemy.exc import DBAPIError

from geodata.errors import Unavailable
from gis_server import waiting
from gis_server.config import Settings
from gis_server.db import open_database
from gis_server.feed import Feed


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
    feed = Feed(open_database(Settings(database_url=url)).single)
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
