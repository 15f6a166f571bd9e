"""Many cases are dispatched at once, each to whom it is proposed first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import VISITOR, Reader
from tests.conftest import Desk
from tests.factories import Json
from tests.layers.casework import CENTRE, Case, add_bodies, holder, reported

DISPATCH = "/collections/incidents/dispatch"


@pytest.fixture
def cases(desk: Desk, town: Session) -> list[Case]:
    """Report three fires."""
    add_bodies(town)
    return [reported(desk, CENTRE) for _ in range(3)]


def _dispatched(desk: Desk, listed: Any, reader: Reader = CENTRE) -> Any:
    desk.reader = reader
    return desk.client.post(DISPATCH, json={"cases": listed})


def test_each_case_goes_to_its_first_proposal(desk: Desk, cases: list[Case]) -> None:
    reply: Json = _dispatched(desk, [{"id": c.id, "version": 1} for c in cases]).json

    assert [(row["id"], row["version"]) for row in reply["done"]] == [(c.id, 2) for c in cases]
    assert reply["refused"] == []
    assert {c.properties()["step"] for c in cases} == {"assigned"}
    assert {row["unit"] for row in reply["done"]} == {cases[0].properties()["unit"]}


def test_one_refused_case_does_not_stop_the_others(desk: Desk, cases: list[Case]) -> None:
    stale, closed, good = cases
    closed.moved(CENTRE, "dispatch")

    listed = [{"id": stale.id, "version": 9}, {"id": closed.id, "version": 2}]
    listed += [{"id": 10**9, "version": 1}, {"id": good.id, "version": 1}]
    reply: Json = _dispatched(desk, listed).json

    assert [row["id"] for row in reply["done"]] == [good.id]
    assert [(row["id"], row["member"]) for row in reply["refused"]] == [
        *((stale.id, "If-Match"), (closed.id, "move"), (10**9, None)),
    ]
    assert (len(stale.steps()), len(closed.steps())) == (1, 2)


def test_who_may_not_dispatch_is_told_for_each_case(desk: Desk, cases: list[Case]) -> None:
    reply = _dispatched(desk, [{"id": cases[0].id, "version": 1}], holder("water"))

    assert (reply.json["done"], reply.json["refused"][0]["member"]) == ([], "move")


def test_a_visitor_dispatches_nothing(desk: Desk, cases: list[Case]) -> None:
    assert _dispatched(desk, [{"id": cases[0].id, "version": 1}], VISITOR).status_code == 401


@pytest.mark.parametrize(
    "listed",
    [
        *(None, [], {}, [1], [{"id": 1}], [{"id": 1, "version": "1"}], [{"id": True}]),
        [{"id": 1, "version": 1}] * 201,
    ],
)
def test_what_lists_no_cases_is_refused(desk: Desk, town: Session, listed: Any) -> None:
    assert _dispatched(desk, listed).status_code == 400


def test_a_case_that_is_hidden_is_refused_like_one_that_is_not_there(
    desk: Desk, cases: list[Case], town: Session
) -> None:
    town.execute(text("UPDATE categories SET restricted = true"))
    hidden = cases[0].id
    listed = [{"id": hidden, "version": version} for version in (1, 7)]
    gone = [{"id": 10**9, "version": 1}]
    stranger = Reader("x", frozenset({"department"}), None, "DW")

    told = [_dispatched(desk, [one], stranger).json["refused"] for one in (*listed, *gone)]

    words = [{key: refused[0][key] for key in ("member", "detail")} for refused in told]
    assert words[0]["detail"].replace(str(hidden), str(10**9)) == words[2]["detail"]
    assert (words[0], words[1]["member"]) == (words[1], words[2]["member"])


def test_cases_are_dispatched_in_the_order_of_their_ids(desk: Desk, cases: list[Case]) -> None:
    backwards = [{"id": case.id, "version": 1} for case in reversed(cases)]

    done = _dispatched(desk, backwards).json["done"]

    assert [row["id"] for row in done] == [case.id for case in cases]


def test_a_case_is_listed_once(desk: Desk, cases: list[Case]) -> None:
    reply = _dispatched(desk, [{"id": cases[0].id, "version": version} for version in (1, 2)])

    assert (reply.status_code, reply.json["member"]) == (400, "cases[1]")
    assert len(cases[0].steps()) == 1
