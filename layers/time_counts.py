"""The figures of a period by day, all of them in one pass over its cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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
ALL = 0b111  # what GROUPING tells of the sums over all three times
Tally = dict[date | None, dict[str, int]]


class Counting(NamedTuple):
    """What is counted by day.

    Attributes:
        part: the cases that are counted.
        period: what they are counted over.
        begins: when the days of the period begin (see ``midnights``).
        undated: conditions by name, whose cases belong to no day.
    """

    part: Part
    period: Period
    begins: Sequence[datetime]
    undated: dict[str, ColumnElement[bool]]


def midnights(period: Period, zone: str) -> list[datetime]:
    """List the midnights of a zone at which the days of a period begin, that of its first too."""
    town = ZoneInfo(zone)
    begin, end = (min(max(at, EARLIEST), LATEST) for at in (period.since, period.until))
    first = begin.astimezone(town).date()
    last = (end - timedelta(microseconds=1)).astimezone(town).date()
    return [datetime.combine(first + n * DAY, time(), town) for n in range((last - first).days + 1)]


def by_day(session: Session, counting: Counting) -> Tally:
    """Count each figure by the day that it is about, and what belongs to no day under None."""
    tally: Tally = {None: dict.fromkeys(counting.undated, 0)}
    days: dict[Any, date] = {at.astimezone(UTC): at.date() for at in counting.begins}
    days |= {place: at.date() for place, at in enumerate(counting.begins, 1)}
    found = session.execute(_counts(counting))
    names = tuple(found.keys())
    for row in found:
        told = dict(zip(names, row, strict=True))
        if told["undated"] and told["n"]:
            tally[None] = {name: told[name] for name in counting.undated}
        for whole in DATED:
            if (key := told[f"in_{whole}"]) is not None:
                tally.setdefault(days[key], {}).update(_told(told, whole))
    return tally


def _told(row: dict[str, Any], whole: str) -> dict[str, int]:
    shares = {n: row["n"] - row["overdue"] if n == RECKONED else row[n] for n in SHARES[whole]}
    return {whole: row["n"], **shares}


def _counts(counting: Counting) -> Select[Any]:
    """Read the cases once: count them by their three times together, then by each and by none.

    Few cases in a row differ in all three, so that the second counting has little left to do.
    """
    told = [name for name in marks(counting.part.row) if name != RECKONED] + [*counting.undated]
    one = _cases(counting).c
    times = [one[f"in_{whole}"] for whole in DATED]
    counts = [func.count().filter(one[name]).label(name) for name in told]
    alike = select(*times, func.count().label("n"), *counts).group_by(*times).subquery("alike").c
    times = [alike[at.name] for at in times]
    sums = [cast(func.sum(alike[name]), BigInteger).label(name) for name in ("n", *told)]
    undated = (func.grouping(*times) == ALL).label("undated")
    sets = [tuple_(at) for at in times] + [tuple_()]
    return SideBySide(*times, undated, *sums).group_by(func.grouping_sets(*sets))


def _cases(counting: Counting) -> Subquery:
    """Select of each case the days of its times that lie in the period, and its marks.

    The last column is always empty. As it could change by itself, the planner does not look
    through it at the times, of which it would guess a group for each case, and none to be shared.
    """
    (row, where, _), period = counting.part, counting.period
    conditions = counted(row, period)
    keys = [
        case((conditions[whole], _bucket(getattr(row, column), counting.begins))).label(
            f"in_{whole}"
        )
        for whole, column in DATED.items()
    ]
    flags = {n: mark for n, mark in marks(row).items() if n != RECKONED} | counting.undated
    opaque = case((row.id < 0, func.clock_timestamp())).label("opaque")
    touched = or_(*[conditions[whole] for whole in DATED], *counting.undated.values())
    told = [flag.label(name) for name, flag in flags.items()]
    return select(*keys, *told, opaque).where(*where, touched).subquery("one")


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
