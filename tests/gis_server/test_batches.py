"""Batches of features: stored together, except for the rows that are wrong."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from geodata.geojson import parse_feature
from gis_server.app import create_app
from gis_server.config import Settings
from layers.intake import report
from tests.factories import SCOPE, Json, add_town, count, incident, traces
from tests.waits import await_waiting

ITEMS = "/collections/incidents/items"
KEY = {"Idempotency-Key": "batch-7"}
SEQUENCES = {"lines": (b"", b"\n"), "record separators": (b"\x1e", b"\n")}


def _sent(client: FlaskClient, rows: list[bytes], ends: tuple[bytes, bytes]) -> Any:
    body = b"".join(ends[0] + row + ends[1] for row in rows)
    reply = client.post(ITEMS, data=body, content_type="application/geo+json-seq")
    assert reply.status_code == 200, reply.text
    return reply.json


def _row(document: Json) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize("ends", SEQUENCES.values(), ids=SEQUENCES)
def test_a_batch_is_stored_row_by_row(
    client: FlaskClient, town: Session, ends: tuple[bytes, bytes]
) -> None:
    taken = _sent(client, [_row(incident(e, 10)) for e in (-10, 10, 900)], ends)

    assert (taken["rows_read"], taken["rows_written"], taken["outside"]) == (3, 3, 1)
    assert taken["rejected"] == []


def test_a_wrong_row_is_named_and_the_others_are_stored(client: FlaskClient, town: Session) -> None:
    rows = [
        _row(incident(10, 10)),
        b'{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 95]}}',
        b'{"type": "Feat',
        _row(incident(10, 10, category="999")),
        _row(incident(10, 10, severity=9)),
        _row(incident(-10, 10)),
    ]

    taken = _sent(client, rows, SEQUENCES["record separators"])

    assert (taken["rows_read"], taken["rows_written"], count(town, "incidents")) == (6, 2, 2)
    assert [(r["row"], r["member"]) for r in taken["rejected"]] == [
        (2, "geometry.coordinates[1]"),
        (3, "body"),
        (4, "properties.category"),
        (5, "properties.severity"),
    ]


def test_a_batch_in_which_all_rows_are_wrong_stores_nothing(
    client: FlaskClient, town: Session
) -> None:
    taken = _sent(client, [b"{}", b"[]"], SEQUENCES["lines"])

    assert (taken["rows_read"], taken["rows_written"], len(taken["rejected"])) == (2, 0, 2)
    assert traces(town) == 0


def test_an_empty_batch_is_refused(client: FlaskClient, town: Session) -> None:
    reply = client.post(ITEMS, data=b"\n\n", content_type="application/geo+json-seq")

    assert reply.status_code == 400


def test_a_batch_takes_no_key_rather_than_ignore_it(client: FlaskClient, town: Session) -> None:
    reply = client.post(
        ITEMS, data=_row(incident(1, 1)), content_type="application/geo+json-seq", headers=KEY
    )

    assert (reply.status_code, traces(town)) == (400, 0)


def test_a_layer_that_is_read_only_takes_no_batch(client: FlaskClient, town: Session) -> None:
    reply = client.post(
        "/collections/grids/items", data=b"{}", content_type="application/geo+json-seq"
    )

    assert reply.status_code == 405


def test_a_batch_that_would_hold_up_the_server_is_refused(
    client: FlaskClient, town: Session
) -> None:
    reply = client.post(ITEMS, data=b"{}\n" * 5001, content_type="application/geo+json-seq")

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (413, "body")
    assert traces(town) == 0


@pytest.mark.parametrize("turned", [False, True], ids=("in one order", "in two orders"))
def test_batches_with_the_same_external_ids_at_once_are_stored_once(
    own_database: Settings, own_engine: Engine, turned: bool
) -> None:
    with Session(own_engine) as session:
        add_town(session)
        session.commit()
    app = create_app(own_database)
    rows = [_row(incident(10, 10, source="bus", external_id=f"B{n}")) for n in range(40)]

    def send(sender: int) -> TestResponse:
        ordered = rows[::-1] if turned and sender % 2 else rows
        body, kind = b"\n".join(ordered), "application/geo+json-seq"
        return app.test_client().post(ITEMS, data=body, content_type=kind)

    with ThreadPoolExecutor(6) as senders:
        replies = list(senders.map(send, range(12)))

    stored = [r.get_json(force=True)["rows_written"] for r in replies if r.status_code == 200]
    assert {reply.status_code for reply in replies} <= ({200, 409} if turned else {200})
    assert sum(stored) == 40


def test_a_batch_stores_the_rest_of_what_another_sender_is_storing(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session:
        add_town(session)
        session.commit()
    app = create_app(own_database)
    rows = [_row(incident(10, 10, source="bus", external_id=f"B{n}")) for n in range(3)]

    with ThreadPoolExecutor(1) as desk, Session(own_engine) as other, own_engine.connect() as look:
        report(other, SCOPE, parse_feature(rows[1]))
        taken = desk.submit(_sent, app.test_client(), rows, SEQUENCES["lines"])
        await_waiting(look)
        other.commit()

    assert [(r["row"], r["member"]) for r in taken.result()["rejected"]] == [
        (2, "properties.external_id")
    ]
    assert taken.result()["rows_written"] == 2
