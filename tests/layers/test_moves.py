"""What may not be done with a case is refused by name, and leaves the case as it was."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import VISITOR, Reader
from tests.conftest import Desk
from tests.factories import VILLAGE, bring, traces
from tests.layers.casework import (
    CENTRE,
    EAST_TEAM,
    ITEMS,
    WATER,
    Case,
    add_bodies,
    follow,
    reported,
)

PLANNER = frozenset({"planner"})


WRONG: dict[str, tuple[Reader | str, dict[str, Any], tuple[int, str]]] = {
    "a move that the procedure does not have": (CENTRE, {"move": "fly"}, (400, "move")),
    "a move of another step": (CENTRE, {"move": "close"}, (409, "move")),
    "a move that is for others": ("water", {"move": "finish"}, (403, "move")),
    "another's post": ("water", {"move": "finish", "post": "leader"}, (403, "post")),
    "another's unit": ("water", {"move": "finish", "unit": EAST_TEAM}, (403, "unit")),
    "a return without a reason": ("leader", {"move": "return"}, (400, "reason")),
    "a reason of blanks": ("leader", {"move": "return", "reason": "  "}, (400, "reason")),
    "a delay without an end": ("leader", {"move": "ask_delay", "reason": "x"}, (400, "until")),
    "a delay into the past": (
        "leader",
        {"move": "ask_delay", "reason": "x", "until": "2020-01-01T00:00:00Z"},
        (400, "until"),
    ),
    "a delay to before the calendar": (
        "leader",
        {"move": "ask_delay", "reason": "x", "until": "0001-01-01T00:00:00+14:00"},
        (400, "until"),
    ),
    "a delay without a zone": (
        "leader",
        {"move": "ask_delay", "reason": "x", "until": "2030-01-01T00:00:00"},
        (400, "until"),
    ),
    "a grant that nobody asked for": (CENTRE, {"move": "grant_delay"}, (409, "move")),
    "a refusal that nobody asked for": (
        CENTRE,
        {"move": "refuse_delay", "reason": "x"},
        (409, "move"),
    ),
    "a meeting without minutes": ("leader", {"move": "meet"}, (400, "minutes")),
    "a co-handler that is none": ("leader", {"move": "join", "unit": "no"}, (400, "unit")),
    "the handler as co-handler": ("leader", {"move": "join", "unit": EAST_TEAM}, (409, "unit")),
    "a reassignment to the same": (
        CENTRE,
        {"move": "reassign", "post": "leader", "reason": "x"},
        (409, "unit"),
    ),
    "a post of another unit": (
        CENTRE,
        {"move": "reassign", "post": "water", "unit": EAST_TEAM, "reason": "x"},
        (400, "unit"),
    ),
    "a level that is none": (
        CENTRE,
        {"move": "raise", "level": "moon", "reason": "x"},
        (400, "level"),
    ),
    "a level below the lowest": (CENTRE, {"move": "lower", "reason": "x"}, (409, "level")),
}


@pytest.mark.parametrize(("who", "said", "refusal"), WRONG.values(), ids=WRONG)
def test_a_wrong_move_is_refused_and_changes_nothing(
    handled: Case,
    town: Session,
    who: Reader | str,
    said: dict[str, Any],
    refusal: tuple[int, str],
) -> None:
    before = traces(town)

    assert handled.refused(who, **said) == refusal
    assert traces(town) == before


@pytest.mark.parametrize(
    "name", ["proposal", "refused_by", "taken_from", "grid_before", "grid_chosen", "into", "rating"]
)
def test_nobody_says_in_evidence_what_the_server_keeps_there(handled: Case, name: str) -> None:
    said = {"reason": "x", "evidence": {"note": "ok", name: "x"}}

    assert handled.refused("leader", "return", **said) == (400, f"evidence.{name}")


def test_a_visitor_moves_nothing(case: Case) -> None:
    assert case.tried(VISITOR, "dispatch").status_code == 401


def test_a_move_says_which_version_it_is_based_on(case: Case) -> None:
    reply = case.desk.client.post(f"{ITEMS}/{case.id}/steps", json={"move": "dispatch"})

    assert reply.status_code == 428


def test_a_move_on_a_former_version_is_refused(case: Case) -> None:
    case.moved(CENTRE, "dispatch")

    headers = {"If-Match": '"1"'}
    reply = case.desk.client.post(
        f"{ITEMS}/{case.id}/steps", json={"move": "take"}, headers=headers
    )

    assert reply.status_code == 412
    assert len(case.steps()) == 2


@pytest.mark.parametrize("move", ["dispatch", "take", "finish", "close", "raise", "join", "return"])
def test_a_closed_case_is_not_moved(case: Case, move: str) -> None:
    bring(case.desk.client, case.id, "accepted", "handling", "closed")

    said = {"reason": "x", "unit": WATER}
    assert case.refused(CENTRE, move, **said) == (409, "move")


def test_a_closed_case_is_reopened_with_a_new_limit_and_its_history(case: Case) -> None:
    bring(case.desk.client, case.id, "accepted", "handling", "closed")

    again = case.moved(CENTRE, "reopen", reason="复发")

    assert (again["stage"], again["closed_at"], again["reworks"]) == ("handling", None, 1)
    assert [step["move"] for step in case.steps()][-2:] == ["close", "reopen"]


def test_a_merged_case_is_not_moved(case: Case, town: Session, desk: Desk) -> None:
    other = reported(desk, CENTRE)
    merged = text("UPDATE incidents SET duplicate_of = :into WHERE id = :id")
    town.execute(merged, {"into": other.id, "id": case.id})

    assert case.refused(CENTRE, "dispatch") == (409, "move")


def test_the_leader_of_another_village_does_not_dispatch(case: Case, town: Session) -> None:
    moved = text("UPDATE organisations SET area_code = '441900109001' WHERE code = 'O1'")
    town.execute(moved)

    assert case.refused("secretary", "dispatch") == (403, "move")


def test_an_account_that_answers_for_another_ground_does_not_dispatch(case: Case) -> None:
    elsewhere = Reader("s", frozenset({"worker"}), "secretary", "O1", ("441900109001",))

    assert case.refused(elsewhere, "dispatch") == (403, "move")


def test_a_village_dispatches_the_cases_of_its_ground(case: Case) -> None:
    assert case.moved("secretary", "dispatch", post="leader")["post"] == "leader"


def test_a_dispatcher_writes_down_what_the_handler_reports_by_phone(case: Case) -> None:
    case.moved(CENTRE, "dispatch", post="leader")

    case.moved(CENTRE, "take", post="leader")

    step = case.steps()[-1]
    assert (step["actor"], step["post"], step["unit"]) == ("centre", "leader", EAST_TEAM)


def test_who_names_nobody_speaks_for_whoever_is_responsible(case: Case) -> None:
    case.moved(CENTRE, "dispatch", post="leader")

    case.moved(CENTRE, "take")

    assert (case.steps()[-1]["actor"], case.steps()[-1]["post"]) == ("centre", "leader")


def test_a_colleague_of_the_unit_takes_a_case_that_is_with_the_unit(case: Case) -> None:
    case.moved(CENTRE, "dispatch", unit=EAST_TEAM)

    assert case.moved("governance", "take")["step"] == "handling"


def test_the_basic_procedure_is_for_the_centre_and_whom_the_case_is_with(
    desk: Desk, town: Session
) -> None:
    add_bodies(town)
    follow(town, "101", "basic")
    case = reported(desk, CENTRE)
    case.moved(CENTRE, "accept")
    town.execute(text("UPDATE incidents SET unit = :unit"), {"unit": EAST_TEAM})

    others = [case.refused(who, "handle") for who in ("captain", Reader("p", PLANNER))]

    assert others == [(403, "move")] * 2
    assert case.moved("leader", "handle")["step"] == "handling"
    assert case.moved(CENTRE, "close")["stage"] == "closed"


def test_a_step_is_announced_in_the_grid_of_its_case(case: Case, town: Session) -> None:
    case.moved(CENTRE, "dispatch")

    last = text("SELECT kind, grid_code FROM outbox ORDER BY id DESC LIMIT 1")
    assert tuple(town.execute(last).one()) == ("dispatch", f"{VILLAGE}00102")


def test_a_case_is_not_handed_to_a_vacant_post(case: Case, town: Session) -> None:
    town.execute(text("UPDATE duties SET holder = '' WHERE code = 'leader'"))

    assert case.refused(CENTRE, "dispatch", post="leader") == (409, "post")


def test_a_case_is_put_under_supervision_once(handled: Case) -> None:
    assert handled.moved(CENTRE, "supervise", reason="超期")["supervised"]
    assert handled.refused(CENTRE, "supervise", reason="超期") == (409, "move")


def test_a_reassigned_case_tells_whom_it_was_taken_from(handled: Case) -> None:
    case = handled.moved(CENTRE, "reassign", unit=WATER, reason="属水务")

    assert (case["unit"], case["post"], case["step"], case["in_grid"]) == (
        *(WATER, None, "assigned"),
        False,
    )
    assert handled.steps()[-1]["evidence"]["taken_from"] == {"unit": EAST_TEAM, "post": "leader"}


def test_a_reader_without_a_post_does_not_claim(desk: Desk, town: Session) -> None:
    add_bodies(town)
    wish = reported(desk, CENTRE, category="503")
    wish.moved(CENTRE, "offer")
    nobody = Reader("n", frozenset({"volunteer"}))

    assert wish.refused(nobody, "claim") == (403, "post")


def test_what_was_proposed_is_kept_with_the_dispatch(case: Case) -> None:
    case.moved(CENTRE, "dispatch")
    taken = case.steps()[-1]["evidence"]["proposal"]
    case.moved(CENTRE, "reassign", unit=WATER, reason="属水务")

    other = case.steps()[-1]["evidence"]["proposal"]

    assert taken["taken"] and taken["post"] == case.steps()[1]["post_to"]
    assert not other["taken"]
