"""Two dispatchers move one case at once: one of them is told that it has changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.db import open_database
from layers.base import Scope
from tests.factories import DISPATCHER, add_town, incident, posted

ITEMS = "/collections/incidents/items"
TRIES = 8


@pytest.fixture
def app(own_database: Settings, own_engine: Any) -> Any:
    with Session(own_engine) as session, session.begin():
        add_town(session)
    scope = Scope(own_database.district, reader=DISPATCHER)
    return create_app(own_database, open_database(own_database), lambda: scope)


def test_of_two_moves_at_once_one_is_made(app: Any, own_engine: Any) -> None:
    client = app.test_client()
    cases = [posted(client, incident(-50, 50))["id"] for _ in range(TRIES)]

    outcomes = [_both(app, number) for number in cases]

    assert outcomes == [[201, 412]] * TRIES
    with own_engine.connect() as connection:
        steps = text("SELECT incident_id, count(*) FROM steps GROUP BY 1 ORDER BY 1")
        events = text("SELECT feature_id, count(*) FROM outbox GROUP BY 1 ORDER BY 1")
        assert [tuple(row) for row in connection.execute(steps)] == [(n, 2) for n in cases]
        assert [tuple(row) for row in connection.execute(events)] == [(n, 2) for n in cases]


def _both(app: Any, number: int) -> list[int]:
    """Dispatch a case by two clients that begin together; the statuses, in order."""
    start = Barrier(2)

    def dispatch(_: int) -> int:
        start.wait()
        reply = app.test_client().post(
            f"{ITEMS}/{number}/steps", json={"move": "dispatch"}, headers={"If-Match": '"1"'}
        )
        return int(reply.status_code)

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(dispatch, range(2)))
