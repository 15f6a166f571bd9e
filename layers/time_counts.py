"""The figures of a period by day, all of them in one pass over its cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from layers.counted import DATED, SHARES, Period, counted, marks
from layers.incident_filters import Part

DAY = timedelta(days=1)
# No zone is further than a day from UTC, so the days of these are dates everywhere.
EARLIEST, LATEST = (datetime(*day, tzinfo=UTC) for day in ((1, 1, 3), (9999, 12, 29)))
# Reckoned from the others: fewer conditions for each row.
RECKONED = "closed_due"
Tally = dict[date, dict[str, int]]


def midnights(period: Period, zone: str) -> list[datetime]:
    """List the midnights of a zone at which the days of a period begin, that of its first too."""
    town = ZoneInfo(zone)
    begin, end = (min(max(at, EARLIEST), LATEST) for at in (period.since, period.until))
    first = begin.astimezone(town).date()
    last = (end - timedelta(microseconds=1)).astimezone(town).date()
    return [datetime.combine(first + n * DAY, time(), town) for n in range((last - first).days + 1)]


def by_day(session: Session, part: Part, period: Period, begins: Sequence[datetime]) -> Tally:
    """Count each figure by the day that it is about.

    Args:
        session: an open session.
        part: the cases that are counted.
        period: what they are counted over.
        begins: when the days of the period begin (see ``midnights``).
    """
    tally: Tally = {}
    days: dict[Any, date] = {at.astimezone(UTC): at.date() for at in begins}
    days |= {place: at.date() for place, at in enumerate(begins, 1)}
    for row in session.execute(_counts(part, period, begins)):
        told = row._mapping
        for whole in DATED:
            if (key := told[f"in_{whole}"]) is not None:
                tally.setdefault(days[key], {}).update(_told(told, whole))
    return tally


def _told(row: Any, whole: str) -> dict[str, int]:
    shares = {n: row["n"] - row["overdue"] if n == RECKONED else row[n] for n in SHARES[whole]}
    return {whole: row["n"], **shares}


def _counts(part: Part, period: Period, begins: Sequence[datetime]) -> Select[Any]:
    """Read the cases once, and count them by each of their three times.

    The offset keeps the planner from guessing a group for each case, for which it would sort.
    """
    conditions = counted(part.row, period)
    told = {name: mark for name, mark in marks(part.row).items() if name != RECKONED}
    keys = [
        case((conditions[whole], _bucket(getattr(part.row, column), begins))).label(f"in_{whole}")
        for whole, column in DATED.items()
    ]
    touched = or_(*[conditions[whole] for whole in DATED])
    flags = [mark.label(name) for name, mark in told.items()]
    one = select(*keys, *flags).where(*part.where, touched).offset(0).subquery("one").c
    times = [one[key.name] for key in keys]
    counts = [func.count().filter(one[name]).label(name) for name in told]
    sets = func.grouping_sets(*[tuple_(at) for at in times])
    return select(*times, func.count().label("n"), *counts).group_by(sets)


def _bucket(column: Any, begins: Sequence[datetime]) -> Any:
    """Write into which day a time falls: its beginning, or its place from 1 on.

    Where all are days of 24 hours, that is half the work.
    """
    if _are_even(begins):
        return func.date_bin(DAY, column, begins[0])
    return func.width_bucket(column, literal(list(begins), ARRAY(DateTime(timezone=True))))


def _are_even(begins: Sequence[datetime]) -> bool:
    moments = [at.astimezone(UTC) for at in begins]
    return {later - former for former, later in pairwise(moments)} == {DAY}
