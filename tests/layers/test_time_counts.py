"""The figures of a period by day: days of 23 and 25 hours too, and where the calendar ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from layers.base import Query, Scope
from layers.counted import Period
from layers.figure_counts import period_figures
from layers.time_counts import midnights
from tests.cases import add_case

BERLIN = "Europe/Berlin"
# The clocks of Berlin went back on 26 October 2025, a day of 25 hours.
FALL = {"from": "2025-10-25", "to": "2025-10-28"}


def _filed(session: Session, zone: str, **asked: str) -> dict[str, int]:
    scope = Scope(441900, zone)
    told = period_figures(session, scope, Query(where={**FALL, **asked}))
    return {group["key"]: group["figures"]["filed"] for group in told["groups"]}


@pytest.fixture
def autumn(town: Session) -> Session:
    """Store a case an hour before and after each midnight of Berlin in those days."""
    for hour in (21, 23, 46, 48, 70, 72):
        add_case(town, datetime(2025, 10, 25, tzinfo=UTC) + timedelta(hours=hour))
    return town


def test_a_day_of_25_hours_is_one_day(autumn: Session) -> None:
    assert _filed(autumn, BERLIN, by="day") == {
        "2025-10-25": 1,
        "2025-10-26": 2,
        "2025-10-27": 2,
    }


def test_another_zone_divides_the_same_cases_otherwise(autumn: Session) -> None:
    assert _filed(autumn, "Asia/Shanghai", by="day") == {"2025-10-26": 2, "2025-10-27": 2}


def test_months_are_sums_of_days(autumn: Session) -> None:
    asked = {"from": "2025-10-26", "to": "2025-11-26", "by": "month"}

    assert _filed(autumn, BERLIN, **asked) == {"2025-10": 5}


def test_what_a_cut_day_holds_outside_the_period_is_not_counted(autumn: Session) -> None:
    asked = {"from": "2025-10-25T22:30:00+00:00", "to": "2025-10-27T21:30:00+00:00", "by": "day"}

    assert _filed(autumn, BERLIN, **asked) == {"2025-10-26": 2, "2025-10-27": 1}


@pytest.mark.parametrize("as_of", [{}, {"as_of": "2025-10-28T00:00:00+00:00"}])
def test_open_cases_of_before_are_told_with_the_whole_by_day_too(
    autumn: Session, as_of: dict[str, str]
) -> None:
    begun, at = datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 10, 27, tzinfo=UTC)
    add_case(autumn, begun)
    add_case(autumn, begun, geom="SRID=4326;POINT(113.945 22.99)", closed_at=at)
    scope = Scope(441900, BERLIN)

    told = [
        period_figures(autumn, scope, Query(where={**FALL, **as_of, **by}))["figures"]
        for by in ({}, {"by": "day"}, {"by": "month"})
    ]

    assert told[0] == told[1] == told[2]
    assert (told[0]["open"], told[0]["unlocated"], told[0]["closed"]) == (6, 6, 1)


def test_where_there_is_no_case_there_is_no_day(town: Session) -> None:
    told = period_figures(town, Scope(441900, BERLIN), Query(where={**FALL, "by": "day"}))

    assert (told["groups"], set(told["figures"].values())) == ([], {0})


def _period(*ends: Any) -> Period:
    since, until = (datetime(*end, tzinfo=UTC) for end in ends)
    return Period(since, until, until)


def test_the_first_day_may_have_begun_before_the_period() -> None:
    begins = midnights(_period((2026, 1, 1, 12), (2026, 1, 2, 16)), "Asia/Shanghai")

    assert [begin.date() for begin in begins] == [date(2026, 1, 1), date(2026, 1, 2)]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_the_days_end_with_the_calendar(zone: str) -> None:
    first = midnights(_period((1, 1, 1), (1, 1, 9)), zone)
    last = midnights(_period((9999, 12, 20), (9999, 12, 31, 23)), zone)

    assert (first[0].year, last[-1].year) == (1, 9999)
