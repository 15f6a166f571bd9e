"""What dispatches taught: each return or reassignment says that the one before was wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.calibration import Label, Rates, bins, learn
from geodata.errors import InvalidInput
from layers.base import Query, Scope
from layers.masks import marks
from layers.queries import parse_time

BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)  # most promise much
SETTLED = "3 days"  # a dispatch that nobody sent back in this time was right
MOST_STEPS = 200_000  # of all cases, to learn from: the newest
BY = ("category", "grid")
SURE = (("certain", 0.9), ("likely", 0.6), ("doubtful", 0.0))  # chance of a place, at least
# How much of the time may go into learning anew while dispatches keep coming.
BUSY_SHARE = 0.02

# A dispatch is a move that assigns or reassigns; the next such move or return says if it was wrong.
# What happened before the period asked about cannot say that.
_DISPATCHES = """
WITH effects AS MATERIALIZED (
    SELECT p.code, p.edition, m ->> 'code' AS move, m ->> 'effect' AS effect
    FROM procedures AS p, jsonb_array_elements(p.definition -> 'moves') AS m
    WHERE p.district = :district AND m ->> 'effect' IN ('assign', 'reassign', 'return')
), turns AS (
    SELECT i.category, i.grid_code, i.closed_at, s.incident_id, s.id, s.at, e.effect,
           s.evidence -> 'proposal' AS proposal,
           COALESCE(s.evidence -> 'proposal' -> 'taken' = 'true', false) AS taken, COALESCE(
               lead(e.effect) OVER (PARTITION BY s.incident_id ORDER BY s.id)
                   IN ('return', 'reassign'), false) AS wrong
    FROM effects AS e
    JOIN incidents AS i ON i.district = :district AND i.procedure = e.code
                       AND i.edition = e.edition
    JOIN steps AS s ON s.district = :district AND s.incident_id = i.id AND s.move = e.move
                   AND s.id > :since_id
                   AND s.at >= COALESCE(CAST(:from AS timestamptz), '-infinity')
), dispatches AS (
    SELECT *, wrong OR closed_at IS NOT NULL OR at < now() - CAST(:settled AS interval) AS settled,
           row_number() OVER (PARTITION BY incident_id ORDER BY id) = 1 AS first
    FROM turns WHERE effect <> 'return'
)
"""

# What is published leaves restricted cases out, unless the reader sees all of them.
_PUBLISHED = """
      AND (:all OR category NOT IN (
          SELECT code FROM categories WHERE district = :district AND restricted))
"""

# A proposal that was not taken was wrong if what was done instead held. Only the first dispatch of
# a case teaches: later ones know who is not the right one.
LABELS = text(
    _DISPATCHES
    + """
SELECT proposal ->> 'rule' AS rule, category,
       COALESCE(proposal ->> 'grid', grid_code, '') AS grid_code,
       CASE WHEN jsonb_typeof(proposal -> 'chance') = 'number'
            THEN least(greatest((proposal -> 'chance')::numeric, 0), 1)::float8
            ELSE 1 END AS chance,
       taken AND NOT wrong AS held
FROM dispatches
WHERE first AND settled AND proposal ->> 'rule' IS NOT NULL
  AND (taken OR NOT wrong)
"""
)

COUNTED = text(
    _DISPATCHES
    + """
SELECT category, COALESCE(grid_code, '') AS grid_code, count(*) AS dispatched,
       count(*) FILTER (WHERE wrong) AS returned
FROM dispatches
WHERE at < COALESCE(CAST(:to AS timestamptz), 'infinity')
"""
    + _PUBLISHED
    + "GROUP BY category, grid_code"
)

FORECASTS = text(
    _DISPATCHES
    + """
SELECT CASE WHEN jsonb_typeof(proposal -> 'probability') = 'number'
            THEN least(greatest((proposal -> 'probability')::numeric, 0), 1)::float8
       END AS probability, NOT wrong AS held
FROM dispatches
WHERE first AND settled AND taken AND jsonb_typeof(proposal -> 'probability') = 'number'
  AND at < COALESCE(CAST(:to AS timestamptz), 'infinity')
