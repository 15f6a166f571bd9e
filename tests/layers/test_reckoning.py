"""A changed calendar moves the due times of open cases, and says so in their steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from layers import worktime
from layers.reckoning import load_calendar
from tests.factories import SCOPE, count

TOWN = calendar(SCOPE.district)
MONDAY = date(2026, 11, 23)
WITHOUT_MONDAY = replace(TOWN, holidays=TOWN.holidays | {MONDAY})
ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 20, 17, tzinfo=ZONE)

STORE = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, stage, closed_at, step, step_due_at, paused_h, asked_until)
SELECT :district, 'N', code, 2, 'app', 'EPSG:4326', :at, due_after(:district, :at, 4, limit_unit),
       CASE WHEN :closed THEN 'closed' ELSE 'reported' END, CASE WHEN :closed THEN now() END,
       'reported', due_after(:district, :at, 4, limit_unit), :paused_h,
       CASE WHEN CAST(:paused_h AS float8) IS NOT NULL THEN now() + interval '1 day' END
FROM categories WHERE district = :district AND code = '201'
""")
CASE = text("SELECT due_at, step_due_at, row_version FROM incidents")


@pytest.fixture
def stored(town: Session) -> Session:
    worktime.store_spans(town, SCOPE, TOWN)
    _limited(town, "working_hours")
    return town


def _limited(session: Session, unit: str) -> None:
    session.execute(text("UPDATE categories SET limit_unit = :unit"), {"unit": unit})


def _case(session: Session, **given: Any) -> None:
    told = {"district": SCOPE.district, "at": FRIDAY, "closed": False, "paused_h": None}
    session.execute(STORE, told | given)


def test_a_new_holiday_moves_the_due_time_by_a_day(stored: Session) -> None:
    _case(stored)

    loaded = load_calendar(stored, SCOPE, WITHOUT_MONDAY)

    due = datetime(2026, 11, 24, 11, 30, tzinfo=ZONE)
    assert (loaded.cases, tuple(stored.execute(CASE).one())) == (1, (due, due, 2))


def test_a_moved_due_time_is_a_step_and_an_event(stored: Session) -> None:
    _case(stored)

    load_calendar(stored, SCOPE, WITHOUT_MONDAY)

    step = stored.execute(text("SELECT * FROM steps")).one()
    before = datetime.fromisoformat(step.evidence["due_before"])
    assert (step.move, step.stage_to, step.due_at) == (
        "calendar",
        "reported",
        datetime(2026, 11, 24, 3, 30, tzinfo=UTC),
    )
    assert before == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert stored.execute(text("SELECT kind FROM outbox")).scalars().all() == ["calendar"]


@pytest.mark.parametrize(
    ("unit", "due"),
    [("working_days", "2026-11-27 18:00"), ("hours", "2026-11-20 21:00")],
)
def test_a_limit_keeps_its_unit(stored: Session, unit: str, due: str) -> None:
    _limited(stored, unit)
    _case(stored)

    load_calendar(stored, SCOPE, WITHOUT_MONDAY)

    found = stored.execute(CASE).one().due_at.astimezone(ZONE)
    assert f"{found:%Y-%m-%d %H:%M}" == due


@pytest.mark.parametrize("told", [{"closed": True}, {"paused_h": 2.0}])
def test_closed_and_paused_cases_stay(stored: Session, told: dict[str, Any]) -> None:
    _case(stored, **told)
    before = stored.execute(CASE).one()

    loaded = load_calendar(stored, SCOPE, WITHOUT_MONDAY)

    assert (loaded.cases, stored.execute(CASE).one()) == (0, before)


def test_the_same_calendar_again_moves_nothing(stored: Session) -> None:
    _case(stored)

    loaded = load_calendar(stored, SCOPE, TOWN)

    assert (loaded.cases, count(stored, "steps"), count(stored, "outbox")) == (0, 0, 0)


def test_what_a_delay_added_stays(stored: Session) -> None:
    _case(stored)
    longer = "UPDATE incidents SET due_at = due_after(district, due_at, 2, 'working_hours')"
    stored.execute(text(longer))

    load_calendar(stored, SCOPE, WITHOUT_MONDAY)

    assert stored.execute(CASE).one().due_at == datetime(2026, 11, 24, 16, tzinfo=ZONE)


def test_the_first_calendar_keeps_the_hours_that_were_given(town: Session) -> None:
    _limited(town, "working_hours")
    _case(town)  # until 21:00, since nothing says when work ends

    load_calendar(town, SCOPE, TOWN)

    assert town.execute(CASE).one().due_at == datetime(2026, 11, 23, 11, 30, tzinfo=ZONE)
