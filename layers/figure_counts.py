"""The figures of a period: counted in one pass, whole or by area, department, item, post, time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from layers.base import Json, Query, Scope
from layers.counted import FIGURES, Period, counted
from layers.incident_filters import NONE, PERIOD, Part, area_prefix, parts, period_of
from layers.side_by_side import SideBySide
from layers.time_counts import Counting, by_day, midnights

BY = "by"
VILLAGE, GRID, MICRO = 12, 15, 17  # digits of their codes
LONGEST = timedelta(days=3700)
# A rate's name, its numerator and its denominator.
RATES = (
    ("closing", "closed_due", "due"),
    ("on_time", "on_time", "due"),
    ("in_grid", "in_grid", "closed"),
    ("returned", "returned", "filed"),
    ("reworked", "reworked", "filed"),
    ("delayed", "delayed", "filed"),
)
# Groupings by a column of a case: the column, its filter, and where its values have titles.
COLUMNS = {
    "area": ("grid_code", "area"),
    "department": ("unit", "unit"),
    "category": ("category", "category"),
    "post": ("post", "post"),
}
TITLES = {
    "area": text("""
        SELECT code, name FROM grids
        WHERE district = :district AND valid @> CAST(:at AS timestamptz) AND code = ANY(:keys)
        UNION ALL
        SELECT code, name FROM areas
        WHERE district = :district AND valid @> CAST(:at AS timestamptz) AND code = ANY(:keys)
    """),
    "department": text(
        "SELECT code, name FROM organisations WHERE district = :district AND code = ANY(:keys)"
    ),
    "category": text(
        "SELECT code, item FROM categories WHERE district = :district AND code = ANY(:keys)"
    ),
    "post": text("SELECT code, title FROM duties WHERE district = :district AND code = ANY(:keys)"),
}
TIMES = ("day", "month")
GROUPINGS = (*COLUMNS, *TIMES)
Counts = Counter[str]
Groups = dict[str, Counts]


class Asked(NamedTuple):
    """What is counted: the cases of a question over a period, for whom."""

    session: Session
    scope: Scope
    query: Query
    period: Period


def period_figures(session: Session, scope: Scope, query: Query) -> Json:
    """Count the figures of a period, whole and in groups.

    Returns:
        ``from``, ``to``, ``as_of``, ``figures`` and ``rates`` (parts of 1; None of nothing); with
        ``by`` also ``groups``, each with its ``key`` (``none`` for cases without one), ``title``,
        ``figures``, ``rates``, and as ``rows`` the filters that list its cases with a ``figure``.

    Raises:
        InvalidInput: naming the member that means nothing here.
    """
    by = query.where.get(BY)
    if by is not None and by not in GROUPINGS:
        raise InvalidInput(f"by is one of {', '.join(GROUPINGS)}, not {by!r}", BY)
    if "figure" in query.where:
        raise InvalidInput("all figures are counted; figure is for lists", "figure")
    period = period_of(scope, query.where)
    if period.until - period.since > LONGEST:
        raise InvalidInput(f"a period has at most {LONGEST.days} days", "from")
    rest = {n: v for n, v in query.where.items() if n not in PERIOD and n != BY}
    asked = Asked(session, scope, replace(query, where=rest), period)
    told = _framed(period)
    if by in TIMES:
        return told | _by_time(asked, by)
    groups = _by_column(asked, COLUMNS[by][0] if by else None)
    told |= _whole(asked, groups.values())
    return told | {"by": by, "groups": _titled(asked, by, groups)} if by else told


def _framed(period: Period) -> dict[str, Any]:
    known = {} if period.last_case is None else {"last_case": period.last_case}
    return {"from": period.since, "to": period.until, "as_of": period.now, **known}


def _whole(asked: Asked, groups: Iterable[Counts]) -> dict[str, Any]:
    summed: Counts = Counter()
    for counts in groups:
        summed.update(counts)
    told = _told(summed)
    placeless = summed["unlocated"] if _told_at_once(asked) else _unlocated(asked)
    told["figures"]["unlocated"] = placeless
    return told


def _told(counts: Mapping[str, int], names: Iterable[str] = FIGURES) -> dict[str, Any]:
    figures = {name: counts.get(name, 0) for name in names}
    rates = {
        name: round(figures[part] / figures[whole], 4) if figures[whole] else None
        for name, part, whole in RATES
    }
    return {"figures": figures, "rates": rates}


def _by_column(asked: Asked, column: str | None) -> Groups:
    """Count in one pass over what the period touches, by a column of the case."""
    groups: Groups = {}
    for part in parts(asked.scope, asked.query, asked.period):
        conditions = dict(counted(part.row, asked.period))
        del conditions["closed_due"]  # the due ones that are not overdue
        touched = or_(*[conditions[name] for name in ("filed", "due", "closed", "open")])
        if _told_at_once(asked):
            conditions["unlocated"] = and_(part.unlocated, conditions["open"])
        keys = [getattr(part.row, column).label("key")] if column else []
        counts = [func.count().filter(told).label(name) for name, told in conditions.items()]
        found = SideBySide(*keys, *counts).where(*part.where, touched).group_by(*keys)
        for one in asked.session.execute(found).mappings():
            key = one.get("key") or NONE
            told = {n: one[n] for n in conditions}
            closed = {"closed_due": one["due"] - one["overdue"]}
            groups.setdefault(key, Counter()).update(told | closed)
    return groups


def _told_at_once(asked: Asked) -> bool:
    """Whether cases without a place are counted with the others.

    In the present that would read all rows for their places, and no box holds them.
    """
    return asked.period.past and asked.query.bbox is None


def _by_time(asked: Asked, by: str) -> dict[str, Any]:
    """Count by day or month of the town's zone, whole and in groups."""
    begins = midnights(asked.period, asked.scope.time_zone)
    groups: dict[date | None, Counts] = {}
    for part in parts(asked.scope, asked.query, asked.period):
        counting = Counting(part, asked.period, begins, _undated(asked, part))
        for day, counts in by_day(asked.session, counting).items():
            first = day.replace(day=1) if day and by == "month" else day
            groups.setdefault(first, Counter()).update(counts)
    rows, whole = _rows_of(asked), _whole(asked, groups.values())
    dated = [_dated(asked, by, first, groups[first]) for first in sorted(filter(None, groups))]
    for one in dated:
        one["rows"] = rows | one["rows"]
    return {**whole, "by": by, "groups": dated}


