"""The figures of a period by day or month: all of them in one pass over its cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from layers.counted import DATED, SHARES, Period, counted, marks
from layers.incident_filters import Part

TIMES = ("day", "month")
DAY = timedelta(days=1)
# No zone is further than a day from UTC, so the days of these are dates everywhere.
EARLIEST, LATEST = (datetime(*day, tzinfo=UTC) for day in ((1, 1, 3), (9999, 12, 29)))
# Reckoned from the others: fewer conditions for each row.
RECKONED = "closed_due"
Tally = dict[date, Counter[str]]


def starts(period: Period, by: str, zone: str) -> list[datetime]:
    """List the midnights of a zone at which the days or months of a period begin, the first too."""
    town = ZoneInfo(zone)
    begin, end = (min(max(at, EARLIEST), LATEST) for at in (period.since, period.until))
    first = begin.astimezone(town).date()
    last = (end - timedelta(microseconds=1)).astimezone(town).date()
    if by == "month":
        first = first.replace(day=1)
    days = (first + n * DAY for n in range((last - first).days + 1))
    wanted = (day for day in days if by == "day" or day.day == 1)
    return [datetime.combine(day, time(), town) for day in wanted]


def by_time(session: Session, part: Part, period: Period, begins: Sequence[datetime]) -> Tally:
    """Count each figure by the time that it is about; figures of nothing are left out.

    Args:
        session: an open session.
        part: the cases that are counted.
        period: what they are counted over.
        begins: when the days or months of the period begin, in the town's zone.

    Returns:
        The counts by the first day.
    """
    tally: Tally = {}
    for row in session.execute(_counts(part, period, begins)).mappings():
        for whole in DATED:
            if (key := row[f"in_{whole}"]) is not None:
                counts = tally.setdefault(_first(key, begins), Counter())
                counts.update(dict(_told(row, whole)))
    return tally


def _told(row: Any, whole: str) -> Iterator[tuple[str, int]]:
    yield whole, row["n"]
    for name in SHARES[whole]:
        yield name, row["n"] - row["overdue"] if name == RECKONED else row[name]


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
    """Write into which day or month a time falls: its beginning, or its place from 1 on.

    Where all are days of 24 hours, that is half the work.
    """
    if _are_even(begins):
        return func.date_bin(DAY, column, begins[0])
    return func.width_bucket(column, literal(list(begins), ARRAY(DateTime(timezone=True))))


def _are_even(begins: Sequence[datetime]) -> bool:
    moments = [at.astimezone(UTC) for at in begins]
    return {later - former for former, later in pairwise(moments)} == {DAY}


def _first(key: datetime | int, begins: Sequence[datetime]) -> date:
    if isinstance(key, int):
        return begins[key - 1].date()
    return key.astimezone(begins[0].tzinfo).date()
