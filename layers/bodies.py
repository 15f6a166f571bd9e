"""Bodies: who answers for a case at each level of the tree."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Conflict
from layers.base import Scope


class Body(NamedTuple):
    """A unit and, where one is on duty, its post."""

    unit: str | None
    post: str | None


# The posts of the case's micro-grid, then those of the grid around it; who reported comes last,
# for he does not handle what he reported.
GRID = text("""
SELECT d.organisation_code AS unit, d.code AS post
FROM duties AS d
WHERE d.district = :district AND d.grid_code IN (:grid_code, left(:grid_code, 15))
  AND d.net = 'general' AND d.holder <> '' AND d.valid @> now() AND d.category IS NULL
ORDER BY d.code IS NOT DISTINCT FROM :reporter, length(d.grid_code) DESC,
         d.post NOT IN ('micro_leader', 'group_leader', 'grid_leader'), d.rank, d.id
LIMIT 1
""")
# The one of that kind and place with its first post on duty.
HELD = text("""
SELECT o.code AS unit, (
    SELECT d.code FROM duties AS d
    WHERE d.district = o.district AND d.organisation_code = o.code AND d.grid_code IS NULL
      AND d.holder <> '' AND d.valid @> now() AND d.code IS DISTINCT FROM :reporter
      AND (d.category IS NULL OR d.category = :category)
    ORDER BY d.category IS NULL, d.rank, d.id LIMIT 1) AS post
FROM organisations AS o
WHERE o.district = :district AND o.kind = ANY(:kinds)
  AND (CAST(:area AS text) IS NULL OR o.area_code = :area)
  AND (CAST(:name AS text) IS NULL OR o.name LIKE '%' || :name)
  -- Where the town has no body of its own for this, its governance centre stands in.
  AND (o.kind <> 'station' OR o.name LIKE '%综治中心')
ORDER BY array_position(:kinds, o.kind), o.id LIMIT 1
""")
IN_GRID = text("""
SELECT EXISTS (
    SELECT FROM duties AS d
    JOIN organisations AS o ON o.district = d.district AND o.code = d.organisation_code
    WHERE d.district = :district AND d.grid_code LIKE left(:grid_code, 15) || '%'
      AND (d.code = :post AND o.kind IN ('team', 'village')
           OR CAST(:post AS text) IS NULL AND o.code = :unit AND o.kind = 'team'))
""")
KINDS = {
    "village": (["village"], None),
    "town": (["town_team", "station"], None),
    "petition": (["petition", "station"], None),
    "department": (["department"], None),
}


def body_at(session: Session, scope: Scope, kind: str, case: Any) -> Body:
    """Find the body of a kind (grid, village, town, petition, department) that answers for a case.

    Raises:
        Conflict: if there is none.
    """
    asked = {
        "district": scope.district,
        "grid_code": case.grid_code,
        "reporter": case.reporter,
        "category": case.category,
        "kinds": KINDS[kind][0] if kind in KINDS else [],
        "area": (case.grid_code or "")[:12] if kind == "village" else None,
        "name": case.department if kind == "department" else None,
    }
    found = session.execute(GRID if kind == "grid" else HELD, asked).first()
    if found is None:
        raise Conflict(f"no {kind} answers for this case", "level", code="nobody_answers")
    return Body(found.unit, found.post)


def is_in_grid(session: Session, scope: Scope, grid_code: str | None, body: Body) -> bool:
    """Tell whether a body is the grid's own."""
    if grid_code is None:
        return False
    asked = {"district": scope.district, "grid_code": grid_code, **body._asdict()}
    return bool(session.execute(IN_GRID, asked).scalar_one())
