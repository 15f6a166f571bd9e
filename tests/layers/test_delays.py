"""Granted delays stop the clock; what was left before runs on after them, and is never more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from layers import worktime
from tests.conftest import Desk
from tests.factories import SCOPE, bring
from tests.layers.casework import CENTRE, Case, add_bodies, reported

# 101 is limited in plain hours, 302 in working time.
LIMITED = {"101": "hours", "302": "working_hours"}


@pytest.fixture(params=LIMITED)
def handled(desk: Desk, town: Session, request: pytest.FixtureRequest) -> Case:
    """Have the leader of the micro-grid handle a case."""
    worktime.store_spans(town, SCOPE, calendar(SCOPE.district))
    add_bodies(town)
    limited = text("UPDATE categories SET limit_unit = :unit, limit_h = 20 WHERE code = :code")
    town.execute(limited, {"unit": LIMITED[request.param], "code": request.param})
    case = reported(desk, CENTRE, category=request.param)
    case.moved(CENTRE, "dispatch", post="leader")
    case.moved("leader", "take")
    return case


def _in(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def _granted(case: Case, until: str) -> tuple[str, float]:
    """Ask for a delay and grant it; when the case is due then, and the hours left."""
    case.moved("leader", "ask_delay", reason="等配件", until=until)
    after = case.moved(CENTRE, "grant_delay")
    return after["due_at"], after["paused_h"]


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(hours=st.floats(0.1, 8000), times=st.integers(2, 3))
def test_granting_again_until_the_same_time_changes_nothing(
    handled: Case, town: Session, hours: float, times: int
) -> None:
    before = town.begin_nested()
    until = _in(hours)

    granted = {_granted(handled, until) for _ in range(times)}

    before.rollback()
    assert len(granted) == 1


def test_a_longer_delay_leaves_as_many_hours_as_the_first(handled: Case) -> None:
    _, left = _granted(handled, _in(72))

    _, after = _granted(handled, _in(240))

    assert after == pytest.approx(left, abs=1e-6)


def test_a_refused_second_delay_leaves_the_first(handled: Case) -> None:
    first = _granted(handled, _in(72))
    handled.moved("leader", "ask_delay", reason="x", until=_in(240))

    kept = handled.moved(CENTRE, "refuse_delay", reason="不成立")

    assert (kept["due_at"], kept["paused_h"]) == (first[0], pytest.approx(first[1], abs=1e-6))
    assert _granted(handled, _in(240))[1] == pytest.approx(first[1], abs=1e-6)


def test_a_closed_case_is_paused_no_more(handled: Case) -> None:
    _granted(handled, _in(72))

    handled.desk.reader = CENTRE
    bring(handled.desk.client, handled.id, "closed")

    closed = handled.properties()
    assert (closed["asked_until"], closed["paused_h"]) == (None, None)
