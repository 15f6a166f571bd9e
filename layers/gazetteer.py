"""Look up words in the town's addresses; the gazetteer follows the registers' versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.address import Buildings, Candidate, Gazetteer, Places, placed
from layers.base import Scope

CANDIDATES = 5

VERSION = text("""
SELECT COALESCE(string_agg(layer || version, ',' ORDER BY layer), '') FROM layer_versions
WHERE district = :district AND layer IN ('buildings', 'enterprises', 'facilities', 'grids')
""")

BUILDINGS = text("""
SELECT b.id AS building_id, b.code, COALESCE(b.name, '') AS name, COALESCE(b.road, '') AS road,
       COALESCE(b.door, '') AS door, COALESCE(b.estate, '') AS estate,
       COALESCE(a.name, '') AS village, COALESCE(b.address, '') AS address,
       ST_X(b.point) AS lon, ST_Y(b.point) AS lat, COALESCE(g.code, '') AS grid_code
FROM buildings AS b
LEFT JOIN areas AS a ON a.district = b.district AND a.code = b.village_code AND a.valid @> now()
LEFT JOIN LATERAL (
    SELECT g.code FROM grids AS g
    WHERE g.district = b.district AND g.net = 'general' AND g.valid @> now()
      AND ST_Intersects(g.geom, b.point)
    ORDER BY (g.kind = 'dedicated') DESC, g.level DESC, g.code COLLATE "C" LIMIT 1) AS g ON true
WHERE b.district = :district
ORDER BY b.id
""")

PLACES = text("""
SELECT e.name, ST_X(e.geom) AS lon, ST_Y(e.geom) AS lat, b.id AS building_id,
       COALESCE(g.code, '') AS grid_code
FROM (
    SELECT district, name, geom, building_code FROM enterprises
    UNION ALL
    SELECT district, name, ST_PointOnSurface(geom), NULL FROM facilities
) AS e
LEFT JOIN buildings AS b ON b.district = e.district AND b.code = e.building_code
LEFT JOIN LATERAL (
    SELECT g.code FROM grids AS g
    WHERE g.district = e.district AND g.net = 'general' AND g.valid @> now()
      AND ST_Intersects(g.geom, e.geom)
    ORDER BY (g.kind = 'dedicated') DESC, g.level DESC, g.code COLLATE "C" LIMIT 1) AS g ON true
WHERE e.district = :district AND e.name IS NOT NULL
""")


@dataclass(frozen=True)
class Found:
    """The candidates for some words, best first, and the one that needs no click."""

    candidates: list[Candidate]
    placed: Candidate | None

    def as_json(self) -> str:
        """Write the candidates as JSON for the ticket."""
        return orjson.dumps([asdict(c) for c in self.candidates]).decode()


class Town:
    """Keep the gazetteer of each district until a register it is made of changes.

    It is made by one at a time: meanwhile the others read the former one, if there is one.

    Attributes:
        make: makes a gazetteer, which takes seconds; a server may do it aside.
    """

    def __init__(self, make: Callable[[Buildings, Places], Gazetteer] = Gazetteer) -> None:
        self.make = make
        self._kept: dict[int, tuple[str, Gazetteer]] = {}
        self._making = Lock()

    def gazetteer(self, session: Session, scope: Scope) -> Gazetteer:
        """Give the gazetteer, made again only after its registers changed."""
        version = str(session.execute(VERSION, {"district": scope.district}).scalar_one())
        former = self._kept.get(scope.district)
        if former is not None and (former[0] == version or self._making.locked()):
            return former[1]
        with self._making:
            kept = self._kept.get(scope.district)
            if kept is None or kept is former:
                kept = (version, self._made(session, scope))
                self._kept[scope.district] = kept
        return kept[1]

    def _made(self, session: Session, scope: Scope) -> Gazetteer:
        asked = {"district": scope.district}
        buildings = _columns(session, BUILDINGS, asked, Buildings)
        return self.make(buildings, _columns(session, PLACES, asked, Places))


TOWN = Town()


def candidates_for(session: Session, scope: Scope, words: str) -> Found:
    """Match words to buildings and places of the town."""
    return matcher(session, scope)(words)


def matcher(session: Session, scope: Scope) -> Callable[[str], Found]:
    """Give what matches words to buildings and places of the town as they are now."""
    gazetteer = TOWN.gazetteer(session, scope)

    def match(words: str) -> Found:
        found = gazetteer.match(words, CANDIDATES)
        return Found(found, placed(found))

    return match


def _columns(session: Session, statement: Any, asked: dict[str, Any], into: Any) -> Any:
    """Turn rows into the columns that the gazetteer reads."""
    rows = session.execute(statement, asked)
    names = list(rows.keys())
    columns = list(zip(*rows, strict=True)) or [() for _ in names]
    return into(**dict(zip(names, columns, strict=True)))


def as_results(found: Found) -> list[dict[str, Any]]:
    """Write candidates as results of a search."""
    return [
        {
            "layer": "buildings",
            "id": c.building_id,
            "label": c.label,
            "detail": c.grid_code,
            "lon": c.lon,
            "lat": c.lat,
            "score": c.score,
        }
        for c in found.candidates
    ]
