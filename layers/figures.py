"""The figures of the wall: today, open, overdue, closed of those due, each against yesterday."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from layers.base import Query, Scope

RATE_DAYS = 30

FIGURES = text("""
WITH clock AS MATERIALIZED (
    SELECT now() AS now, now() - interval '1 day' AS yesterday,
           date_trunc('day', now(), :time_zone) AS today,
           CAST(:span AS interval) AS span,
           CASE WHEN CAST(:west AS float8) IS NULL THEN NULL
                ELSE ST_MakeEnvelope(:west, :south, :east, :north, 4326) END AS box
), reported AS (
    SELECT count(*) FILTER (WHERE i.reported_at >= c.today) AS today,
           count(*) FILTER (WHERE i.reported_at < c.today AND i.reported_at <= c.yesterday)
               AS yesterday
    FROM clock AS c JOIN incidents AS i
      ON i.district = :district AND i.reported_at >= c.today - interval '1 day'
     AND (c.box IS NULL OR ST_Intersects(i.geom, c.box))
), live AS (
    SELECT count(*) AS open,
           count(*) FILTER (WHERE i.due_at < c.now) AS overdue,
           count(*) FILTER (WHERE i.reported_at <= c.yesterday) AS open_since,
           count(*) FILTER (WHERE i.due_at < c.yesterday) AS overdue_since
    FROM clock AS c JOIN incidents AS i
      ON i.district = :district AND i.closed_at IS NULL
     AND (c.box IS NULL OR ST_Intersects(i.geom, c.box))
), due AS (
    SELECT count(*) FILTER (WHERE i.due_at <= c.now AND i.due_at > c.now - c.span) AS due,
           count(*) FILTER (WHERE i.due_at <= c.now AND i.due_at > c.now - c.span
                              AND i.closed_at IS NOT NULL) AS closed,
           count(*) FILTER (WHERE i.due_at <= c.yesterday) AS due_then,
           count(*) FILTER (WHERE i.due_at <= c.yesterday AND i.closed_at <= c.yesterday)
               AS closed_then
    FROM clock AS c JOIN incidents AS i
      ON i.district = :district AND i.due_at > c.yesterday - c.span AND i.due_at <= c.now
     AND (c.box IS NULL OR ST_Intersects(i.geom, c.box))
), shut AS (
    -- The time of the report is no join condition, lest its index be read for the whole archive.
    SELECT count(*) FILTER (WHERE i.reported_at <= c.yesterday) AS since,
           count(*) FILTER (WHERE i.due_at < c.yesterday) AS overdue_since
    FROM clock AS c JOIN incidents AS i
      ON i.district = :district AND i.closed_at > c.yesterday
     AND (c.box IS NULL OR ST_Intersects(i.geom, c.box))
), tray AS (
    SELECT count(*) AS unlocated FROM incidents
    WHERE district = :district AND geom IS NULL AND closed_at IS NULL
)
SELECT json_build_object(
    'as_of', c.now,
    'today', json_build_object('value', reported.today, 'yesterday', reported.yesterday),
    'open', json_build_object('value', live.open, 'yesterday', live.open_since + shut.since),
    'overdue', json_build_object('value', live.overdue,
                                 'yesterday', live.overdue_since + shut.overdue_since),
    'closed', json_build_object(
        'value', due.closed, 'due', due.due, 'days', CAST(:days AS int),
        'rate', round(due.closed::numeric / NULLIF(due.due, 0), 4),
        'yesterday_rate', round(due.closed_then::numeric / NULLIF(due.due_then, 0), 4)),
    'unlocated', tray.unlocated)::text
FROM clock AS c, reported, live, due, shut, tray
""")


def figures(session: Session, scope: Scope, query: Query) -> str:
    """Count today's, open, overdue and closed cases inside a box, as JSON text.

    The closing rate is closed ÷ due over the last 30 days; open overdue cases stay in the
    denominator. Cases without a place are in no box, but always in the tray's count.
    """
    _refuse(query.where)
    west, south, east, north = query.bbox or (None, None, None, None)
    asked: dict[str, Any] = {
        "district": scope.district,
        "time_zone": scope.time_zone,
        "days": RATE_DAYS,
        "span": f"{RATE_DAYS} days",
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }
    return str(session.execute(FIGURES, asked).scalar_one())


def _refuse(asked: Iterable[str]) -> None:
    """Refuse filters rather than answer for more than was asked."""
    for name in asked:
        raise InvalidInput(f"this is not counted by {name}", name)


HOURS = text("""
SELECT json_build_object('hours', json_agg(json_build_object('at', h.at, 'count', h.n)
                                           ORDER BY h.at))::text
FROM (
    SELECT hour AS at, count(i.id) AS n
    FROM generate_series(date_trunc('hour', now()) - interval '23 hours',
                         date_trunc('hour', now()), interval '1 hour') AS hour
    LEFT JOIN incidents AS i ON i.district = :district AND i.reported_at >= hour
                            AND i.reported_at < hour + interval '1 hour'
    GROUP BY hour
) AS h
""")


def hours(session: Session, scope: Scope, query: Query) -> str:
    """Count the cases of each of the last 24 hours, as JSON text."""
    _refuse([*query.where, *(["bbox"] if query.bbox else [])])
    return str(session.execute(HOURS, {"district": scope.district}).scalar_one())


CATEGORIES = text("""
SELECT json_build_object('categories', COALESCE(json_agg(json_build_object(
    'code', code, 'class_code', class_code, 'class', class, 'class_en', class_en,
    'item', item, 'item_en', item_en, 'severity', severity, 'limit_h', limit_h,
    'department', department) ORDER BY code), '[]'))::text
FROM categories WHERE district = :district
""")


def categories(session: Session, scope: Scope, query: Query) -> str:
    """List the two-level table of what can be reported, as JSON text."""
    _refuse([*query.where, *(["bbox"] if query.bbox else [])])
    return str(session.execute(CATEGORIES, {"district": scope.district}).scalar_one())
