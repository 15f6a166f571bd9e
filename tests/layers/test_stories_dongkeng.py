"""Dongkeng's whistles: each level has its own body, and who reports keeps out of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Desk
from tests.layers.casework import (
    CENTRE,
    EAST_TEAM,
    PETITION,
    TEAM,
    WATER,
    Case,
    add_bodies,
    reported,
)

DRAIN, NEIGHBOURS = "404", "201"


@pytest.fixture
def drain(desk: Desk, town: Session) -> Case:
    """Report a blocked drain inlet as the governance worker of its grid."""
    add_bodies(town)
    return reported(desk, "governance", category=DRAIN, description="排水口堵塞")


def test_a_whistle_is_raised_twice_and_closed(drain: Case) -> None:
    drain.moved(CENTRE, "dispatch", post="leader")
    drain.moved("leader", "return", reason="不属本格")
    major = drain.moved(CENTRE, "raise", reason="反复堵塞")
    hard = drain.moved("secretary", "raise", reason="需镇级协调")
    drain.moved("captain", "take")
    drain.moved("captain", "finish")
    refused = drain.refused("governance", "close")
    closed = drain.moved(CENTRE, "close")

    assert (major["level"], major["unit"], major["post"]) == ("major", "O1", "secretary")
    assert (hard["level"], hard["unit"], hard["post"]) == ("hard", TEAM, "captain")
    assert refused[0] == 403
    assert (closed["raises"], closed["returns"], closed["in_grid"]) == (2, 1, False)
    assert drain.story() == [
        ("report", "governance", "grid_worker", None, "reported"),
        ("dispatch", None, None, "leader", "assigned"),
        ("return", "leader", EAST_TEAM, None, "reported"),
        ("raise", None, None, "secretary", "assigned"),
        ("raise", "secretary", "O1", "captain", "assigned"),
        ("take", "captain", TEAM, "captain", "handling"),
        ("finish", "captain", TEAM, "captain", "verifying"),
        ("close", None, None, "captain", "closed"),
    ]


def test_a_leader_who_may_close_does_not_close_what_he_reported(desk: Desk, town: Session) -> None:
    add_bodies(town)
    case = reported(desk, "grid_leader", category=DRAIN)
    case.moved("grid_leader", "dispatch", post="leader")
    case.moved("leader", "take")
    case.moved("leader", "finish")

    shown = case.moves("grid_leader")["close"]

    assert (shown["allowed"], shown["why_code"]) == (False, "reporter")
    assert case.refused("grid_leader", "close") == (403, "post")
    assert case.moved("secretary", "close")["stage"] == "closed"


def test_every_step_of_a_whistle_names_its_level_and_its_due(drain: Case) -> None:
    drain.moved(CENTRE, "raise", reason="反复堵塞")
    drain.moved(CENTRE, "raise", reason="需镇级协调")

    begun = drain.dues()[0][0]

    assert [step["level"] for step in drain.steps()] == ["everyday", "major", "hard"]
    assert {due for _, due in drain.dues()} == {begun + timedelta(hours=7)}


def test_a_returned_case_names_the_unit_that_refused(drain: Case) -> None:
    drain.moved(CENTRE, "dispatch", post="leader")

    case = drain.moved("leader", "return", reason="不属本格")

    assert drain.steps()[-1]["evidence"]["refused_by"] == {"unit": EAST_TEAM, "post": "leader"}
    assert (case["unit"], case["post"], case["step"]) == (None, None, "reported")


def test_the_last_whistle_is_the_petition_centres(drain: Case) -> None:
    drain.moved(CENTRE, "raise", level="hard", reason="久拖不决")

    case = drain.moved("captain", "raise", reason="上访")

    assert (case["level"], case["unit"]) == ("petition", PETITION)
    assert drain.refused("officer", "raise", reason="再升") == (409, "level")


def test_a_whistle_is_lowered_to_the_grid_past_who_reported(drain: Case) -> None:
    drain.moved(CENTRE, "raise", reason="反复堵塞")

    case = drain.moved("secretary", "lower", reason="本格可办")

    assert (case["level"], case["unit"], case["post"]) == ("everyday", EAST_TEAM, "leader")


def test_the_town_commands_a_case_down_to_a_named_post(drain: Case) -> None:
    drain.moved(CENTRE, "raise", level="hard", reason="需协调")

    case = drain.moved("captain", "command", level="everyday", post="leader")

    assert (case["level"], case["post"]) == ("everyday", "leader")
    assert drain.steps()[-1]["post"] == "captain"


NOT_BELOW = ({"post": "captain"}, {"unit": TEAM}, {"unit": WATER}, {"post": "officer"})


@pytest.mark.parametrize("named", NOT_BELOW)
def test_a_case_is_not_commanded_to_who_is_not_below(drain: Case, named: dict[str, str]) -> None:
    drain.moved(CENTRE, "raise", level="hard", reason="需协调")

    assert drain.refused(CENTRE, "command", **named) == (409, next(iter(named)))


@pytest.mark.parametrize(
    ("named", "level"),
    [
        ({"post": "leader"}, "everyday"),
        ({"unit": EAST_TEAM}, "everyday"),
        ({"unit": "O1"}, "major"),
    ],
)
def test_a_commanded_case_is_at_the_level_of_whom_it_is_with(
    drain: Case, named: dict[str, str], level: str
) -> None:
    drain.moved(CENTRE, "raise", level="hard", reason="需协调")

    assert drain.moved(CENTRE, "command", **named)["level"] == level


def test_a_village_calls_a_case_up(drain: Case) -> None:
    drain.moved(CENTRE, "dispatch", post="leader")

    case = drain.moved("secretary", "call_up", reason="村统一处理")

    assert (case["level"], case["unit"], case["raises"]) == ("major", "O1", 0)


@pytest.fixture
def dispute(desk: Desk, town: Session) -> Case:
    """Report a dispute between neighbours."""
    add_bodies(town)
    return reported(desk, CENTRE, category=NEIGHBOURS, description="邻里纠纷")


def test_a_dispute_is_found_mediated_and_revisited(dispute: Case) -> None:
    dispute.moved(CENTRE, "dispatch", post="leader")
    dispute.moved("leader", "take")
    dispute.moved("leader", "join", unit="DC")
    dispute.moved("police", "meet", minutes="双方到场，各退一步")
    agreed = dispute.moved("leader", "agree", evidence={"note": "调解协议书"})
    relapsed = dispute.moved("leader", "relapse", reason="再次争吵")
    dispute.moved("leader", "agree", evidence={"note": "补充协议"})
    closed = dispute.moved("leader", "steady", evidence={"note": "回访正常"})

    assert (agreed["step"], agreed["stage"]) == ("revisiting", "closed")
    assert (relapsed["stage"], relapsed["closed_at"], relapsed["reworks"]) == ("handling", None, 1)
    assert (closed["step"], closed["helpers"]) == ("closed", ["DC"])
    assert [step[0] for step in dispute.story()] == [
        *("report", "dispatch", "take", "join", "meet", "agree", "relapse", "agree", "steady")
    ]


def test_a_revisit_is_due_after_its_own_limit(dispute: Case) -> None:
    dispute.moved(CENTRE, "dispatch", post="leader")
    dispute.moved("leader", "take")

    agreed = dispute.moved("leader", "agree", evidence={"note": "调解协议书"})

    assert agreed["step_due_at"] > agreed["due_at"]
