"""A delay is asked for once, granted by another, and leaves the due time when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.layers.casework import (
    CENTRE,
    Case,
)


def test_a_granted_delay_stops_the_clock_until_its_end(handled: Case) -> None:
    until = datetime.now(UTC) + timedelta(hours=30)
    due = datetime.fromisoformat(handled.properties()["due_at"])
    handled.moved("leader", "ask_delay", reason="等配件", until=until.isoformat())

    granted = handled.moved(CENTRE, "grant_delay")

    left = timedelta(hours=granted["paused_h"])
    assert abs(due - datetime.now(UTC) - left) < timedelta(seconds=30)
    assert abs(datetime.fromisoformat(granted["due_at"]) - (until + left)) < timedelta(seconds=1)
    assert (granted["delays"], granted["step_due_at"]) == (1, granted["due_at"])


def test_a_refused_delay_leaves_the_due_time(handled: Case) -> None:
    before = handled.properties()
    until = datetime.now(UTC) + timedelta(hours=30)
    handled.moved("leader", "ask_delay", reason="等配件", until=until.isoformat())

    refused = handled.moved(CENTRE, "refuse_delay", reason="不成立")

    assert (refused["due_at"], refused["asked_until"]) == (before["due_at"], None)
    assert refused["delays"] == 0


def test_a_delay_is_asked_for_once_at_a_time(handled: Case) -> None:
    said = {"reason": "x", "until": (datetime.now(UTC) + timedelta(hours=30)).isoformat()}
    handled.moved("leader", "ask_delay", **said)

    assert handled.refused("leader", "ask_delay", **said) == (409, "move")


def test_a_delay_whose_time_has_passed_is_not_granted(handled: Case, town: Session) -> None:
    said = {"reason": "x", "until": (datetime.now(UTC) + timedelta(hours=30)).isoformat()}
    handled.moved("leader", "ask_delay", **said)
    town.execute(text("UPDATE incidents SET asked_until = now() - interval '1 minute'"))

    assert handled.refused(CENTRE, "grant_delay") == (409, "until")


def test_the_handler_does_not_grant_himself_more_time(handled: Case) -> None:
    said = {"reason": "x", "until": (datetime.now(UTC) + timedelta(hours=30)).isoformat()}
    handled.moved("leader", "ask_delay", **said)

    assert handled.refused("leader", "grant_delay") == (403, "move")
