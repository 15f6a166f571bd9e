"""Which cases are asked for: the one filter object of list, count, tile, figures and export.

Its members are the parameters of an address; all of them must hold. Most are about one column.
``from``, ``to``, ``as_of``, ``last_case`` and ``figure`` mean something together: a figure is
counted over a period, as it stood at a moment, and the same words list the cases that it counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, or_, select, union_all

from geodata.errors import InvalidInput
from layers.base import Layer, Query, Scope
from layers.cases import Incident
from layers.counted import FIGURES, Period, counted
from layers.masks import Mask, audience_of
from layers.past_cases import moving, settled
from layers.queries import parse_flag, parse_time, visible
from layers.town import Category

Conditions = list[ColumnElement[bool]]

LIVE = Incident.closed_at.is_(None)
OVERDUE = LIVE & (Incident.due_at < func.now())
NONE = "none"  # the value that asks for cases without a unit, a post or a grid
PERIOD_DAYS = 30
WHOLE_NUMBER = re.compile(r"[0-9]{8}-[0-9]{6,}")
FIRST = datetime(1, 2, 1, tzinfo=UTC)
PERIOD = frozenset({"from", "to", "as_of", "last_case", "figure"})
PROPERTIES = (
    *("number", "category", "severity", "source", "external_id", "description", "address"),
    *("accuracy_m", "source_crs", "reported_at", "stage", "due_at", "closed_at", "grid_id"),
    *("grid_code", "confidence", "candidates", "placed_by", "photos"),
    *("procedure", "edition", "step", "level", "unit", "post", "step_due_at", "reporter"),
    *("in_grid", "returns", "reworks", "delays", "raises", "supervised", "helpers"),
    *("asked_until", "paused_h", "rating", "duplicate_of"),
)


def period_of(scope: Scope, where: Mapping[str, str]) -> Period:
    """Read the period that a question is about: the last 30 days, unless it says otherwise.

    Raises:
        InvalidInput: if a member is no day and no time with a zone, or the end is not after the
            beginning, or a past moment lies ahead.
    """
    present = datetime.now(UTC)
    now = parse_time("as_of", where["as_of"]) if "as_of" in where else present
    if now > present:
        raise InvalidInput(f"as_of is ahead: {where['as_of']}", "as_of")
    until = _moment(scope, "to", where["to"]) if "to" in where else now
    earliest = until - timedelta(days=PERIOD_DAYS) if until > FIRST else until
    since = _moment(scope, "from", where["from"]) if "from" in where else earliest
    if until <= since:
        raise InvalidInput("the period ends before it begins", "to" if "to" in where else "from")
    return Period(since, until, now, "as_of" in where, _last_case(where))


def _moment(scope: Scope, name: str, value: str) -> datetime:
    """Read a time with a zone, or a day, which stands for its midnight in the town's zone."""
    try:
        midnight = datetime.combine(date.fromisoformat(value), time(), ZoneInfo(scope.time_zone))
        return midnight.astimezone(UTC)
    except ValueError:
        return parse_time(name, value)
    except OverflowError as error:
        raise InvalidInput(f"{name} lies before all calendars: {value}", name) from error


def _last_case(where: Mapping[str, str]) -> int | None:
    given = where.get("last_case")
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise InvalidInput(f"last_case is a whole number, not {given!r}", "last_case")
    return int(given)


def _about(row: Any, now: Any) -> Mapping[str, Any]:
    """Give the filters over what steps change, by name: functions of a text."""
    live = row.closed_at.is_(None)
    overdue = and_(live, row.due_at < now)
    return {
        "live": lambda value: live if parse_flag("live", value) else ~live,
        "overdue": lambda value: overdue if parse_flag("overdue", value) else ~overdue,
        "area": lambda value: _in_area(row.grid_code, value),
        **{name: _equals(getattr(row, name)) for name in ("stage", "step", "level")},
        **{name: _equals(getattr(row, name)) for name in ("unit", "post", "grid_code")},
    }


def _equals(column: Any) -> Any:
    return lambda value: column.is_(None) if value == NONE else column == value


def _in_area(code: Any, value: str) -> ColumnElement[bool]:
    """Pick what lies in a town, village, grid or micro-grid; all of the district in its own."""
    if value == NONE:
        return code.is_(None)  # type: ignore[no-any-return]
    if not value.isascii() or not value.isdigit() or not 6 <= len(value) <= 20:
        raise InvalidInput(f"area is an area's or a grid's code, not {value!r}", "area")
    prefix = area_prefix(value)
    inside: ColumnElement[bool] = code.startswith(prefix)
    return or_(code.is_(None), inside) if len(prefix) == 6 else inside


