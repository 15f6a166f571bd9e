"""What is known of a place, and who may answer there: the facts that the rule is asked with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.answers import Answer, Ground, Post, Roster, Unit, town_of
from layers.base import Scope

NEAR_M = 25.0  # how far from a building a report of it may lie
DEGREE_M = 100_000.0  # less than any degree of longitude or latitude of these towns

# What lies at a place: the grids in force, the village, and the classes of the enterprises and
# facilities of its building. That is the one which the address names, if it is near enough, and
# then the place is where it stands; or else the nearest within 25 m.
GROUND = text("""
WITH told AS MATERIALIZED (
    SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom
), house AS MATERIALIZED (
    SELECT b.code, b.geom, b.point, COALESCE(starts_with(:address, b.address), false) AS named
    FROM told, buildings AS b
    WHERE b.district = :district AND ST_Intersects(b.geom, ST_Expand(told.geom, :reach_deg))
      AND (starts_with(:address, b.address)
           OR ST_DWithin(b.geom::geography, told.geom::geography, :near_m))
    ORDER BY named DESC, CASE WHEN starts_with(:address, b.address) THEN length(b.address) END DESC,
             ST_Distance(b.geom, told.geom), b.code
    LIMIT 1
), spot AS MATERIALIZED (
    SELECT CASE WHEN house.named THEN house.point ELSE told.geom END AS geom, house.named
    FROM told LEFT JOIN house ON true
), classes AS (
    SELECT e.class FROM house, enterprises AS e
    WHERE e.district = :district AND e.building_code = house.code
    UNION
    SELECT f.class FROM house, facilities AS f
    WHERE f.district = :district AND ST_Intersects(f.geom, house.geom)
    UNION
    SELECT f.class FROM spot, facilities AS f
    WHERE f.district = :district AND ST_Intersects(f.geom, spot.geom)
    UNION
    SELECT e.class FROM spot, enterprises AS e
    WHERE e.district = :district AND NOT EXISTS (SELECT FROM house)
      AND e.geom && ST_Expand(spot.geom, :near_deg)
      AND ST_DWithin(e.geom::geography, spot.geom::geography, :near_m)
)
SELECT ARRAY(SELECT g.code FROM grids AS g
             WHERE g.district = :district AND g.valid @> CAST(:at AS timestamptz)
               AND ST_Intersects(g.geom, spot.geom)
             ORDER BY g.net <> 'general', g.kind <> 'dedicated', g.level DESC,
                      g.code COLLATE "C") AS grids,
       (SELECT a.code FROM areas AS a
        WHERE a.district = :district AND a.valid @> CAST(:at AS timestamptz)
          AND ST_Intersects(a.geom, spot.geom)
        ORDER BY a.level DESC, a.code LIMIT 1) AS area,
       ARRAY(SELECT class FROM classes) AS classes, COALESCE(spot.named, false) AS named
FROM spot
""")

# Grids with all that stand above them, each with the code that it was reached from.
TREE = text("""
WITH RECURSIVE up AS (
    SELECT g.code AS leaf, g.code, g.parent_code, g.village_code, g.kind, g.net, 0 AS depth
    FROM grids AS g
    WHERE g.district = :district AND g.code = ANY(:codes)
      AND g.valid @> CAST(:at AS timestamptz)
    UNION ALL
    SELECT up.leaf, g.code, g.parent_code, COALESCE(up.village_code, g.village_code), up.kind,
           up.net, up.depth + 1
    FROM up JOIN grids AS g ON g.district = :district AND g.code = up.parent_code
                           AND g.valid @> CAST(:at AS timestamptz)
    WHERE up.depth < 8
)
SELECT leaf, array_agg(code ORDER BY depth) AS tree, max(village_code) AS village,
       min(kind) AS kind, min(net) AS net
FROM up GROUP BY leaf
""")

UNITS = text("""
SELECT code, name, kind, area_code, phone FROM organisations AS o
WHERE district = :district AND (
    (kind = 'village' AND area_code = ANY(:villages))
    OR (kind IN ('town_team', 'petition') AND area_code = ANY(:towns))
    OR (kind, name) IN (SELECT m.organisation_kind, m.organisation FROM mandates AS m
                        WHERE m.district = :district AND m.item = :item)
    OR (kind = 'department' AND name = (SELECT c.department FROM categories AS c
                                        WHERE c.district = :district AND c.code = :item))
    OR code IN (SELECT d.organisation_code FROM duties AS d
                WHERE d.district = :district AND d.grid_code = ANY(:codes)))
