"""The quick way of a plain post answers as the routes do, byte for byte but for what is new."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from geodata.geojson import feature_of
from geodata.regions import categories
from gis_server.config import Settings
from gis_server.db import open_database
from layers import intake
from layers.town import load_categories
from tests.factories import SCOPE, feature, incident, posted, traces

ITEMS = "/collections/incidents/items"
# A page of this site says so; that alone leaves the post to the routes.
BY_THE_ROUTES = {"Origin": "http://localhost"}
# What differs between two incidents that were posted alike.
OWN = re.compile(rb'"id" : \d+|"number":"[^"]+"|items/\d+')

POSTS: dict[str, tuple[bytes, dict[str, str]]] = {
    "a fire": (orjson.dumps(incident(1, 1, reported_at="2026-06-05T09:00:00Z")), {}),
    "words": (orjson.dumps(feature(None, address="村口", reported_at="2026-06-05T09:00:00Z")), {}),
    "another type": (b"{}", {"Content-Type": "text/plain"}),
    "no JSON": (b"{", {}),
    "no body": (b"", {}),
    "no category": (orjson.dumps(incident(1, 1, category=None)), {}),
    "an unknown category": (orjson.dumps(incident(1, 1, category="999")), {}),
    "a grid that does not answer": (orjson.dumps(incident(1, 1, grid_code="x")), {}),
    "a bad key": (orjson.dumps(incident(1, 1)), {"Idempotency-Key": "x" * 201}),
    "a bad key and no JSON": (b"{", {"Idempotency-Key": "x" * 201}),
    "too much": (b" " * (2**20 + 1), {}),
}


def _answer(client: FlaskClient, body: bytes, headers: dict[str, str]) -> Any:
    given = {"Content-Type": "application/geo+json", **headers}
    reply = client.post(ITEMS, data=body, headers=given)
    told = {name: OWN.sub(b"", value.encode()) for name, value in reply.headers}
    fits = int(told.pop("Content-Length")) == len(reply.data)
    return reply.status_code, told, OWN.sub(b"", reply.data), fits


@pytest.mark.parametrize(("body", "headers"), POSTS.values(), ids=POSTS)
def test_both_ways_tell_the_same(
    client: FlaskClient, town: Session, body: bytes, headers: dict[str, str]
) -> None:
    quick = _answer(client, body, headers)

    assert quick == _answer(client, body, headers | BY_THE_ROUTES)


def test_a_repeated_key_gets_the_first_answer_by_either_way(
    client: FlaskClient, town: Session
) -> None:
    report = incident(1, 1)
    first = posted(client, report, **{"Idempotency-Key": "k"})
    before = traces(town)

    quick = posted(client, report, **{"Idempotency-Key": "k"})
    routed = posted(client, report, **{"Idempotency-Key": "k"}, **BY_THE_ROUTES)

    assert (quick, routed, traces(town)) == (first, first, before)


def test_a_layer_that_is_not_posted_to_is_refused_as_ever(client: FlaskClient) -> None:
    reply = client.post("/collections/grids/items", json=incident(1, 1))

    assert reply.status_code == 405


def test_a_post_is_committed_at_once_on_a_connection_that_is_kept(own_database: Settings) -> None:
    database = open_database(own_database)
    with database.single() as session:
        load_categories(session, SCOPE, categories(SCOPE.district))
        session.commit()
        stored = [intake.report(session, SCOPE, feature_of(incident(1, 1))) for _ in range(2)]
        other = create_engine(own_database.database_url, poolclass=NullPool)
        with other.connect() as connection:
            found = connection.execute(text("SELECT id FROM incidents ORDER BY id")).scalars().all()

    assert found == [one.id for one in stored]
