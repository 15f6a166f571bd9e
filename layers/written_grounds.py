"""On whose ground a written feature lies: who answers for some areas writes in those alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Forbidden
from layers.base import Scope

# Columns that say whose a row without a place is.
OWN = ("grid_code", "area_code", "village_code")

GROUNDS = text("""
WITH spot AS MATERIALIZED (
    SELECT district, ST_PointOnSurface(geom) AS geom
    FROM (SELECT CAST(:district AS int) AS district, CAST(:shape AS geometry) AS geom) AS given
)
SELECT code FROM (
    SELECT g.code, 0 AS turn, (g.kind = 'dedicated') AS dedicated, g.level
    FROM spot JOIN grids AS g ON g.district = spot.district AND g.net = 'general'
         AND g.valid @> now() AND ST_Intersects(g.geom, spot.geom)
    UNION ALL
    SELECT a.code, 1, false, a.level
    FROM spot JOIN areas AS a ON a.district = spot.district
         AND a.valid @> now() AND ST_Intersects(a.geom, spot.geom)
) AS found
ORDER BY turn, dedicated DESC, level DESC, code COLLATE "C"
""")


def grounds_of(session: Session, scope: Scope, row: Any) -> list[str]:
    """List the grids and areas that a row lies in, the one that answers first.

    A row without a place lies where its columns say.
    """
    shape = getattr(row, "geom", None)
    if shape is None:
        return [code for name in OWN if (code := getattr(row, name, None))]
    asked = {"district": scope.district, "shape": shape.desc}
    return list(session.execute(GROUNDS, asked).scalars())


def check_ground(scope: Scope, grounds: list[str]) -> None:
    """Refuse a reader who answers for some areas alone, when a row lies in none of them.

    Raises:
        Forbidden: naming the ground.
    """
    areas = scope.reader.areas
    if areas and not any(code.startswith(areas) for code in grounds):
        where = grounds[0] if grounds else "no grid"
        raise Forbidden(f"it lies in {where}; you answer for {', '.join(areas)}", "geometry")
