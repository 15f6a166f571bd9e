"""Figures of a year of cases, now and as of a past moment, and reports of past days again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.orm import Session

from bench.figure import Figure, Finding, at_most
from bench.rig import Rig
from geodata.periods import Span
from gis_server.config import Settings
from gis_server.db import QUICK
from gis_server.demo import load_town
from layers import figures, reports
from layers.base import Query, Reader, Scope

CASES, QUICK_CASES = 500_000, 20_000
GOAL_MS, ROUNDS = 300, 7
DESK = Reader(account="bench", roles=frozenset({"dispatcher"}))
# Cases at an even pace over a year; a case takes its limit times a lognormal factor, one in 200
# is never closed. Each has the steps of its report, its dispatch and its closing.
FILL = """
INSERT INTO incidents (district, number, category, severity, source, source_crs, description,
                       address, reported_at, due_at, stage, step, closed_at, grid_id, grid_code,
                       unit, post, in_grid, returns, delays, confidence, placed_by, geom)
SELECT 441900, 'Y-' || n, c.code, 1 + n % 4, 'bench', 'EPSG:4326', 'from the archive of a year',
       'a street and a number', at, at + c.limit_h * interval '1 hour',
       CASE WHEN is_open THEN 'reported' ELSE 'closed' END,
       CASE WHEN is_open THEN 'reported' ELSE 'closed' END,
       CASE WHEN NOT is_open THEN at + took END, g.id, g.code, o.code, g.code || '-L', n % 3 > 0,
       (n % 19 = 0)::int, (n % 23 = 0)::int, 1, 'point', g.inside
FROM (
    SELECT n, now() - interval '365 days' * n / :total AS at,
           exp(sqrt(-2 * ln(random() + 1e-9)) * cos(6.2831853 * random()) * 0.7 - 0.7) AS factor
    FROM generate_series(1, :total) AS n
) AS one
JOIN (SELECT id, code, ST_PointOnSurface(geom) AS inside,
             row_number() OVER (ORDER BY code) - 1 AS k, count(*) OVER () AS many
      FROM grids WHERE level = 2) AS g ON g.k = n % g.many
JOIN (SELECT code, limit_h, row_number() OVER (ORDER BY code) - 1 AS k, count(*) OVER () AS many
      FROM categories) AS c ON c.k = n * 7 % c.many
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS k, count(*) OVER () AS many
      FROM organisations) AS o ON o.k = n * 11 % o.many,
LATERAL (SELECT c.limit_h * factor * interval '1 hour' AS took) AS t,
LATERAL (SELECT n % 200 = 0 OR at + took > now() AS is_open) AS s
ORDER BY n DESC
"""
STEPS = """
INSERT INTO steps (district, incident_id, move, stage_from, stage_to, step_to, unit_to, post_to,
                   due_at, in_grid, at)
SELECT district, id, move, was, becomes, becomes, unit, post, due_at, in_grid, step_at
FROM incidents, LATERAL (VALUES
    ('report', NULL, 'reported', reported_at),
    ('dispatch', 'reported', 'reported', reported_at + interval '5 minutes'),
    ('close', 'reported', 'closed', closed_at)) AS s (move, was, becomes, step_at)
WHERE step_at <= now() AND (move <> 'dispatch' OR step_at < COALESCE(closed_at, now()))
ORDER BY step_at
"""
# The same figures by the last step of every case up to the moment.
RECOUNT = text("""
WITH last AS (
    SELECT DISTINCT ON (incident_id) incident_id, stage_to, due_at, unit_to FROM steps
    WHERE district = :district AND at <= :at ORDER BY incident_id, at DESC, id DESC
)
SELECT count(*) FILTER (WHERE stage_to <> 'closed'),
       count(*) FILTER (WHERE due_at >= :since AND due_at <= :at),
       count(*) FILTER (WHERE due_at >= :since AND due_at <= :at AND stage_to = 'closed')
