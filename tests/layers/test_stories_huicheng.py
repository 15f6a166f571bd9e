"""Huicheng: a blocked drain closed in five steps, and in six where the district verifies."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from layers.worktime import ensure_spans
from tests.conftest import Desk
from tests.factories import SCOPE
from tests.layers.casework import CENTRE, EAST_TEAM, PROOF, Case, add_bodies, follow, reported

DRAIN = "404"  # 7 working hours
FRIDAY_1700 = "2026-11-20T17:00:00+08:00"
# One hour of Friday; on Monday 3½ hours before noon and 2½ after it.
MONDAY_1700 = datetime.fromisoformat("2026-11-23T17:00:00+08:00")


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_bodies(town)
    ensure_spans(town, SCOPE, calendar(SCOPE.district))


def _drain(desk: Desk, town: Session, procedure: str) -> Case:
    follow(town, DRAIN, procedure)
    told = {"category": DRAIN, "description": "排水口堵塞", "reported_at": FRIDAY_1700}
    return reported(desk, "governance", **told)


def test_a_drain_case_goes_through_the_five_steps_of_a_town(desk: Desk, town: Session) -> None:
    case = _drain(desk, town, "huicheng_town")

    case.moved(CENTRE, "dispatch", post="leader")
    case.moved("leader", "take")
    case.moved("leader", "finish", evidence=PROOF)
    closed = case.moved("grid_leader", "archive")

    assert case.story() == [
        ("report", "governance", "grid_worker", None, "registered"),
        ("dispatch", None, None, "leader", "dispatched"),
        ("take", "leader", EAST_TEAM, "leader", "handling"),
        ("finish", "leader", EAST_TEAM, "leader", "feedback"),
        ("archive", "grid_leader", "O1", "leader", "archived"),
    ]
    assert (closed["stage"], closed["in_grid"], closed["unit"]) == ("closed", True, EAST_TEAM)


def test_every_step_of_a_drain_case_tells_its_time_and_its_due(desk: Desk, town: Session) -> None:
    case = _drain(desk, town, "huicheng_town")
    case.moved(CENTRE, "dispatch", post="leader")
    case.moved("leader", "take")

    told = case.dues()

    assert {due for _, due in told} == {MONDAY_1700}
    assert told[0][0] == datetime.fromisoformat(FRIDAY_1700)
    assert [at for at, _ in told] == sorted(at for at, _ in told)


def test_who_reported_the_drain_neither_handles_nor_closes_it(desk: Desk, town: Session) -> None:
    case = _drain(desk, town, "huicheng_town")
    case.moved(CENTRE, "dispatch", unit=EAST_TEAM)

    taking = case.refused("governance", "take")
    case.moved("leader", "take")
    finishing = case.refused("governance", "finish", evidence=PROOF)
    case.moved("leader", "finish", evidence=PROOF)
    closing = case.refused("governance", "archive")

    assert (taking, finishing, closing[0]) == ((403, "post"), (403, "post"), 403)


def test_a_case_is_not_dispatched_to_who_reported_it(desk: Desk, town: Session) -> None:
    case = _drain(desk, town, "huicheng_town")

    assert case.refused(CENTRE, "dispatch", post="governance") == (403, "post")


def test_the_centre_does_not_close_on_behalf_of_who_reported(desk: Desk, town: Session) -> None:
    case = _drain(desk, town, "huicheng_town")
    case.moved(CENTRE, "dispatch", unit=EAST_TEAM)

    assert case.refused(CENTRE, "take", post="governance") == (403, "post")


def test_the_district_verifies_before_feedback(desk: Desk, town: Session) -> None:
    case = _drain(desk, town, "huicheng_district")
    case.moved(CENTRE, "dispatch", post="leader")
    case.moved("leader", "take")
    case.moved("leader", "finish", evidence=PROOF)

    refused = case.refused("secretary", "verify", evidence=PROOF)
    case.moved(CENTRE, "rework", reason="现场未清理")
    case.moved("leader", "finish", evidence=PROOF)
    case.moved(CENTRE, "verify", evidence={"note": "现场核查通过"})
    closed = case.moved(CENTRE, "archive")

    assert refused == (403, "move")
    assert [step[0] for step in case.story()[3:]] == [
        *("finish", "rework", "finish", "verify", "archive")
    ]
    assert (closed["reworks"], closed["step"]) == (1, "archived")
    assert {due for _, due in case.dues()} == {MONDAY_1700}
