"""Times in filter expressions: dates, moments, intervals and periods, and how they lie.

A date is a day of the given time zone wherever it meets a moment. Of periods the end is not part,
as in the database: at the moment that one edition ends and the next begins, only the next holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, DateTime, String, and_, case, cast, func, literal, not_, or_

from geodata.errors import InvalidInput
from gis_server.filter_terms import Reading, Term, a, need
from gis_server.filter_text import MEMBER, Node

OPEN = ".."
DAY, MOMENT = "date", "date-time"
INSTANTS = frozenset({DAY, MOMENT})
DATE_LENGTH = 10
TIMES = INSTANTS | {"interval", "period"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_ZONED = DateTime(timezone=True)


def _limit(text: str) -> Any:
    return cast(literal(text, String), _ZONED)


EVER, NEVER = "-infinity", "infinity"


@dataclass(frozen=True)
class Span:
    """From when to when: moments, or days when ``daily``; ``half_open`` without its end."""

    start: Any
    end: Any
    daily: bool = False
    half_open: bool = False


def date_term(reading: Reading, node: Node) -> Term:
    """Read ``{"date": "2026-01-31"}``.

    Raises:
        InvalidInput: if there is no such day.
    """
    text = _only(node, "date")
    try:
        if not isinstance(text, str) or not _DATE.fullmatch(text):
            raise InvalidInput(f"no date: {_said(text)}; write DATE('2026-01-31')", MEMBER)
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"there is no date {text!r}", MEMBER) from error
    return Term(DAY, literal(day, Date), f"DATE({text!r})", day)


def timestamp_term(reading: Reading, node: Node) -> Term:
    """Read ``{"timestamp": "2026-01-31T08:00:00Z"}``; another offset than Z is taken, too.

    Raises:
        InvalidInput: if there is no such moment.
    """
    text = _only(node, "timestamp")
    try:
        if not isinstance(text, str) or not _TIMESTAMP.fullmatch(text):
            raise InvalidInput(
                f"no moment: {_said(text)}; write TIMESTAMP('2026-01-31T08:00:00Z')", MEMBER
            )
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"there is no moment {text!r}", MEMBER) from error
    return Term(MOMENT, literal(moment, _ZONED), f"TIMESTAMP({text!r})", moment)


def interval_term(reading: Reading, node: Node) -> Term:
    """Read ``{"interval": [from, to]}``: dates, moments, properties, or ``..`` for no bound.

    Raises:
        InvalidInput: if it ends before it begins.
    """
    bounds = _only(node, "interval")
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise InvalidInput("INTERVAL takes two moments or dates", MEMBER)
    start, end = (_bound(reading, bound) for bound in bounds)
    if start and end and _is_reversed(start, end, reading.zone):
        raise InvalidInput(f"the interval ends before it begins: {start.said}", MEMBER)
    return Term("interval", None, "an interval", (start, end))


def time_term(reading: Reading, text: str) -> Term:
    """Read a text as a date or as a moment, by its length."""
    plain = text.removesuffix("T")  # what GDAL writes after a date
    return reading.term({"date" if len(plain) == DATE_LENGTH else "timestamp": plain})


def _is_reversed(start: Term, end: Term, zone: str) -> bool:
    """Tell whether an interval of two literals ends before it begins."""
    if start.kind == DAY == end.kind:
        first, last = start.value, end.value
    else:
        first, last = _start(start, zone).value, _end(end, zone).value
    return first is not None and last is not None and bool(first > last)


def _only(node: Node, member: str) -> Node:
    if set(node) != {member}:
        raise InvalidInput(f"beside {member} there is {sorted(set(node) - {member})}", MEMBER)
    return node[member]


def _said(text: Any) -> str:
    return repr(text)[:60]


def _bound(reading: Reading, node: Node) -> Term | None:
    if node == OPEN:
        return None
    if isinstance(node, str):
        return time_term(reading, node)
    term = reading.term(node)
    if term.kind not in INSTANTS:
        raise InvalidInput(f"{term.said} is {a(term.kind)}, no moment or date", MEMBER)
    return term


def span(term: Term, zone: str) -> Span:
    """Tell from when to when something lasts."""
    if term.kind == DAY:
        return Span(term.sql, term.sql, daily=True)
    if term.kind == MOMENT:
        return Span(term.sql, term.sql)
    if term.kind == "period":
        return _period(term.sql)
    start, end = term.value
    if all(bound is None or bound.kind == DAY for bound in (start, end)):
        return Span(_day(start, EVER), _day(end, NEVER), daily=True)
    first = _limit(EVER) if start is None else _start(start, zone).sql
    last = _limit(NEVER) if end is None else _end(end, zone).sql
    return Span(first, last, half_open=end is not None and end.kind == DAY)


def _period(sql: Any) -> Span:
    """Take an open side for infinite, but leave a missing or empty period missing."""
    lasts = not_(func.isempty(sql))
    start = func.coalesce(func.lower(sql), case((lasts, _limit(EVER))))
    end = func.coalesce(func.upper(sql), case((lasts, _limit(NEVER))))
    return Span(start, end, half_open=True)


def _day(bound: Term | None, limit: str) -> Any:
    return cast(literal(limit, String), Date) if bound is None else bound.sql


def _start(term: Term, zone: str) -> Term:
    """Turn a day into its first moment."""
    return term if term.kind == MOMENT else _midnight(term, 0, zone)


def _end(term: Term, zone: str) -> Term:
    """Turn a day into the first moment after it."""
    return term if term.kind == MOMENT else _midnight(term, 1, zone)


def _midnight(term: Term, later: int, zone: str) -> Term:
    if not isinstance(term.value, date):
        # A date plus a whole number is a date in PostgreSQL.
        moved = cast(term.sql + later if later else term.sql, DateTime)
        return Term(MOMENT, func.timezone(zone, moved), term.said)
    try:
        day = term.value + timedelta(days=later)
        moment = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        return Term(MOMENT, _limit(NEVER if later else EVER), term.said)
    return Term(MOMENT, literal(moment, _ZONED), term.said, moment)


def compare_times(sign: str, left: Term, right: Term, zone: str) -> Any:
    """Compare two moments or days; a moment equals a date when it lies on that day."""
    if left.kind == right.kind:
        return left.sql.op(sign, is_comparison=True)(right.sql)
    if left.kind == DAY:
        return compare_times(_MIRRORED[sign], right, left, zone)
    return _AGAINST_DAY[sign](left.sql, _start(right, zone).sql, _end(right, zone).sql)


_MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_AGAINST_DAY: Mapping[str, Callable[[Any, Any, Any], Any]] = {
    "=": lambda at, start, end: and_(at >= start, at < end),
    "<>": lambda at, start, end: or_(at < start, at >= end),
    "<": lambda at, start, end: at < start,
    "<=": lambda at, start, end: at < end,
    ">": lambda at, start, end: at >= end,
    ">=": lambda at, start, end: at >= start,
}


def temporal(reading: Reading, name: str, nodes: list[Node]) -> Term:
    """Tell how two times lie to each other.

    Source: OGC 21-065r2, requirement class Temporal Functions, after Allen's intervals.
    """
    left, right = (need(term, TIMES, name) for term in reading.terms(name, nodes, 2))
    if name == "t_equals" and {left.kind, right.kind} <= INSTANTS:
        return Term("boolean", compare_times("=", left, right, reading.zone), name)
    return Term("boolean", _LIE[name](*_alike(left, right, reading.zone)), name)


def _alike(left: Term, right: Term, zone: str) -> tuple[Span, Span]:
    """Give both times in days, or both in moments."""
    one, two = span(left, zone), span(right, zone)
    if one.daily == two.daily:
        return one, two
    return _in_moments(one, zone), _in_moments(two, zone)


def _in_moments(days: Span, zone: str) -> Span:
    if not days.daily:
        return days
    start = func.timezone(zone, cast(days.start, DateTime))
    end = func.timezone(zone, cast(days.end + 1, DateTime))
    return Span(start, end, half_open=True)


def _before(one: Span, two: Span) -> Any:
    return one.end <= two.start if one.half_open else one.end < two.start


def _apart(one: Span, two: Span) -> Any:
    return or_(_before(one, two), _before(two, one))


_LIE: Mapping[str, Callable[[Span, Span], Any]] = {
    "t_after": lambda a, b: _before(b, a),
    "t_before": _before,
    "t_contains": lambda a, b: and_(a.start < b.start, a.end > b.end),
    "t_disjoint": _apart,
    "t_during": lambda a, b: and_(a.start > b.start, a.end < b.end),
    "t_equals": lambda a, b: and_(a.start == b.start, a.end == b.end),
    "t_finishedby": lambda a, b: and_(a.start < b.start, a.end == b.end),
    "t_finishes": lambda a, b: and_(a.start > b.start, a.end == b.end),
    "t_intersects": lambda a, b: not_(_apart(a, b)),
    "t_meets": lambda a, b: a.end == b.start,
    "t_metby": lambda a, b: a.start == b.end,
    "t_overlappedby": lambda a, b: and_(a.start > b.start, a.start < b.end, a.end > b.end),
    "t_overlaps": lambda a, b: and_(a.start < b.start, a.end > b.start, a.end < b.end),
    "t_startedby": lambda a, b: and_(a.start == b.start, a.end > b.end),
    "t_starts": lambda a, b: and_(a.start == b.start, a.end < b.end),
}
TEMPORAL = tuple(_LIE)
