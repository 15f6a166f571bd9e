"""The database's due times are those of Python, over the same calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from geodata.worktime import UNITS
from layers import worktime
from tests.factories import SCOPE

TOWN = calendar(SCOPE.district)
DUE = text("""
SELECT array_agg((extract(epoch FROM due_after(:district, at, amount, unit)) * 1000000)::bigint
                 ORDER BY n)
FROM unnest(CAST(:starts AS timestamptz[]), CAST(:amounts AS float8[]), CAST(:units AS text[]))
     WITH ORDINALITY AS asked (at, amount, unit, n)
""")
WORKED = text("""
SELECT array_agg(worked_between(:district, a, b) ORDER BY n)
FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
     WITH ORDINALITY AS asked (a, b, n)
""")


@pytest.fixture
def stored(session: Session) -> Session:
    worktime.store_spans(session, SCOPE, TOWN)
    return session


def _drawn(count: int, years: tuple[int, int] = (2012, 2040)) -> tuple[Any, Any, list[str]]:
    draw = np.random.default_rng(7)
    bounds = [int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1e6) for year in years]
    starts = draw.integers(*bounds, count)
    # Half of them at the very minute at which work may begin or end.
    starts[::2] -= starts[::2] % (30 * 60 * 10**6)
    amounts = np.where(
        draw.random(count) < 0.5, draw.random(count) * 200, draw.integers(0, 60, count)
    )
    return starts, amounts, draw.choice(UNITS, count).tolist()


def _times(values: Any) -> list[datetime]:
    return [moment.replace(tzinfo=UTC) for moment in values.astype("datetime64[us]").tolist()]


def test_sql_tells_the_due_times_that_python_tells(stored: Session) -> None:
    starts, amounts, units = _drawn(4000)
    asked = {"starts": _times(starts), "amounts": amounts.tolist(), "units": units}

    found = stored.execute(DUE, {"district": SCOPE.district, **asked}).scalar_one()

    assert found == TOWN.spans.due_after(starts, amounts, units).tolist()


def test_sql_counts_the_hours_that_python_counts(stored: Session) -> None:
    starts, _, _ = _drawn(2000)
    ends = starts[::-1]
    asked = {"starts": _times(starts), "ends": _times(ends)}

    found = stored.execute(WORKED, {"district": SCOPE.district, **asked}).scalar_one()

    worked = (TOWN.spans.worked_at(ends) - TOWN.spans.worked_at(starts)) / 3.6e9
    assert found == pytest.approx(worked.tolist(), abs=1e-9)


def test_many_due_times_are_those_of_the_stored_calendar(stored: Session) -> None:
    starts, amounts, units = _drawn(500)

    spans = worktime.stored(stored, SCOPE)
    found = worktime.due_times(spans, starts.astype("datetime64[us]"), (amounts, units))

    assert found.astype(int).tolist() == TOWN.spans.due_after(starts, amounts, units).tolist()


@pytest.mark.parametrize("unit", UNITS)
def test_without_a_calendar_the_clock_never_stops(session: Session, unit: str) -> None:
    asked = text("""
        SELECT due_after(441900, '2026-11-20T09:00Z', 1.5, :unit) = CASE :unit
                   WHEN 'working_days' THEN timestamptz '2026-11-21T21:00Z'
                   ELSE timestamptz '2026-11-20T10:30Z' END,
               worked_between(441900, '2026-11-20T09:00Z', '2026-11-21T10:30Z')
    """)

    assert tuple(session.execute(asked, {"unit": unit}).one()) == (True, 25.5)


def test_another_districts_calendar_does_not_count(stored: Session) -> None:
    asked = text("SELECT due_after(441901, '2026-11-20T09:00Z', 4, 'working_hours')")

    assert stored.execute(asked).scalar_one() == datetime(2026, 11, 20, 13, tzinfo=UTC)


def test_a_calendar_replaces_the_one_before(stored: Session) -> None:
    count = worktime.store_spans(stored, SCOPE, TOWN)

    assert (count, len(worktime.stored(stored, SCOPE).starts_us)) == (count, count)