def area_prefix(code: str) -> str:
    """Give the digits that an area's code of 12 shares with those below it: a town's are 9."""
    while len(code) in (12, 9) and code.endswith("000"):
        code = code[:-3]
    return code


def _of_class(value: str) -> ColumnElement[bool]:
    within = select(Category.code).where(
        Category.district == Incident.district, Category.class_code == value
    )
    return Incident.category.in_(within)


def _located(value: str) -> Any:
    placed = Incident.geom.is_not(None)
    return placed if parse_flag("located", value) else ~placed


def _with_words(value: str) -> ColumnElement[bool]:
    """Find words in what is told of a case; a whole case number is looked up, not searched for."""
    if WHOLE_NUMBER.fullmatch(value):
        return Incident.number == value
    told = (Incident.number, Incident.address, Incident.description)
    return or_(*[column.icontains(value, autoescape=True) for column in told])


def mask(scope: Scope) -> Mask:
    """Keep cases of restricted items for those who answer for them or for their ground."""
    kept = select(Category.code).where(
        Category.district == scope.district, Category.restricted.is_(True)
    )
    return Mask(Incident.category.in_(kept), audience_of(Incident, scope))


def together(scope: Scope, where: Mapping[str, str]) -> tuple[Conditions, frozenset[str]]:
    """Say what the members of a period mean together, and which members that uses up."""
    if not where.keys() & PERIOD:
        return [], frozenset()
    if "figure" in where:
        return _of_figure(scope, where)
    if "last_case" in where:
        raise InvalidInput("the last case is asked of a figure", "figure")
    period = period_of(scope, where)
    sides = {
        "from": Incident.reported_at >= period.since,
        "to": Incident.reported_at < period.until,
    }
    return [side for name, side in sides.items() if name in where], PERIOD


def _of_figure(scope: Scope, where: Mapping[str, str]) -> tuple[Conditions, frozenset[str]]:
    figure = where["figure"]
    if figure not in FIGURES:
        raise InvalidInput(f"figure is one of {', '.join(FIGURES)}, not {figure!r}", "figure")
    period = period_of(scope, where)
    if not period.past:
        return [counted(Incident, period)[figure], _single(Incident), *_known(period)], PERIOD
    rest = {name: value for name, value in where.items() if name not in PERIOD}
    found = [
        select(part.row.id).where(*part.where, counted(part.row, period)[figure])
        for part in parts(scope, Query(where=rest), period)
    ]
    return [Incident.id.in_(union_all(*found))], PERIOD | CHANGEABLE


def _known(period: Period) -> Conditions:
    return [] if period.last_case is None else [Incident.id <= period.last_case]


def _single(row: Any) -> ColumnElement[bool]:
    """Leave out what was merged into another case, which is counted already."""
    found: ColumnElement[bool] = row.duplicate_of.is_(None)
    return found


class Part(NamedTuple):
    """Cases that are counted: rows with a case's columns, conditions, and which have no place."""

    row: Any
    where: Conditions
    unlocated: ColumnElement[bool]


def parts(scope: Scope, query: Query, period: Period) -> list[Part]:
    """Give what is counted: in the present one part, of the past the settled and the moving.

    Args:
        scope: who asks.
        query: which cases; without the members of a period.
        period: the present, or a past moment.
    """
    known = _known(period)
    if not period.past:
        wanted = [*visible(ASKED, scope, query), _single(Incident), *known]
        return [Part(Incident, wanted, Incident.geom.is_(None) & LIVE)]
    lasting = {name: value for name, value in query.where.items() if name not in CHANGEABLE}
    always = [*visible(ASKED, scope, replace(query, where=lasting)), *known]
    row = moving(always, period.now).c
    still = [*always, *_changing(Incident, query, period), settled(period.now)]
    return [
        Part(Incident, still, false()),
        Part(row, _changing(row, query, period), row.unlocated),
    ]


def _changing(row: Any, query: Query, period: Period) -> Conditions:
    """Ask of a past state what steps change."""
    about = _about(row, period.now)
    asked = [about[name](query.where[name]) for name in query.where.keys() & CHANGEABLE]
    return [*asked, _single(row)]


PRESENT = _about(Incident, func.now())
CHANGEABLE = frozenset(PRESENT)
# How cases are asked for; the layer adds what can be done with them.
ASKED = Layer(
    table=Incident,
    title="Incidents",
    title_zh="案件",
    properties=PROPERTIES,
    time="reported_at",
    filters={
        **PRESENT,
        "class": _of_class,
        "located": _located,
        "since": lambda value: Incident.reported_at >= parse_time("since", value),
        "q": _with_words,
    },
    together=together,
    mask=mask,
)