FROM last
""")


def counting(rig: Rig) -> Iterator[Finding]:
    """Time the figures of a year, and hold those of a past moment against a recount of steps."""
    total = QUICK_CASES if rig.quick else CASES
    with rig.database() as settings:
        _fill(rig, settings, total)
        engine, scope = _opened(settings), _scope(settings)
        with Session(engine) as session:
            now, year = datetime.now(UTC), {"from": _ago(365)}
            questions = {
                "by village": {"by": "area", **year},
                "by department": {"by": "department", **year},
                "by item": {"by": "category", **year},
                "by post": {"by": "post", **year},
                "by day": {"by": "day", **year},
                "by month": {"by": "month", **year},
                "by village, as of yesterday": {"by": "area", **year, "as_of": _ago(1)},
                "by department, as of 30 days ago": {"by": "department", **year, "as_of": _ago(30)},
                "by day, as of 30 days ago": {"by": "day", **year, "as_of": _ago(30)},
            }
            for name, where in questions.items():
                took = _median_ms(lambda w=where: figures.figures(session, scope, Query(where=w)))
                told = f"figures of a year of {total:,} cases {name}"
                yield Figure(told, took, "ms", at_most(GOAL_MS))
            took = _median_ms(lambda: figures.figures(session, scope, Query()))
            yield Figure(f"figures of the wall among {total:,} cases", took, "ms", at_most(GOAL_MS))
            yield from _recounted(session, scope, now)
        engine.dispose()


def _recounted(session: Session, scope: Scope, now: datetime) -> Iterator[Finding]:
    wrong = 0
    for days in (1, 7, 30, 90):
        at, since = now - timedelta(days=days), now - timedelta(days=days + 30)
        where = {"from": since.isoformat(), "to": at.isoformat(), "as_of": at.isoformat()}
        told = orjson.loads(figures.figures(session, scope, Query(where=where)))["figures"]
        asked = {"district": scope.district, "at": at, "since": since}
        found = session.execute(RECOUNT, asked).one()
        wrong += tuple(found) != (told["open"], told["due"], told["closed_due"])
    yield Figure(
        "past moments whose figures differ from a recount of steps, of 4", wrong, "", at_most(0)
    )


def again(rig: Rig) -> Iterator[Finding]:
    """Issue the reports of the demo's past days, let things happen, and count them again."""
    with rig.database(rig.bare) as settings:
        load_town(settings)
        engine, scope = _opened(settings), _scope(settings)
        today = datetime.now(ZoneInfo(scope.time_zone)).date()
        days = [Span.around("day", today - timedelta(days=back)) for back in range(1, 11)]
        begun = time.perf_counter()
        with Session(engine) as session, session.begin():
            codes = session.execute(
                reports.AREAS, {"district": scope.district, "code": None}
            ).scalars()
            orders = [reports.Order("figures", day, code) for code in codes for day in days]
            issued = [reports.freeze(session, scope, order) for order in orders]
        took_ms = (time.perf_counter() - begun) * 1000 / len(orders)
        with engine.begin() as connection:
            for statement in HAPPENING:
                connection.execute(text(statement))
        with Session(engine) as session:
            same = [_same(session, scope, one["id"]) for one in issued if one]
        engine.dispose()
    yield Figure(
        f"reports of {len(days)} past days that differ, of {len(same)}",
        same.count(False),
        "",
        at_most(0),
    )
    yield Figure("to issue one report", took_ms, "ms")


# Open cases are closed, others handed on and placed, and cases of past days come in late.
HAPPENING = (
    """
    WITH done AS (UPDATE incidents SET stage = 'closed', step = 'closed', closed_at = now()
                  WHERE closed_at IS NULL AND id % 2 = 0 RETURNING *)
    INSERT INTO steps (district, incident_id, move, stage_from, stage_to, step_to, due_at, in_grid)
    SELECT district, id, 'close', 'reported', 'closed', 'closed', due_at, in_grid FROM done
    """,
    """
    WITH was AS (SELECT id, grid_code, ST_AsText(geom) AS geom FROM incidents
                 WHERE closed_at IS NULL AND id % 3 = 0),
    done AS (UPDATE incidents AS i
             SET unit = 'X', in_grid = false, due_at = due_at + interval '9 days',
                 grid_code = (SELECT max(code) FROM grids WHERE level = 2)
             FROM was WHERE was.id = i.id
             RETURNING i.*, was.grid_code AS grid_was, was.geom AS geom_was)
    INSERT INTO steps (district, incident_id, move, stage_from, stage_to, step_to, due_at, unit_to,
                       in_grid, evidence)
    SELECT district, id, 'place', stage, stage, step, due_at, unit, in_grid,
           jsonb_strip_nulls(jsonb_build_object('before', geom_was, 'grid_before', grid_was))
    FROM done
    """,
    """
    INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                           due_at, grid_code, step)
    SELECT district, 'L' || number, category, severity, 'late', source_crs, reported_at, due_at,
           grid_code, 'reported'
    FROM incidents WHERE id % 5 = 0
    """,
)


def _same(session: Session, scope: Scope, report_id: int) -> bool:
    return bool(orjson.loads(reports.check(session, scope, report_id))["same"])


def _fill(rig: Rig, settings: Settings, total: int) -> None:
    engine = _opened(settings)
    with engine.begin() as connection:
        connection.execute(text(FILL), {"total": total})
        connection.execute(text(STEPS))
    engine.dispose()
    rig.run(
        settings.database_url.split("?")[0].rsplit("/", 1)[1], "VACUUM ANALYZE incidents, steps"
    )


def _opened(settings: Settings) -> Engine:
    """Connect as the web server's readers do."""
    options = {"options": f"-c timezone=UTC {QUICK}"}
    return create_engine(settings.database_url, poolclass=NullPool, connect_args=options)


def _scope(settings: Settings) -> Scope:
    return Scope(settings.district, settings.time_zone, DESK)


def _ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def _median_ms(ask: Callable[[], Any]) -> float:
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return float(np.median(took))
