"""The figures of a period by day, all of them in one pass over its cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    DateTime,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from layers.counted import DATED, SHARES, Period, counted, marks
from layers.incident_filters import Part
from layers.side_by_side import SideBySide

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
    found = session.execute(_counts(part, period, begins))
    names = tuple(found.keys())
    for row in found:
        told = dict(zip(names, row, strict=True))
        for whole in DATED:
            if (key := told[f"in_{whole}"]) is not None:
                tally.setdefault(days[key], {}).update(_told(told, whole))
    return tally


def _told(row: dict[str, Any], whole: str) -> dict[str, int]:
    shares = {n: row["n"] - row["overdue"] if n == RECKONED else row[n] for n in SHARES[whole]}
    return {whole: row["n"], **shares}


def _counts(part: Part, period: Period, begins: Sequence[datetime]) -> Select[Any]:
    """Read the cases once: count them by their three times together, and those by each.

    Few cases in a row differ in all three, so that the second counting has little left to do.
    """
    told = [name for name in marks(part.row) if name != RECKONED]
    one = _cases(part, period, begins).c
    times = [one[f"in_{whole}"] for whole in DATED]
    counts = [func.count().filter(one[name]).label(name) for name in told]
    alike = select(*times, func.count().label("n"), *counts).group_by(*times).subquery("alike").c
    times = [alike[at.name] for at in times]
    sums = [cast(func.sum(alike[name]), BigInteger).label(name) for name in ("n", *told)]
    return SideBySide(*times, *sums).group_by(func.grouping_sets(*[tuple_(at) for at in times]))


def _cases(part: Part, period: Period, begins: Sequence[datetime]) -> Subquery:
    """Select of each case the days of its times that lie in the period, and its marks.

    The last column is always empty. As it could change by itself, the planner does not look
    through it at the times, of which it would guess a group for each case, and none to be shared.
    """
    conditions = counted(part.row, period)
    keys = [
        case((conditions[whole], _bucket(getattr(part.row, column), begins))).label(f"in_{whole}")
        for whole, column in DATED.items()
    ]
    flags = [mark.label(name) for name, mark in marks(part.row).items() if name != RECKONED]
    opaque = case((part.row.id < 0, func.clock_timestamp())).label("opaque")
    touched = or_(*[conditions[whole] for whole in DATED])
    return select(*keys, *flags, opaque).where(*part.where, touched).subquery("one")


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
