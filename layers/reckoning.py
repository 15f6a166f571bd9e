"""Load a calendar: the open cases whose limit it moves get their due time anew, with a step."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.worktime import US_PER_H, WORKING_DAYS, WORKING_HOURS, Calendar, Spans, Us
from layers.base import Scope
from layers.outbox import Change, announce
from layers.worktime import store_spans, stored

# The clock of a paused case stands still; what is left of its limit is kept in hours.
RUNNING = text("""
SELECT i.id, i.due_at, (extract(epoch FROM i.reported_at) * 1000000)::bigint AS reported_us,
       (extract(epoch FROM i.due_at) * 1000000)::bigint AS due_us,
       (extract(epoch FROM i.step_due_at) * 1000000)::bigint AS step_due_us,
       (extract(epoch FROM now()) * 1000000)::bigint AS now_us,
       c.limit_unit, COALESCE(s.step ->> 'unit', 'case') AS step_unit
FROM incidents AS i
JOIN categories AS c ON c.district = i.district AND c.code = i.category
LEFT JOIN procedures AS p
  ON p.district = i.district AND p.code = i.procedure AND p.edition = i.edition
LEFT JOIN LATERAL jsonb_array_elements(p.definition -> 'steps') AS s (step)
  ON s.step ->> 'code' = i.step
WHERE i.district = :district AND i.closed_at IS NULL
  AND (i.paused_h IS NULL OR i.asked_until <= now())
ORDER BY i.id
""")

MOVED = text("""
WITH fresh AS (
    SELECT id, timestamptz 'epoch' + interval '1 microsecond' * due_us AS due_at,
           timestamptz 'epoch' + interval '1 microsecond' * step_due_us AS step_due_at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:due AS bigint[]), CAST(:step_due AS bigint[]))
         AS f (id, due_us, step_due_us)
), before AS MATERIALIZED (
    SELECT i.id, i.due_at FROM incidents AS i JOIN fresh AS f ON f.id = i.id
    WHERE i.district = :district
    FOR UPDATE OF i
), moved AS (
    UPDATE incidents AS i
    SET due_at = f.due_at, step_due_at = f.step_due_at, row_version = row_version + 1
    FROM fresh AS f JOIN before AS b ON b.id = f.id
    WHERE i.district = :district AND i.id = f.id AND i.closed_at IS NULL
      AND (i.due_at, i.step_due_at) IS DISTINCT FROM (f.due_at, f.step_due_at)
    RETURNING i.*, b.due_at AS due_before
), told AS (
    INSERT INTO steps (district, incident_id, move, step_from, step_to, stage_from, stage_to,
                       level, unit_to, post_to, due_at, in_grid, evidence)
    SELECT district, id, 'calendar', step, step, stage, stage, level, unit, post, due_at, in_grid,
           jsonb_build_object('due_before', due_before)
    FROM moved
)
SELECT count(*) FROM moved
""")


class Loaded(NamedTuple):
    """What loading a calendar changed: the spans stored, and the open cases due anew."""

    spans: int
    cases: int


def load_calendar(session: Session, scope: Scope, calendar: Calendar) -> Loaded:
    """Store a calendar in place of the one before, and move the due times of open cases.

    A case keeps the working hours, or the working days, that it had from its report to its due
    time; so what delays added stays. Limits in plain hours and paused cases do not change.
    """
    before = stored(session, scope)
    spans = store_spans(session, scope, calendar)
    rows = session.execute(RUNNING, {"district": scope.district}).all()
    if not rows:
        return Loaded(spans, 0)
    due = _due_anew(rows, before, calendar.spans)
    asked = {
        "district": scope.district,
        "ids": [row.id for row in rows],
        "due": due.tolist(),
        "step_due": _step_due_anew(rows, due, before, calendar.spans),
    }
    cases = int(session.execute(MOVED, asked).scalar_one())
    if cases:
        announce(session, scope, Change("incidents", "calendar"))
    return Loaded(spans, cases)


def _due_anew(rows: Any, before: Spans, after: Spans) -> Us:
    reported, due = (_column(rows, name) for name in ("reported_us", "due_us"))
    units = np.array([row.limit_unit for row in rows], dtype=object)
    hours = (before.worked_at(due) - before.worked_at(reported)) / US_PER_H
    amounts = np.where(units == WORKING_DAYS, before.days_between(reported, due), hours)
    fresh = after.due_after(reported, amounts, units.tolist())
    return np.where((units == WORKING_HOURS) | (units == WORKING_DAYS), fresh, due)


def _step_due_anew(rows: Any, due: Us, before: Spans, after: Spans) -> list[int | None]:
    """Move the limits of steps: with the case's, or what is left of them from now on."""
    now = _column(rows, "now_us")
    ends = np.array([row.step_due_us or row.now_us for row in rows], dtype=np.int64)
    left = (before.worked_at(ends) - before.worked_at(now)) / US_PER_H
    fresh = after.due_after(now, left, [WORKING_HOURS] * len(rows)).tolist()
    moved = {"case": due.tolist(), WORKING_HOURS: fresh, WORKING_DAYS: fresh}
    return [_one(row, moved, at) for at, row in enumerate(rows)]


def _one(row: Any, moved: dict[str, list[int]], at: int) -> int | None:
    known: int | None = row.step_due_us
    if known is None or row.step_unit not in moved:
        return known
    if row.step_unit != "case" and known <= row.now_us:
        return known
    return moved[row.step_unit][at]


def _column(rows: Any, name: str) -> Us:
    return np.array([getattr(row, name) for row in rows], dtype=np.int64)
