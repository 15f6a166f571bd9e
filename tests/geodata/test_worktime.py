"""Limits in working hours and days run out when an argument about them would say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.calendar_file import calendar
from geodata.worktime import HOURS, NOTHING, WORKING_DAYS, WORKING_HOURS, Calendar

TOWN = calendar(441900)
ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 20, 17, tzinfo=ZONE)
MONDAY = date(2026, 11, 23)

moments = st.datetimes(datetime(2023, 6, 1), datetime(2027, 6, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
amounts = st.floats(0.001, 400)
units = st.sampled_from([WORKING_HOURS, WORKING_DAYS])


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _due(start: str, amount: float, unit: str, town: Calendar = TOWN) -> str:
    return _local(town.due_after(datetime.fromisoformat(start).replace(tzinfo=ZONE), amount, unit))


def test_four_working_hours_from_friday_at_five_end_on_monday_at_half_past_eleven() -> None:
    assert _local(TOWN.due_after(FRIDAY, 4, WORKING_HOURS)) == "2026-11-23 11:30"


def test_with_monday_a_holiday_they_end_on_tuesday() -> None:
    town = replace(TOWN, holidays=TOWN.holidays | {MONDAY})

    assert _local(town.due_after(FRIDAY, 4, WORKING_HOURS)) == "2026-11-24 11:30"


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-11-20 17:00", 4, HOURS, "2026-11-20 21:00"),
        ("2026-11-20 08:30", 3.5, WORKING_HOURS, "2026-11-20 12:00"),
        ("2026-11-20 12:00", 1, WORKING_HOURS, "2026-11-20 15:30"),
        ("2026-11-20 13:00", 3.5, WORKING_HOURS, "2026-11-20 18:00"),
        ("2026-11-21 10:00", 0.5, WORKING_HOURS, "2026-11-23 09:00"),
        ("2026-11-20 17:00", 1, WORKING_DAYS, "2026-11-23 18:00"),
        ("2026-11-21 10:00", 1, WORKING_DAYS, "2026-11-23 18:00"),
        ("2026-11-23 00:00", 2, WORKING_DAYS, "2026-11-25 18:00"),
        ("2026-09-30 17:00", 2, WORKING_HOURS, "2026-10-08 09:30"),  # after the national day
        ("2026-09-30 17:00", 3, WORKING_DAYS, "2026-10-10 18:00"),  # the 10th makes up for it
        ("2026-02-13 17:30", 1, WORKING_HOURS, "2026-02-14 09:00"),  # a worked Saturday
        ("2024-12-31 17:00", 2, WORKING_HOURS, "2025-01-02 09:30"),
    ],
)
def test_a_limit_ends_where_the_town_says(start: str, amount: float, unit: str, due: str) -> None:
    assert _due(start, amount, unit) == due


def test_in_a_year_without_holidays_the_weekdays_are_worked() -> None:
    assert _due("2030-10-01 08:30", 1, WORKING_HOURS) == "2030-10-01 09:30"


def test_beyond_the_calendar_the_clock_never_stops() -> None:
    assert _due("2050-10-01 20:00", 1, WORKING_HOURS) == "2050-10-01 21:00"


def test_no_limit_at_all_ends_at_once() -> None:
    assert TOWN.due_after(FRIDAY, 0, WORKING_HOURS) == FRIDAY


def test_a_night_shift_town_may_work_at_night() -> None:
    town = replace(TOWN, hours=((time(0), time(4)), (time(20), time(23, 59))))

    assert _due("2026-11-20 23:00", 1, WORKING_HOURS, town) == "2026-11-23 00:01"


@given(moments, amounts)
def test_what_is_worked_until_a_limit_ends_is_the_limit(start: datetime, amount: float) -> None:
    due = TOWN.due_after(start, amount, WORKING_HOURS)

    assert TOWN.worked_between(start, due) == pytest.approx(amount, abs=1e-9 + 0.5e-6 / 3600)


@given(st.tuples(moments, moments).map(sorted), amounts, units)
def test_who_begins_later_ends_no_earlier(starts: list[datetime], amount: float, unit: str) -> None:
    first, second = (TOWN.due_after(start, amount, unit) for start in starts)

    assert first <= second


@given(moments, st.tuples(amounts, amounts).map(sorted), units)
def test_more_to_do_ends_no_earlier(start: datetime, two: list[float], unit: str) -> None:
    less, more = (TOWN.due_after(start, amount, unit) for amount in two)

    assert start < less <= more


@given(moments, moments, moments)
def test_working_time_adds_up(first: datetime, second: datetime, third: datetime) -> None:
    parts = TOWN.worked_between(first, second) + TOWN.worked_between(second, third)

    assert TOWN.worked_between(first, third) == pytest.approx(parts, abs=1e-9)


def test_the_days_between_are_those_that_a_limit_in_days_took() -> None:
    start = np.array([FRIDAY.timestamp() * 1e6], dtype=np.int64)
    due = TOWN.spans.due_after(start, np.array([7.0]), [WORKING_DAYS])

    assert TOWN.spans.days_between(start, due).tolist() == [7]


def test_without_a_calendar_the_clock_never_stops() -> None:
    start = np.array([0], dtype=np.int64)

    assert NOTHING.due_after(start, np.array([2.0]), [WORKING_DAYS]).tolist() == [48 * 3600 * 10**6]
