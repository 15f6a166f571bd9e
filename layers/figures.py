"""The figures of cases: those of the wall, and those of a period by area, department or time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any

import orjson
from sqlalchemy import Numeric, Select, String, cast, func, literal, select, text, true
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from layers.base import Query, Scope
from layers.cases import Incident
from layers.figure_counts import BY, period_figures
from layers.incident_filters import ASKED, LIVE, PERIOD
from layers.queries import visible

RATE_DAYS = 30
DAY = timedelta(days=1)


def figures(session: Session, scope: Scope, query: Query) -> str:
    """Count cases, as JSON text: of a period when the question names one or a grouping."""
    if query.where.keys() & (PERIOD | {BY}):
        return orjson.dumps(period_figures(session, scope, query)).decode()
    return wall_figures(session, scope, query)


def wall_figures(session: Session, scope: Scope, query: Query) -> str:
    """Count today's, open, overdue and closed cases, each against this time yesterday.

    The closing rate is closed ÷ due over the last 30 days; open overdue cases stay in the
    denominator. Cases without a place are in no box, but always in the tray's count.
    """
    parts: list[Any] = [part.cte(name) for name, part in _parts(scope, query).items()]
    today, live, due, shut, tray = (part.c for part in parts)
    overdue_then = live.overdue_since + shut.overdue_since
    told = {
        "as_of": func.now(),
        "today": _object(value=today.value, yesterday=today.yesterday),
        "open": _object(value=live.open, yesterday=live.open_since + shut.since),
        "overdue": _object(value=live.overdue, yesterday=overdue_then),
        "closed": _object(
            value=due.closed,
            due=due.due,
            days=literal(RATE_DAYS),
            rate=_rate(due.closed, due.due),
            yesterday_rate=_rate(due.closed_then, due.due_then),
        ),
        "unlocated": tray.unlocated,
    }
    side_by_side = reduce(lambda left, right: left.join(right, true()), parts[1:], parts[0])
    asked = select(cast(_object(**told), String)).select_from(side_by_side)
    return str(session.execute(asked).scalar_one())


def _parts(scope: Scope, query: Query) -> dict[str, Select[Any]]:
    """Select the counts, each over the cases that its own index finds."""
    now, yesterday = func.now(), func.now() - DAY
    midnight = func.date_trunc("day", now, scope.time_zone)
    reported, due, closed = Incident.reported_at, Incident.due_at, Incident.closed_at
    span = timedelta(days=RATE_DAYS)
    seen = visible(ASKED, scope, query)
    due_now = (due <= now) & (due > now - span)
    return {
        "today": _counts(
            value=reported >= midnight,
            yesterday=(reported < midnight) & (reported <= yesterday),
        ).where(*seen, reported >= midnight - DAY),
        "live": _counts(
            open=LIVE,
            overdue=due < now,
            open_since=reported <= yesterday,
            overdue_since=due < yesterday,
        ).where(*seen, LIVE),
        "due": _counts(
            due=due_now,
            closed=due_now & closed.is_not(None),
            due_then=due <= yesterday,
            closed_then=(due <= yesterday) & (closed <= yesterday),
        ).where(*seen, Incident.duplicate_of.is_(None), due > yesterday - span, due <= now),
        # The time of the report is no join condition, lest its index be read for all the archive.
        "shut": _counts(since=reported <= yesterday, overdue_since=due < yesterday).where(
            *seen, closed > yesterday
        ),
        "tray": _counts(unlocated=LIVE).where(
            *visible(ASKED, scope, replace(query, bbox=None, ids=None)),
            Incident.geom.is_(None),
            LIVE,
        ),
    }


def _counts(**conditions: Any) -> Any:
    counted = [func.count().filter(told).label(name) for name, told in conditions.items()]
    return select(*counted).select_from(Incident)


def _rate(part: Any, whole: Any) -> Any:
    return func.round(cast(part, Numeric) / func.nullif(whole, 0), 4)


def _object(**members: Any) -> Any:
    return func.json_build_object(*[part for member in members.items() for part in member])


def _refuse(query: Query) -> None:
    """Refuse filters rather than answer for more than was asked."""
    for name in [*query.where, *(["bbox"] if query.bbox else [])]:
        raise InvalidInput(f"this is not counted by {name}", name)


def hours(session: Session, scope: Scope, query: Query) -> str:
    """Count the cases of each of the last 24 hours, as JSON text."""
    first = func.date_trunc("hour", func.now()) - timedelta(hours=23)
    hour = func.generate_series(first, func.date_trunc("hour", func.now()), timedelta(hours=1))
    clock = select(hour.label("at")).subquery("clock")
    reported = func.date_trunc("hour", Incident.reported_at)
    counts = (
        select(reported.label("at"), func.count().label("n"))
        .where(*visible(ASKED, scope, query), Incident.reported_at >= first)
        .group_by(reported)
        .subquery("counts")
    )
    bar = _object(at=clock.c.at, count=func.coalesce(counts.c.n, 0))
    asked = select(cast(_object(hours=func.json_agg(bar)), String)).select_from(
        clock.outerjoin(counts, counts.c.at == clock.c.at)
    )
    return str(session.execute(asked).scalar_one())


CATEGORIES = text("""
SELECT json_build_object('categories', COALESCE(json_agg(json_build_object(
    'code', code, 'class_code', class_code, 'class', class, 'class_en', class_en,
    'item', item, 'item_en', item_en, 'severity', severity, 'limit_h', limit_h,
    'limit_unit', limit_unit, 'procedure', procedure, 'department', department)
    ORDER BY code), '[]'))::text
FROM categories WHERE district = :district
""")


def categories(session: Session, scope: Scope, query: Query) -> str:
    """List the two-level table of what can be reported, as JSON text."""
    _refuse(query)
    return str(session.execute(CATEGORIES, {"district": scope.district}).scalar_one())
