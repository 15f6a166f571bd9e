"""Who may send a source's rows, and whose the ids are under which they are known again."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import VISITOR, Reader
from tests.factories import DISPATCHER, EAST, Json, incident, posted, traces
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
    assert set(reply.get_json(force=True)) == {"type", "title", "status", "detail", "member"}


def test_a_known_row_that_its_sender_may_not_see_is_told_without_the_case(
    client_as: Any, dispatcher: FlaskClient, town: Session
) -> None:
    _taken(dispatcher, _order("G1"), _order("G2"))
    hide = text("UPDATE incidents SET category = '201' WHERE external_id = 'G1'")
    town.execute(hide)

    told = _taken(client_as(DEPARTMENT), _order("G1"), _order("G2"))["cases"]

    assert told[0] == {"row": 1, "external_id": "G1", "known": True}
    assert set(told[1]) == {"row", "external_id", "id", "number", "known"}
