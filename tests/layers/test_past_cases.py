"""Figures of a past moment are what they were then, whatever happened since."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cases import add_case, add_step, ago
from tests.factories import EAST, WEST, Json

THEN = ago(0)
PERIOD = {"from": ago(72).isoformat(), "to": ago(-24).isoformat(), "as_of": THEN.isoformat()}
CHANGE = "UPDATE incidents SET {} WHERE id = :id"


def _asked(client: FlaskClient, what: str, asked: Json) -> Json:
    reply = client.get(f"/collections/incidents/{what}?{urlencode(asked)}")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def _figures(client: FlaskClient, **asked: Any) -> Json:
    return dict(_asked(client, "figures", PERIOD | asked)["figures"])


def _changed(session: Session, case: int, **columns: Any) -> None:
    given = ", ".join(f"{name} = :{name}" for name in columns)
    session.execute(text(CHANGE.format(given)), {"id": case, **columns})


def _lists(client: FlaskClient, figure: str, **asked: Any) -> list[int]:
    found = _asked(client, "items", PERIOD | {"figure": figure} | asked)
    return [feature["id"] for feature in found["features"]]


def test_a_case_closed_since_was_open_then(client: FlaskClient, town: Session) -> None:
    case = add_case(town, ago(30), closed_at=ago(-1))

    found = _figures(client)

    assert (found["open"], found["due"], found["overdue"], found["closed_due"]) == (1, 1, 1, 0)
    assert _lists(client, "open") == _lists(client, "overdue") == [case]


def test_a_case_reported_since_was_not_there(client: FlaskClient, town: Session) -> None:
    add_case(town, ago(-1))

    assert (_figures(client)["filed"], _figures(client)["open"]) == (0, 0)


def test_a_case_reopened_since_was_closed_then(client: FlaskClient, town: Session) -> None:
    case = add_case(town, ago(30), closed_at=ago(10))
    add_step(town, case, ago(-1), "reopen", stage="reported", stage_from="closed", due_at=ago(-9))
    _changed(town, case, stage="reported", closed_at=None, due_at=ago(-9), reworks=1)

    found = _figures(client)

    assert (found["closed"], found["on_time"], found["open"]) == (1, 1, 0)


def test_a_reopened_case_was_closed_when_it_was_first_closed(
    client: FlaskClient, town: Session
) -> None:
    case = add_case(town, ago(30), closed_at=ago(10))
    add_step(town, case, ago(-1), "reopen", stage="reported", stage_from="closed")
    add_step(town, case, ago(-2), "close", stage="closed")
    _changed(town, case, closed_at=ago(-2))

    assert _lists(client, "closed", **{"from": ago(11).isoformat(), "to": THEN.isoformat()}) == [
        case
    ]


def test_a_due_time_moved_since_was_the_earlier_one(client: FlaskClient, town: Session) -> None:
    case = add_case(town, ago(30), unit="O1")
    add_step(town, case, ago(-1), "grant_delay", due_at=ago(-20))
    _changed(town, case, due_at=ago(-20))

    assert _figures(client)["overdue"] == 1


def test_a_unit_answers_for_what_it_had_then(client: FlaskClient, town: Session) -> None:
    case = add_case(town, ago(30), unit="O1")
    add_step(town, case, ago(-1), "reassign", unit="O2", in_grid=False)
    _changed(town, case, unit="O2", in_grid=False)

    groups = _asked(client, "figures", PERIOD | {"by": "department"})["groups"]

    assert [(group["key"], group["figures"]["open"]) for group in groups] == [("O1", 1)]
    assert (_lists(client, "open", unit="O1"), _lists(client, "open", unit="O2")) == ([case], [])


@pytest.mark.parametrize(
    ("evidence", "unlocated", "keys"),
    [
        ('{"how": "map"}', 1, ["none"]),
        (f'{{"before": "POINT(0 0)", "grid_before": "{EAST}"}}', 0, [EAST]),
    ],
)
def test_a_case_placed_since_lay_where_it_lay(
    client: FlaskClient, town: Session, evidence: str, unlocated: int, keys: list[str]
) -> None:
    case = add_case(town, ago(30), grid_code=WEST)
    add_step(town, case, ago(-1), "place", evidence=json.loads(evidence))

    found = _asked(client, "figures", PERIOD | {"by": "area", "area": "441900"})

    assert found["figures"]["unlocated"] == unlocated
    assert [group["key"] for group in found["groups"]] == [key[:12] for key in keys]


PROCEDURE = text("""
INSERT INTO procedures (district, code, edition, title, title_en, first_step, definition)
VALUES (441900, 'mine', 7, '', '', 'reported',
        '{"moves": [{"code": "refuse", "effect": "return"}, {"code": "go", "effect": "advance"}]}')
""")


def test_returns_are_counted_as_they_were(client: FlaskClient, town: Session) -> None:
    town.execute(PROCEDURE)
    mine = {"procedure": "mine", "edition": 7}
    once = add_case(town, ago(30), returns=2, **mine)
    never = add_case(town, ago(30), returns=1, **mine)
    add_step(town, once, ago(5), "refuse")
    add_step(town, once, ago(-5), "refuse")
    add_step(town, never, ago(-5), "refuse")

    assert (_figures(client)["returned"], _lists(client, "returned")) == (1, [once])


def test_cases_that_came_later_with_an_earlier_time_are_left_out_when_told(
    client: FlaskClient, town: Session
) -> None:
    known = add_case(town, ago(30))
    add_case(town, ago(40))

    assert _figures(client, last_case=known)["filed"] == 1
    assert _lists(client, "filed", last_case=known) == [known]


def test_the_figures_of_now_are_those_of_the_present(client: FlaskClient, town: Session) -> None:
    add_case(town, ago(30), closed_at=ago(10), unit="O1", grid_code=EAST)
    add_case(town, ago(60), returns=0, unit="O2")
    now = {"from": ago(72).isoformat()}

    present = _asked(client, "figures", now | {"by": "department"})
    past = _asked(client, "figures", now | {"by": "department", "as_of": present["as_of"]})

    listed = [{**group, "rows": None} for group in present["groups"]]
    assert past["figures"] == present["figures"]
    assert [{**group, "rows": None} for group in past["groups"]] == listed
