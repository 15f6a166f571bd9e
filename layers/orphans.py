"""The orphan proof: every piece of ground and item has exactly one body that answers for it."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import orjson
import pandas as pd
import shapely
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from layers.answers import Post, Roster, Unit
from layers.base import Query, Scope
from layers.proving import REASONS, Flaw, Proof, net_of, prove

COLUMNS = ("code", "net", "kind", "level", "parent_code", "village_code", "geom")
GRIDS = text("""
SELECT code, net, kind, level, parent_code, village_code, ST_AsBinary(geom)
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
FROM duties WHERE district = :district AND valid @> now() ORDER BY id
""")
UNITS = text("""
SELECT code, name, kind, area_code, phone FROM organisations WHERE district = :district ORDER BY id
""")
MANDATES = text("""
SELECT item, place_class, organisation_kind, organisation FROM mandates WHERE district = :district
ORDER BY item, place_class
""")
ITEMS = text("SELECT code FROM categories WHERE district = :district ORDER BY code")


class Facts(NamedTuple):
    """All that the proof of a district is made of, as it was read."""

    grids: list[tuple[Any, ...]]
    outline: list[bytes]
    posts: list[tuple[Any, ...]]
    units: list[tuple[Any, ...]]
    mandates: list[tuple[Any, ...]]
    items: list[str]


class Proving:
    """Prove each district once, until what its proof is made of changes.

    Attributes:
        aside: runs a function; a server may run it where it holds up nobody.
    """

    def __init__(self) -> None:
        self.aside: Callable[..., Proof] = lambda work, *given: work(*given)
        self._kept: dict[int, tuple[bytes, Proof]] = {}

    def proof(self, district: int, facts: Facts) -> Proof:
        """Give the proof of these facts."""
        print_of = hashlib.sha256(pickle.dumps(facts)).digest()
        known = self._kept.get(district)
        if known is None or known[0] != print_of:
            known = (print_of, self.aside(_proved, facts))
            self._kept[district] = known
        return known[1]


PROVING = Proving()


def orphan_proof(session: Session, scope: Scope) -> Proof:
    """Show that each piece of the town's ground and each item has exactly one body."""
    asked = {"district": scope.district}

    def rows(question: TextClause) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.execute(question, asked)]

    grids = [(*row[:-1], bytes(row[-1])) for row in rows(GRIDS)]
    outline = [bytes(wkb) for (wkb,) in rows(OUTLINE)]
    items = [str(code) for (code,) in rows(ITEMS)]
    facts = Facts(grids, outline, rows(POSTS), rows(UNITS), rows(MANDATES), items)
    return PROVING.proof(scope.district, facts)


def _proved(facts: Facts) -> Proof:
    grids = pd.DataFrame(facts.grids, columns=list(COLUMNS))
    wkb = np.array(grids.pop("geom").tolist(), dtype=object)
    grids["geom"] = shapely.from_wkb(wkb)
    ground = shapely.union_all(shapely.from_wkb(facts.outline)) if facts.outline else None
    mandates = {(item, place): (kind, name) for item, place, kind, name in facts.mandates}
    roster = Roster(
        [Post(*row) for row in facts.posts], [Unit(*row) for row in facts.units], mandates
    )
    return prove(net_of(grids), ground, roster, facts.items)


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
