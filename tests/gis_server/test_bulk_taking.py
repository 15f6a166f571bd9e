"""Many features in one request: good ones stored, wrong ones named, and nothing kept of a trial."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import Json, count, incident, traces
from tests.gis_server.editors import ITEMS, house

CASES = "/collections/incidents/items"
SEQUENCE = "application/geo+json-seq"


def _sent(client: FlaskClient, path: str, *rows: Json, **asked: str) -> TestResponse:
    body = b"".join(b"\x1e" + json.dumps(row).encode() + b"\n" for row in rows)
    return client.post(path, data=body, content_type=SEQUENCE, query_string=asked)


def test_the_good_rows_of_a_register_are_stored_and_the_othershouse(
    planner: FlaskClient, session: Session
) -> None:
    rows = [house("N1"), house("N1"), house("N2", households="many"), house("N3")]

    told = _sent(planner, ITEMS, *rows).get_json()

    assert (told["rows_read"], told["rows_written"], count(session, "buildings")) == (4, 2, 2)
    assert [(r["row"], r["member"]) for r in told["rejected"]] == [
        (2, "properties.code"), (3, "properties.households"),
    ]  # fmt: skip


def test_a_row_that_is_no_feature_is_named_too(planner: FlaskClient) -> None:
    told = _sent(planner, ITEMS, {"type": "Point"}, house("N1")).get_json()

    assert (told["rows_written"], [r["row"] for r in told["rejected"]]) == (1, [1])


def test_each_stored_row_is_announced(planner: FlaskClient, session: Session) -> None:
    _sent(planner, ITEMS, house("N1"), house("N1"), house("N2"))

    assert count(session, "outbox") == 2


def test_a_trial_of_a_register_tells_the_same_and_keeps_nothing(
    planner: FlaskClient, session: Session
) -> None:
    rows = [house("N1"), house("N1")]

    tried = _sent(planner, ITEMS, *rows, dry_run="true").get_json()

    assert [count(session, table) for table in ("buildings", "outbox")] == [0, 0]
    assert tried.pop("dry_run") is True
    assert tried == _sent(planner, ITEMS, *rows).get_json()


def test_a_trial_of_cases_tells_the_same_and_keeps_nothing(
    client: FlaskClient, town: Session
) -> None:
    rows = [incident(10, 10), incident(10, 10, category="999"), incident(900, 10)]

    tried = _sent(client, CASES, *rows, dry_run="true").get_json()

    assert traces(town) == 0
    assert tried.pop("dry_run") is True
    assert tried == _sent(client, CASES, *rows, dry_run="false").get_json()
    assert (tried["rows_written"], [r["row"] for r in tried["rejected"]]) == (2, [2])


def test_who_may_not_edit_sends_no_batch(client: FlaskClient, town: Session) -> None:
    assert _sent(client, ITEMS, house("N1")).status_code == 401


def test_a_layer_that_takes_nothing_takes_no_batch(planner: FlaskClient) -> None:
    assert _sent(planner, "/collections/procedures/items", house("N1")).status_code == 405


@pytest.mark.parametrize(
    ("asked", "member"),
    [({"dry_run": "yes"}, "dry_run"), ({"dryrun": "true"}, "dryrun")],
)
def test_what_means_nothing_is_refused_before_anything_is_stored(
    client: FlaskClient, town: Session, asked: dict[str, str], member: str
) -> None:
    reply = _sent(client, CASES, incident(10, 10), **asked)

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, member)
    assert traces(town) == 0


def test_a_trial_of_a_single_feature_is_refused_and_never_stored(
    client: FlaskClient, town: Session
) -> None:
    reply = client.post(CASES, json=incident(10, 10), query_string={"dry_run": "true"})

    assert (reply.status_code, traces(town)) == (400, 0)


def test_a_batch_of_a_register_may_be_in_another_system(
    planner: FlaskClient, session: Session
) -> None:
    metres = "<http://www.opengis.net/def/crs/EPSG/0/4547>"
    body = json.dumps(
        house("N1")
        | {"geometry": {"type": "Polygon", "coordinates": [
            [[2543300, 493800], [2543300, 493820], [2543320, 493820], [2543300, 493800]]]}}
    )  # fmt: skip

    told = planner.post(ITEMS, data=body, content_type=SEQUENCE, headers={"Content-Crs": metres})

    assert told.get_json() == {"rows_read": 1, "rows_written": 1, "rejected": []}