""")
POSTS = text("""
SELECT code, post, title, holder, phone, organisation_code AS unit, grid_code, category, rank
FROM duties
WHERE district = :district AND valid @> CAST(:at AS timestamptz)
  AND (grid_code = ANY(:codes) OR (grid_code IS NULL AND organisation_code = ANY(:units)))
""")
MANDATES = text("""
SELECT item, place_class, organisation_kind, organisation FROM mandates
WHERE district = :district AND item = :item
""")


@dataclass(frozen=True)
class Place:
    """A place to ask about: degrees in EPSG:4326, with what else is known of it.

    ``accuracy_m`` is the 95 % radius; ``address`` may name the building.
    """

    lon: float
    lat: float
    at: datetime
    address: str = ""
    accuracy_m: float = 0.0


class Here(NamedTuple):
    """What lies at a place.

    Attributes:
        grids: codes of the grids there; the first one answers.
        area: code of the village, or else the town.
        classes: classes of the enterprises and facilities of the building.
        named: whether that is the building which the address names.
    """

    grids: tuple[str, ...]
    area: str | None
    classes: frozenset[str]
    named: bool


class Tree(NamedTuple):
    """A grid with all that stand above it, itself first."""

    codes: tuple[str, ...]
    village: str | None
    kind: str
    net: str


def here(session: Session, scope: Scope, place: Place) -> Here:
    """Find what lies at a place."""
    asked = vars(place) | {
        "district": scope.district,
        "address": place.address or None,
        "near_m": NEAR_M,
        "near_deg": NEAR_M / DEGREE_M,
        "reach_deg": max(NEAR_M, 2 * place.accuracy_m) / DEGREE_M,
    }
    row = session.execute(GROUND, asked).one()
    return Here(tuple(row.grids), row.area, frozenset(row.classes), row.named)


def trees(session: Session, scope: Scope, codes: Iterable[str], at: datetime) -> dict[str, Tree]:
    """Find what stands above each of some grids."""
    asked = {"district": scope.district, "codes": list(codes), "at": at}
    return {
        row.leaf: Tree(tuple(row.tree), row.village, row.kind, row.net)
        for row in session.execute(TREE, asked)
    }


def ground(leaf: str | None, around: Here, known: Mapping[str, Tree]) -> Ground:
    """Tell what the rule needs to know, if the place lies in a given grid.

    Args:
        leaf: the grid; None for outside all.
        around: what else lies there.
        known: the trees of ``leaf`` and of the grids around.
    """
    own = known.get(leaf or "")
    here_too = [code for code in around.grids if code in known]
    dedicated = [code for code in here_too if known[code].kind == "dedicated"]
    if own is not None and leaf not in around.grids:
        dedicated = [leaf] if own.kind == "dedicated" and leaf else []
    base = own if own is not None and _is_base(own) else None
    base = base or next((known[code] for code in here_too if _is_base(known[code])), None)
    named = base or own
    village = named.village if named else None
    return Ground(
        tuple(dedicated), base.codes if base else (), village or around.area, around.classes
    )


def _is_base(tree: Tree) -> bool:
    return tree.net == "general" and tree.kind != "dedicated"


def roster(
    session: Session, scope: Scope, grounds: Sequence[Ground], about: tuple[str | None, datetime]
) -> Roster:
    """Read who may answer on some grounds.

    Args:
        session: an open session.
        scope: whose district is asked about.
        grounds: the places.
        about: the item's code and the time.
    """
    item, at = about
    villages = sorted({g.village for g in grounds if g.village})
    asked = {
        "district": scope.district,
        "item": item,
        "at": at,
        "codes": sorted({code for g in grounds for code in (*g.dedicated, *g.tree)}),
        "villages": villages,
        "towns": [town_of(village) for village in villages],
    }
    units = [Unit(*row) for row in session.execute(UNITS, asked)]
    posts = session.execute(POSTS, asked | {"units": [unit.code for unit in units]})
    mandates = session.execute(MANDATES, asked)
    return Roster(
        [Post(*row) for row in posts],
        units,
        {
            (row.item, row.place_class): (row.organisation_kind, row.organisation)
            for row in mandates
        },
    )


def who_answers(
    session: Session, scope: Scope, place: Place, item: str | None = None
) -> list[Answer]:
    """Tell who answers for an item at a place and time, the accountable body first.

    Returns:
        Nothing where no body answers.
    """
    around = here(session, scope, place)
    known = trees(session, scope, around.grids, place.at)
    found = ground(next(iter(around.grids), None), around, known)
    return roster(session, scope, (found,), (item, place.at)).answers(found, item)
