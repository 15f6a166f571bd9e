"""The tray of likely duplicates: pairs among a town's newest open cases and all that are open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from geodata.likeness import DEGREE_M, PROPOSED, likeness
from layers.base import Query, Scope
from layers.cases import Incident
from layers.duplicates import Case, cases, rows, shown, told
from layers.queries import visible

REACH_M, WINDOW = 120.0, timedelta(days=3)
MOST_CASES, MOST_PAIRS = 500, 2000


def likely(session: Session, scope: Scope, query: Query) -> str:
    """List pairs of open cases of one item that are likely the same, as JSON text.

    Looked through are the newest open cases that the question finds (``limit``, at most 500),
    each against all open cases before it within 120 m and three days.

    Returns:
        ``pairs``, the likeliest first: ``case``, ``into`` (the earlier one), ``probability``,
        ``why``, ``hours``, ``distance_m`` and ``words``.
    """
    found = session.execute(_near_each_other(scope, query)).all()
    ids = {one for pair in found for one in pair}
    known = {row.id: row for row in session.execute(rows(scope).where(Incident.id.in_(ids)))}
    pairs = [
        _judged(known[later], known[earlier])
        for later, earlier in found
        if later in known and earlier in known
    ]
    proposed = [pair for pair in pairs if pair["probability"] >= PROPOSED]
    proposed.sort(key=lambda pair: (-pair["probability"], -pair["case"]["id"]))
    return orjson.dumps({"pairs": proposed}).decode()


def _near_each_other(scope: Scope, query: Query) -> Any:
    newest = (
        select(Incident.id, Incident.geom, Incident.category, Incident.reported_at)
        .where(
            *visible(cases(), scope, query),
            Incident.closed_at.is_(None),
            Incident.geom.is_not(None),
        )
        .order_by(Incident.id.desc())
        .limit(min(query.limit or MOST_CASES, MOST_CASES))
        .cte("newest")
    )
    other = aliased(Incident)
    # A degree of longitude is shorter, so the square reaches a little less far east and west.
    around = func.ST_Expand(newest.c.geom, REACH_M / DEGREE_M)
    return (
        select(newest.c.id, other.id)
        .join(other, other.geom.op("&&")(around))
        .where(
            other.district == scope.district,
            other.closed_at.is_(None),
            other.id < newest.c.id,
            other.category == newest.c.category,
            other.reported_at.between(newest.c.reported_at - WINDOW, newest.c.reported_at + WINDOW),
        )
        .order_by(newest.c.id.desc(), other.id.desc())
        .limit(MOST_PAIRS)
    )


def _judged(later: Case, earlier: Case) -> dict[str, Any]:
    mine = told(later)
    found = likeness(mine, told(earlier))
    return {
        "case": shown(later, mine),
        "into": shown(earlier, mine),
        "probability": found.probability,
        "why": found.why,
        "hours": round(found.hours, 1),
        "distance_m": None if found.distance_m is None else round(found.distance_m, 1),
        "words": round(found.words, 2),
    }
