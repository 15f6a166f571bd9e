"""Reports are about whole days, weeks from Monday, months and quarters of the town."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import InvalidInput
from geodata.periods import EARLIEST, LATEST, PERIODS, Span, ended


@pytest.mark.parametrize(
    ("period", "day", "first", "after", "title"),
    [
        ("day", "2026-11-20", "2026-11-20", "2026-11-21", "2026年11月20日"),
        ("week", "2026-11-22", "2026-11-16", "2026-11-23", "2026年第47周"),
        ("week", "2027-01-01", "2026-12-28", "2027-01-04", "2026年第53周"),
        ("month", "2026-02-28", "2026-02-01", "2026-03-01", "2026年2月"),
        ("month", "2026-12-31", "2026-12-01", "2027-01-01", "2026年12月"),
        ("quarter", "2026-05-15", "2026-04-01", "2026-07-01", "2026年第2季度"),
        ("quarter", "2026-12-31", "2026-10-01", "2027-01-01", "2026年第4季度"),
    ],
)
def test_a_period_is_found_around_a_day(
    period: str, day: str, first: str, after: str, title: str
) -> None:
    span = Span.around(period, date.fromisoformat(day))

    assert (str(span.first), str(span.after), span.title) == (first, after, title)


@given(st.sampled_from(PERIODS), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_period_before_ends_where_this_one_begins(period: str, day: date) -> None:
    span = Span.around(period, day)

    assert span.first <= day < span.after
    assert span.before.after == span.first


def test_a_period_of_no_kind_is_refused() -> None:
    with pytest.raises(InvalidInput, match="year"):
        Span.around("year", date(2026, 1, 1))


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_every_known_day_has_its_moments(period: str, zone: str) -> None:
    ends = [Span.around(period, day).moments(zone) for day in (EARLIEST, LATEST)]

    assert [begin < end for begin, end in ends] == [True, True]


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_an_end_of_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(InvalidInput, match=str(day)) as refused:
        Span.around("day", day)
    assert refused.value.member == "date"


def test_a_day_of_the_town_begins_at_its_midnight() -> None:
    begin, end = Span.around("day", date(2026, 11, 20)).moments("Asia/Shanghai")

    assert (begin.isoformat(), end - begin) == ("2026-11-19T16:00:00+00:00", timedelta(days=1))


def test_what_had_ended_had_ended_when_the_day_began() -> None:
    day = date(2026, 11, 22)
    spans = list(ended(day))

    assert [span.period for span in spans] == ["day"] * 7 + ["week", "month", "quarter"]
    assert max(span.after for span in spans) == day
