"""Jiangyan: a camera's alert to department and grid at once, and bags that are answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Desk
from tests.layers.casework import (
    CENTRE,
    EAST_TEAM,
    PROOF,
    WATER,
    Case,
    add_bodies,
    follow,
    reported,
)

FLOOD, COMPLAINT = "405", "502"


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_bodies(town)


@pytest.fixture
def alert(desk: Desk, town: Session) -> Case:
    """Report water on a road, as a camera sees it."""
    follow(town, FLOOD, "jiangyan_alert")
    return reported(desk, CENTRE, category=FLOOD, source="video_ai")


def test_an_alert_goes_to_the_department_and_the_grid_at_once(alert: Case) -> None:
    notified = alert.moved(CENTRE, "notify", unit=WATER)

    assert (notified["unit"], notified["helpers"]) == (WATER, [EAST_TEAM])
    assert alert.moves("water")["arrive"]["allowed"]
    assert alert.moves("leader")["arrive"]["allowed"]


def test_whoever_arrives_first_handles_the_alert(alert: Case) -> None:
    alert.moved(CENTRE, "notify", unit=WATER)
    alert.moved("leader", "arrive")
    alert.moved("leader", "finish", evidence=PROOF)
    alert.moved(CENTRE, "close")

    assert alert.story() == [
        ("report", None, "video_ai", None, "alert"),
        ("notify", None, None, None, "notified"),
        ("arrive", "leader", EAST_TEAM, None, "handling"),
        ("finish", "leader", EAST_TEAM, None, "reviewing"),
        ("close", None, None, None, "closed"),
    ]
    begun = alert.dues()[0][0]
    assert {due for _, due in alert.dues()} == {begun + timedelta(hours=4)}


def test_an_alert_must_be_passed_on_within_half_an_hour(alert: Case) -> None:
    told = alert.properties()

    limit = datetime.fromisoformat(told["step_due_at"]) - datetime.fromisoformat(
        told["reported_at"]
    )

    assert limit == timedelta(minutes=30)


def test_a_false_alarm_is_dismissed_with_a_reason(alert: Case) -> None:
    alert.moved(CENTRE, "notify", unit=WATER)

    assert alert.refused("leader", "dismiss") == (400, "reason")
    assert alert.moved("leader", "dismiss", reason="树影")["stage"] == "closed"


def test_a_complaint_in_a_yellow_bag_is_answered_twice_and_rated(desk: Desk) -> None:
    bag = reported(desk, CENTRE, category=COMPLAINT, source="12345")
    bag.moved(CENTRE, "dispatch", unit=WATER)
    bag.moved("water", "take")
    bag.moved("water", "answer", reason="已约时间")
    again = bag.moved(CENTRE, "refuse", reason="没有人来")
    bag.moved("water", "answer", reason="已上门解决")
    rated = bag.moved(CENTRE, "rate", rating=4)

    assert (again["stage"], again["reworks"]) == ("handling", 1)
    assert (rated["step"], rated["rating"], rated["stage"]) == ("archived", 4, "closed")