def _undated(asked: Asked, part: Part) -> dict[str, ColumnElement[bool]]:
    """Say what belongs to no day: the open cases, and where that is told, those without place."""
    still = counted(part.row, asked.period)["open"]
    placeless = {"unlocated": and_(part.unlocated, still)} if _told_at_once(asked) else {}
    return {"open": still, **placeless}


def _dated(asked: Asked, by: str, first: date, counts: Counts) -> dict[str, Any]:
    names = [name for name in FIGURES if name != "open"]
    following = first + timedelta(days=32 if by == "month" else 1)
    if by == "month":
        following = following.replace(day=1)
    zone = ZoneInfo(asked.scope.time_zone)
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, following))
    begin, end = max(begin, asked.period.since), min(end, asked.period.until)
    title = f"{first:%Y-%m}" if by == "month" else f"{first}"
    listed = {"from": begin.isoformat(), "to": end.isoformat()}
    return {"key": title, "title": title, **_told(counts, names), "rows": listed}


def _titled(asked: Asked, by: str, groups: Groups) -> list[dict[str, Any]]:
    if by == "area":
        groups = _rolled_up(groups, _digits(area_prefix(asked.query.where.get("area", ""))))
    titles, rows = _titles(asked, by, list(groups)), _rows_of(asked)
    listed = [
        {
            "key": key,
            "title": titles.get(key),
            **_told(counts),
            "rows": {**rows, COLUMNS[by][1]: key},
        }
        for key, counts in groups.items()
    ]
    return sorted(listed, key=lambda one: (one["key"] == NONE, one["key"]))


def _rows_of(asked: Asked) -> dict[str, str]:
    """Say which filters list the cases that are counted; a group's own stand over them."""
    period = asked.period
    told = {"from": period.since.isoformat(), "to": period.until.isoformat()}
    if period.past:
        told["as_of"] = period.now.isoformat()
    if period.last_case is not None:
        told["last_case"] = str(period.last_case)
    return {**_picked(asked.query), **asked.query.where, **told}


def _picked(query: Query) -> dict[str, str]:
    """Say as parameters of an address which cases a question is about."""
    told = {"bbox": query.bbox, "ids": query.ids}
    listed = {n: ",".join(map(str, part)) for n, part in told.items() if part is not None}
    return {**listed, **query.said}


def _digits(area: str) -> int:
    """Tell at how many digits of the code the cases of an area are grouped: one level below it."""
    return next((digits for digits in (VILLAGE, GRID) if len(area) < digits), MICRO)


def _rolled_up(groups: Groups, digits: int) -> Groups:
    found: Groups = {}
    for code, counts in groups.items():
        found.setdefault(NONE if code == NONE else code[:digits], Counter()).update(counts)
    return found


def _titles(asked: Asked, by: str, keys: list[str]) -> dict[str, str]:
    about = {"district": asked.scope.district, "keys": keys, "at": asked.period.now}
    return {row[0]: row[1] for row in asked.session.execute(TITLES[by], about)}


def _unlocated(asked: Asked) -> int:
    """Count the open cases that had no place, wherever a box lies."""
    anywhere = replace(asked.query, bbox=None)
    return sum(
        asked.session.execute(
            select(func.count(part.row.id)).where(
                *part.where, counted(part.row, asked.period)["open"], part.unlocated
            )
        ).scalar_one()
        for part in parts(asked.scope, anywhere, asked.period)
    )
