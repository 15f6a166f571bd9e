"""A worker makes the gazetteer when it starts; nobody has to wait for it, nor for its database."""

from __future__ import annotations

import time

import pytest
import requests
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from gis_server import serving
from gis_server.app import WARM, create_app
from gis_server.config import Settings
from gis_server.db import open_database
from layers import gazetteer
from tests.factories import SCOPE, add_building

ADDRESS = "黄屋路12号"
WAITING = text("""
SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST('buildings' AS regclass)
""")
WAIT_S = 10


@pytest.fixture(autouse=True)
def town(monkeypatch: pytest.MonkeyPatch) -> gazetteer.Town:
    town = gazetteer.Town()
    monkeypatch.setattr(gazetteer, "TOWN", town)
    return town


def test_what_is_made_ahead_answers_the_first_search(
    own_database: Settings, own_engine: Engine, town: gazetteer.Town
) -> None:
    with Session(own_engine) as session, session.begin():
        add_building(session, "B1", (0, 0), road="黄屋路", door="12号", address=ADDRESS)
    create_app(own_database).extensions[WARM]()

    town.make = _never
    with open_database(own_database).reading() as session:
        found = town.gazetteer(session, SCOPE).match(ADDRESS)

    assert [one.label for one in found] == [ADDRESS]


def _never(*_columns: object) -> gazetteer.Gazetteer:
    raise AssertionError("made again")


def test_a_database_that_is_away_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    away = Settings(database_url="postgresql+psycopg2://nobody@127.0.0.1:9/none")

    create_app(away).extensions[WARM]()

    assert "the gazetteer is not made yet" in caplog.text


def test_a_worker_that_starts_makes_it_and_answers_meanwhile(own_database: Settings) -> None:
    engine = create_engine(own_database.owner_database_url)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE buildings IN ACCESS EXCLUSIVE MODE"))
        with serving.running(own_database, [serving.web(own_database)]):
            serving.await_answer(own_database)
            until = time.monotonic() + WAIT_S
            while not (waits := connection.execute(WAITING).scalar_one()):
                assert time.monotonic() < until, "no worker asks for the buildings"
                time.sleep(0.05)
            answer = requests.get(f"{serving.address(own_database)}/town", timeout=5)
    engine.dispose()

    assert (waits, answer.status_code) == (1, 200)
