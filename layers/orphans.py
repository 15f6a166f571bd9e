"""The orphan proof: every piece of ground and item has exactly one body that answers for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from layers.answers import Post, Roster, Unit
from layers.base import Query, Scope
from layers.proving import REASONS, Flaw, Proof, net_of, prove

GRIDS = text("""
SELECT code, net, kind, level, parent_code, village_code, ST_AsBinary(geom) AS wkb
FROM grids WHERE district = :district AND valid @> now() ORDER BY code COLLATE "C"
""")
OUTLINE = text("""
SELECT ST_AsBinary(geom) FROM areas
WHERE district = :district AND valid @> now() AND geom IS NOT NULL
  AND level = (SELECT min(level) FROM areas WHERE district = :district AND valid @> now()
                                              AND geom IS NOT NULL)
""")
POSTS = text("""
SELECT code, post, title, holder, phone, organisation_code AS unit, grid_code, category, rank
FROM duties WHERE district = :district AND valid @> now()
""")
UNITS = text(
    "SELECT code, name, kind, area_code, phone FROM organisations WHERE district=:district"
)
MANDATES = text("""
SELECT item, place_class, organisation_kind, organisation FROM mandates WHERE district = :district
""")
ITEMS = text("SELECT code FROM categories WHERE district = :district ORDER BY code")


def orphan_proof(session: Session, scope: Scope) -> Proof:
    """Show that each piece of the town's ground and each item has exactly one body."""
    asked = {"district": scope.district}
    found = session.execute(GRIDS, asked)
    grids = pd.DataFrame(found.all(), columns=list(found.keys()))
    grids["geom"] = shapely.from_wkb(np.array([bytes(wkb) for wkb in grids["wkb"]], dtype=object))
    outline = [bytes(wkb) for wkb in session.execute(OUTLINE, asked).scalars()]
    ground = shapely.union_all(shapely.from_wkb(outline)) if outline else None
    roster = Roster(
        [Post(*row) for row in session.execute(POSTS, asked)],
        [Unit(*row) for row in session.execute(UNITS, asked)],
        {
            (item, place): (kind, name)
            for item, place, kind, name in session.execute(MANDATES, asked)
        },
    )
    return prove(net_of(grids), ground, roster, list(session.execute(ITEMS, asked).scalars()))


def orphans(session: Session, scope: Scope, query: Query) -> str:
    """Tell what the orphan proof shows of the town, as JSON text.

    Raises:
        InvalidInput: if anything is asked with it.
    """
    if query.where:
        name = sorted(query.where)[0]
        raise InvalidInput(f"unknown parameter {name!r}", name)
    proof = orphan_proof(session, scope)
    told = {name: value for name, value in vars(proof).items() if name != "flaws"}
    told["holds"] = not proof.flaws
    told["orphans"] = [_told(flaw) for flaw in proof.orphans]
    told["doubles"] = [_told(flaw) for flaw in proof.doubles]
    return orjson.dumps(told).decode()


def _told(flaw: Flaw) -> dict[str, Any]:
    why, why_zh = REASONS[flaw.reason]
    return vars(flaw) | {"why": why, "why_zh": why_zh}
