"""Chaohu: wishes that somebody claims, and problems that are written off each month."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Desk
from tests.layers.casework import CENTRE, EAST_TEAM, PROOF, add_bodies, follow, reported

WISH, LAMP = "503", "403"


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_bodies(town)


def test_a_wish_is_ordered_offered_claimed_fulfilled_and_rated(desk: Desk) -> None:
    wish = reported(desk, CENTRE, category=WISH, description="想要一把轮椅")

    offered = wish.moved(CENTRE, "offer")
    claimed = wish.moved("volunteer", "claim")
    wish.moved("volunteer", "fulfil", evidence=PROOF)
    rated = wish.moved(CENTRE, "rate", rating=5)

    assert (offered["unit"], offered["post"]) == (None, None)
    assert (claimed["unit"], claimed["post"]) == (EAST_TEAM, "volunteer")
    assert (rated["rating"], rated["step"]) == (5, "archived")
    assert wish.story() == [
        ("report", None, "grid_worker", None, "ordered"),
        ("offer", None, None, None, "offered"),
        ("claim", "volunteer", EAST_TEAM, "volunteer", "claimed"),
        ("fulfil", "volunteer", EAST_TEAM, "volunteer", "rating"),
        ("rate", None, None, "volunteer", "archived"),
    ]
    begun = wish.dues()[0][0]
    assert {due for _, due in wish.dues()} == {begun + timedelta(hours=105)}


def test_a_wish_is_claimed_once(desk: Desk) -> None:
    wish = reported(desk, CENTRE, category=WISH)
    wish.moved(CENTRE, "offer")
    wish.moved("volunteer", "claim")

    assert wish.refused("leader", "claim") == (409, "move")


def test_who_claimed_a_wish_may_give_it_back(desk: Desk) -> None:
    wish = reported(desk, CENTRE, category=WISH)
    wish.moved(CENTRE, "offer")
    wish.moved("volunteer", "claim")

    case = wish.moved("volunteer", "return", reason="无法实现")

    assert (case["step"], case["post"], case["returns"]) == ("offered", None, 1)


def test_a_problem_is_handed_over_and_written_off_with_proof(desk: Desk, town: Session) -> None:
    follow(town, LAMP, "chaohu_handover")
    lamp = reported(desk, "volunteer", category=LAMP, description="路灯不亮")
    lamp.moved(CENTRE, "hand_over", post="leader")
    lamp.moved("leader", "take")
    lamp.moved("leader", "submit", evidence=PROOF)

    without = lamp.refused("secretary", "write_off")
    by_reporter = lamp.refused("volunteer", "write_off", evidence=PROOF)
    closed = lamp.moved("secretary", "write_off", evidence=PROOF)

    assert (without, by_reporter[0]) == ((400, "evidence"), 403)
    assert (closed["step"], closed["stage"]) == ("written_off", "closed")
    assert lamp.story()[-1] == ("write_off", "secretary", "O1", "leader", "written_off")
