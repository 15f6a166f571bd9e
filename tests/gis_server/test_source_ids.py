"""Who may send a source's rows, and whose the ids are under which they are known again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from layers.base import VISITOR, Reader
from tests.factories import DISPATCHER, EAST, SCOPE, Json, add_town, count, incident, posted, traces
from tests.geodata.sample_sources import SAMPLES

ORDER = SAMPLES["hotline"].row
DEPARTMENT = Reader("hotline_office", frozenset({"department"}), unit="O9")
WORKER = Reader("w", frozenset({"worker"}), areas=(EAST,))
CASES = text("""
SELECT i.external_id, s.actor, s.evidence ->> 'claimed' AS claimed
FROM incidents AS i JOIN steps AS s ON s.incident_id = i.id ORDER BY i.id
""")


def _taken(client: FlaskClient, *rows: Json) -> Json:
    reply = client.post("/sources/hotline", json=list(rows))
    assert reply.status_code in (200, 201), reply.text
    return dict(reply.get_json(force=True))


def _order(number: str, **change: Any) -> Json:
    return ORDER | {"工单编号": number} | change


def _claim(client: FlaskClient, number: str, **given: Any) -> int:
    given = {"source": "12345", "external_id": number} | given
    return int(posted(client, incident(10, 10, **given))["id"])


@pytest.mark.parametrize(
    ("reader", "status"),
    [
        (VISITOR, 401),
        (WORKER, 403),
        (Reader("p", frozenset({"planner"})), 403),
        (DEPARTMENT, 201),
        (DISPATCHER, 201),
        (Reader("boss", frozenset({"administrator"})), 201),
    ],
    ids=("visitor", "worker", "planner", "department", "dispatcher", "administrator"),
)
def test_rows_are_sent_by_those_who_run_a_source(
    client_as: Any, town: Session, reader: Reader, status: int
) -> None:
    reply = client_as(reader).post("/sources/hotline", json=ORDER)

    assert reply.status_code == status
    assert (traces(town) > 0) == (status == 201)


def test_who_may_not_send_is_told_nothing_of_his_body(client: FlaskClient, town: Session) -> None:
    reply = client.post("/sources/hotline", data="{", content_type="application/json")

    assert reply.status_code == 401


def test_a_row_whose_id_a_visitor_had_claimed_is_stored_under_it(
    client: FlaskClient, dispatcher: FlaskClient, town: Session
) -> None:
    claimed = _claim(client, "G1")

    taken = _taken(dispatcher, _order("G1"), _order("G2"))

    assert (taken["rows_written"], taken["rows_known"], taken["rejected"]) == (2, 0, [])
    assert claimed not in [case["id"] for case in taken["cases"]]
    assert town.execute(CASES).all() == [
        (None, None, "G1"),
        ("G1", "dispatcher", None),
        ("G2", "dispatcher", None),
    ]


def test_a_case_that_gives_up_its_id_is_a_new_version_and_announced(
    client: FlaskClient, dispatcher: FlaskClient, town: Session
) -> None:
    claimed = _claim(client, "G1")
    before = client.get(f"/collections/incidents/items/{claimed}").headers["ETag"]

    _taken(dispatcher, _order("G1"))

    told = text("SELECT count(*) FROM outbox WHERE kind = 'freed' AND feature_id = :id")
    assert town.execute(told, {"id": claimed}).scalar_one() == 1
    assert client.get(f"/collections/incidents/items/{claimed}").headers["ETag"] != before


def test_an_id_freed_once_is_known_when_its_row_comes_again(
    client: FlaskClient, dispatcher: FlaskClient, town: Session
) -> None:
    _claim(client, "G1")
    first = _taken(dispatcher, _order("G1"))
    before = traces(town)

    again = _taken(dispatcher, _order("G1"))

    assert (again["rows_written"], again["rows_known"]) == (0, 1)
    assert again["cases"] == [first["cases"][0] | {"known": True}]
    assert traces(town) == before


def test_a_row_whose_id_another_account_gave_away_is_refused_by_name(
    client_as: Any, dispatcher: FlaskClient, town: Session
) -> None:
    _claim(client_as(WORKER), "G1")

    taken = _taken(dispatcher, _order("G1"), _order("G2"))

    assert (taken["rows_written"], taken["rows_known"]) == (1, 0)
    assert [(r["row"], r["member"]) for r in taken["rejected"]] == [(1, "工单编号")]
    assert [case["external_id"] for case in taken["cases"]] == ["G2"]


def test_an_id_of_a_source_is_nobody_elses(
    client: FlaskClient, dispatcher: FlaskClient, town: Session
) -> None:
    _taken(dispatcher, _order("G1"))
    given = incident(10, 10, source="12345", external_id="G1")

    reply = client.post("/collections/incidents/items", json=given)

    assert reply.status_code == 409
    told = set(reply.get_json(force=True))
    assert told == {"type", "title", "status", "detail", "member", "errors"}


def test_a_known_row_that_its_sender_may_not_see_is_told_without_the_case(
    client_as: Any, dispatcher: FlaskClient, town: Session
) -> None:
    _taken(dispatcher, _order("G1"), _order("G2"))
    hide = text("UPDATE incidents SET category = '201' WHERE external_id = 'G1'")
    town.execute(hide)

    told = _taken(client_as(DEPARTMENT), _order("G1"), _order("G2"))["cases"]

    assert told[0] == {"row": 1, "external_id": "G1", "known": True}
    assert set(told[1]) == {"row", "external_id", "id", "number", "known"}


def test_a_row_sent_twice_is_known_and_not_an_error(dispatcher: FlaskClient, town: Session) -> None:
    first = _taken(dispatcher, ORDER)
    before = traces(town)

    reply = dispatcher.post("/sources/hotline", json=ORDER)

    again = reply.get_json(force=True)
    assert (reply.status_code, again["rows_written"], again["rows_known"]) == (200, 0, 1)
    assert again["cases"] == [first["cases"][0] | {"known": True}]
    assert traces(town) == before


def test_a_row_twice_in_one_delivery_is_stored_once(dispatcher: FlaskClient, town: Session) -> None:
    taken = _taken(dispatcher, _order("G1"), _order("G2"), _order("G1"))

    assert (taken["rows_written"], taken["rows_known"]) == (2, 1)
    assert [case["known"] for case in taken["cases"]] == [False, False, True]
    assert taken["cases"][0]["id"] == taken["cases"][2]["id"]


def test_new_rows_among_known_ones_are_stored(dispatcher: FlaskClient, town: Session) -> None:
    _taken(dispatcher, _order("G1"), _order("G2"))

    taken = _taken(dispatcher, _order("G2"), _order("G3"), _order("G1"), _order("G4"))

    assert (taken["rows_written"], taken["rows_known"]) == (2, 2)
    assert count(town, "incidents") == 4


@pytest.mark.parametrize("rows", [1, 4], ids=("one", "several"))
def test_rows_that_come_twice_at_once_are_stored_once(
    own_database: Settings, own_engine: Engine, rows: int
) -> None:
    with Session(own_engine) as session:
        add_town(session)
        session.commit()
    scope = replace(SCOPE, reader=DISPATCHER)
    app = create_app(own_database, asking=lambda: scope)
    orders = [_order(f"G{number}") for number in range(rows)]

    def send(_: int) -> Json:
        return _taken(app.test_client(), *orders)

    with ThreadPoolExecutor(6) as clients:
        told = list(clients.map(send, range(12)))

    assert sum(one["rows_written"] for one in told) == rows
    assert sum(one["rows_known"] for one in told) == 11 * rows
    with Session(own_engine) as session:
        assert count(session, "incidents") == rows