"""
    + _PUBLISHED
)

TITLES = {
    "category": text(
        "SELECT code, item AS title, item_en AS title_en FROM categories WHERE district = :district"
    ),
    "grid": text(
        "SELECT DISTINCT ON (code) code, name AS title, name AS title_en FROM grids"
        " WHERE district = :district"
        " ORDER BY code, lower(valid) DESC"
    ),
}
LATEST = text("SELECT max(id) FROM steps WHERE district = :district")


def key_of(rule: str, about: tuple[str, str], chance: float) -> tuple[str, ...]:
    """Give the groups whose rate a proposal shares, coarse to fine.

    How sure its place is comes before category and grid: what lies on a border street errs more
    than a position's Gaussian knows, for it lies nowhere else.

    Args:
        rule: by which it is proposed.
        about: the codes of category and grid.
        chance: that of the place.
    """
    sure = next(name for name, least in SURE if chance >= least)
    return (rule, sure, *about)


class _Learnt(NamedTuple):
    """What was learnt up to a step; not learnt anew before ``until`` (monotonic seconds)."""

    step: int | None
    until: float
    rates: Rates


class Learning:
    """Keep what was learnt of each district.

    Attributes:
        aside: runs a function; a server may run it where it holds up nobody.
    """

    def __init__(self) -> None:
        self.aside: Callable[..., Rates] = lambda work, *given: work(*given)
        self.kept: dict[int, _Learnt] = {}


LEARNING = Learning()


def rates(session: Session, scope: Scope) -> Rates:
    """Give the success rates of proposals, learnt anew when there are steps that are not in yet."""
    latest = session.execute(LATEST, {"district": scope.district}).scalar()
    known = LEARNING.kept.get(scope.district)
    if known and (known.step == latest or time.monotonic() < known.until):
        return known.rates
    started = time.monotonic()
    learnt = learn_anew(session, scope)
    took_s = time.monotonic() - started
    LEARNING.kept[scope.district] = _Learnt(latest, started + took_s / BUSY_SHARE, learnt)
    return learnt


def forget() -> None:
    """Learn anew at the next question, whatever time that takes."""
    LEARNING.kept.clear()


def learn_anew(session: Session, scope: Scope) -> Rates:
    """Learn the success rates of proposals from the newest dispatches whose outcome is known.

    That of the last 200,000 steps is enough, and takes no longer in a large archive.
    """
    latest = session.execute(LATEST, {"district": scope.district}).scalar() or 0
    asked = {"district": scope.district, "settled": SETTLED, "from": None}
    asked["since_id"] = latest - MOST_STEPS
    known = [
        Label(key_of(row.rule, (row.category, row.grid_code), row.chance), row.chance, row.held)
        for row in session.execute(LABELS, asked)
    ]
    return LEARNING.aside(learn, known)


def wrong_dispatch(session: Session, scope: Scope, query: Query) -> str:
    """Publish how many dispatches were sent back, by category or grid, as JSON text.

    ``by`` is category or grid, ``from`` and ``to`` are times of dispatch. ``calibration`` holds
    what proposals that were taken promised against what came of them.

    Raises:
        InvalidInput: naming the parameter that is wrong.
    """
    asked = _asked(scope, query)
    by = query.where.get("by", BY[0])
    if by not in BY:
        raise InvalidInput(f"by is one of {', '.join(BY)}, not {by!r}", "by")
    titles = {code: named for code, *named in session.execute(TITLES[by], asked)}
    counted: dict[str, tuple[int, int]] = {}
    for row in session.execute(COUNTED, asked):
        key = row.category if by == "category" else row.grid_code
        dispatched, returned = counted.get(key, (0, 0))
        counted[key] = (dispatched + row.dispatched, returned + row.returned)
    told = {
        "rows": [
            _row((key, *titles.get(key, (key, key))), counted[key]) for key in sorted(counted)
        ],
        "total": _row(("", "全部", "All"), _sum(list(counted.values()))),
        "calibration": _calibration(session.execute(FORECASTS, asked).all()),
    }
    return orjson.dumps(told).decode()


def _asked(scope: Scope, query: Query) -> dict[str, Any]:
    if unknown := sorted(set(query.where) - {"by", "from", "to"}):
        raise InvalidInput(f"unknown parameter {unknown[0]!r}", unknown[0])
    times = {
        name: parse_time(name, query.where[name]) if name in query.where else None
        for name in ("from", "to")
    }
    sees_all = marks(scope) is None
    return {"district": scope.district, "settled": SETTLED, "all": sees_all, "since_id": 0} | times


def _row(named: tuple[str, str, str], counts: tuple[int, int]) -> dict[str, Any]:
    (key, title, title_en), (dispatched, returned) = named, counts
    rate = round(returned / dispatched, 4) if dispatched else None
    told = {"dispatched": dispatched, "returned": returned, "rate": rate}
    return {"key": key, "title": title, "title_en": title_en, **told}


def _sum(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(d for d, _ in counts), sum(r for _, r in counts)


def _calibration(rows: Sequence[Any]) -> list[dict[str, float]]:
    forecasts = np.array([row.probability for row in rows], dtype=np.float64)
    held = np.array([row.held for row in rows], dtype=np.bool_)
    return [
        {
            "from": found.low,
            "to": found.high,
            "n": found.n,
            "expected": round(found.expected, 4),
            "observed": round(found.observed, 4),
        }
        for found in bins(forecasts, held, BINS)
    ]
