"""Which moves of a case a reader is shown, and who places it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from layers.base import VISITOR, Reader
from tests.conftest import Desk
from tests.layers.casework import (
    CENTRE,
    EAST_TEAM,
    ITEMS,
    Case,
    holder,
)


def test_a_handler_sees_which_moves_are_his(handled: Case) -> None:
    own, others = handled.moves("leader"), handled.moves("water")

    assert own["finish"]["allowed"] and not own["grant_delay"]["allowed"]
    assert (others["finish"]["allowed"], others["finish"]["why_code"]) == (False, "not_yours")


def test_a_visitor_sees_the_moves_and_that_he_must_sign_in(handled: Case) -> None:
    told = handled.moves(VISITOR)

    assert {move["why_code"] for move in told.values()} == {"sign_in"}


def test_the_keys_of_the_moves_of_a_step_are_unique(handled: Case) -> None:
    keys = [move["key"] for move in handled.moves(CENTRE).values()]

    assert len(set(keys)) == len(keys)


def test_moves_tell_on_whose_behalf_they_would_be_made(handled: Case) -> None:
    told = handled.moves(CENTRE)

    assert told["finish"]["on_behalf"] == {"post": "leader", "unit": EAST_TEAM}
    assert "on_behalf" not in told["supervise"]


def test_a_case_that_is_not_there_has_no_moves(desk: Desk, town: Session) -> None:
    assert desk.client.get(f"{ITEMS}/1/moves").status_code == 404


def test_who_may_not_place_a_case(case: Case) -> None:
    at = {"lon": 113.94, "lat": 22.99}

    def placed(reader: Reader) -> int:
        case.desk.reader = reader
        return int(case.desk.client.post(f"{ITEMS}/{case.id}/place", json=at).status_code)

    assert [placed(r) for r in (VISITOR, holder("water"), holder("leader"), CENTRE)] == [
        *(401, 403, 201, 201)
    ]


def test_a_case_is_placed_by_the_version_that_was_read(case: Case) -> None:
    case.desk.reader = CENTRE
    at, address = {"lon": 113.94, "lat": 22.99}, f"{ITEMS}/{case.id}/place"

    stale = case.desk.client.post(address, json=at, headers={"If-Match": '"7"'})
    right = case.desk.client.post(address, json=at, headers={"If-Match": '"1"'})

    assert (stale.status_code, right.status_code) == (412, 201)
