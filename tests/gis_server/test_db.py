"""The database: one transaction a request, and what is answered while it is away."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import requests
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from gis_server import serving
from gis_server.cluster import APP_ROLE, OWNER_ROLE, THROW_AWAY, Cluster
from gis_server.config import Settings
from gis_server.db import STATEMENT_LIMIT_MS, Database, open_database
from gis_server.schema import migrate
from tests import databases
from tests.factories import Json, add_town, count, incident

ANSWERS_WITHIN_S = 2.0
RECOVERS_WITHIN_S = 10.0


@pytest.fixture
def database(own_database: Settings) -> Database:
    return open_database(own_database)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Run a cluster that the test may stop and start."""
    folder = databases.new_folder()
    with Cluster(folder / "pg", THROW_AWAY).used() as cluster:
        migrate(cluster.url(OWNER_ROLE))
        yield cluster
    cluster.remove()
    shutil.rmtree(folder)


def _note(session: Session, number: int) -> None:
    session.execute(text("INSERT INTO replies VALUES (1, :key, '', 1, '')"), {"key": str(number)})


def test_a_transaction_is_committed_on_leaving(database: Database) -> None:
    with database.transaction() as session:
        _note(session, 1)

    with database.reading() as session:
        assert count(session, "replies") == 1


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        _note(session, 1)
        _ = 1 / 0

    with database.reading() as session:
        assert count(session, "replies") == 0


def test_a_single_statement_stands_at_once(database: Database) -> None:
    with database.single() as session:
        _note(session, 1)
        with database.reading() as other:
            assert count(other, "replies") == 1


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("statement_timeout", f"{STATEMENT_LIMIT_MS // 1000}s"), ("timezone", "UTC"), ("jit", "off")],
)
def test_a_connection_is_set_up(database: Database, parameter: str, value: str) -> None:
    with database.reading() as session:
        assert session.execute(text(f"SHOW {parameter}")).scalar_one() == value


def _timed(method: str, address: str, **body: Json) -> tuple[int, str | None, bool]:
    started = time.monotonic()
    reply = requests.request(method, address, timeout=30, **body)
    quick = time.monotonic() - started < ANSWERS_WITHIN_S
    return reply.status_code, reply.headers.get("Retry-After"), quick


def _posted_until_taken(address: str, report: Json) -> int:
    """Post as a client does that tries again while it is told to; the incident's id."""
    until = time.monotonic() + RECOVERS_WITHIN_S
    while (reply := requests.post(address, json=report, timeout=30)).status_code == 503:
        assert time.monotonic() < until
        time.sleep(0.2)
    return int(reply.json()["id"])


def _told(stream: requests.Response) -> list[int]:
    lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
    found = next(line for line in lines if line.startswith('data: {"at"') and "changes" in line)
    return [change["id"] for change in json.loads(found.removeprefix("data: "))["changes"]]


def test_the_server_outlives_its_database(cluster: Cluster, own_database: Settings) -> None:
    urls = {"database_url": cluster.url(APP_ROLE), "owner_database_url": cluster.url(OWNER_ROLE)}
    settings = replace(own_database, **urls)
    items = f"{serving.address(settings)}/collections/incidents/items"
    engine = create_engine(settings.database_url)
    with Session(engine) as session, session.begin():
        add_town(session)
    engine.dispose()
    with serving.running(settings, [serving.web(settings)]):
        serving.await_answer(settings)
        events = f"{serving.address(settings)}/events"
        with closing(requests.get(events, stream=True, timeout=30)) as stream:
            cluster.stop()
            away = [
                _timed("GET", items),
                _timed("POST", items, json=incident(10, 10)),
                _timed("GET", f"{items.removesuffix('items')}tiles/0/0/0"),
                _timed("GET", events),
            ]
            cluster.start()
            number = _posted_until_taken(items, incident(10, 10))

            assert away == [(503, "2", True)] * 4
            assert _told(stream) == [number]
            assert requests.get(items, timeout=30).json()["numberMatched"] == 1
