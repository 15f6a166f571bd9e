"""The teams and stations nearest to a place, by the way along the streets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.ways import Ways
from layers.base import Scope
from layers.outbox import version

MOST = 5
AS_THE_CROW_FLIES = 25  # of so many nearest in a straight line the way is measured

STATE = text("SELECT count(*), max(id) FROM streets WHERE district = :district")
LINES = text("SELECT ST_AsBinary(geom) FROM streets WHERE district = :district ORDER BY id")
TEAMS = text("""
SELECT code, name, kind, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM organisations
WHERE district = :district AND kind IN ('team', 'town_team', 'station') AND geom IS NOT NULL
ORDER BY geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), code
LIMIT :most
""")

# The streets of each district with the state of the layer that they were read in.
_WAYS: dict[int, tuple[tuple[int, ...], Ways]] = {}


class Team(NamedTuple):
    """A team or station, and how far it has to come along the streets, in metres."""

    unit: str
    name: str
    kind: str
    distance_m: int


def nearest_teams(session: Session, scope: Scope, place: tuple[float, float]) -> list[Team]:
    """List the nearest teams and stations by the way they have to come, at most five.

    Args:
        session: an open session.
        scope: whose district.
        place: (lon, lat) in EPSG:4326.

    Returns:
        Nothing where no street leads; so those that none leads to are left out.
    """
    lon, lat = place
    asked = {"district": scope.district, "lon": lon, "lat": lat, "most": AS_THE_CROW_FLIES}
    rows = session.execute(TEAMS, asked).all()
    places = np.array([(row.lon, row.lat) for row in rows]).reshape(-1, 2)
    far = ways(session, scope).distances_m(place, places)
    found = [
        Team(row.code, row.name, row.kind, round(metres))
        for row, metres in zip(rows, far.tolist(), strict=True)
        if np.isfinite(metres)
    ]
    return sorted(found, key=lambda team: (team.distance_m, team.unit))[:MOST]


def ways(session: Session, scope: Scope) -> Ways:
    """Give the streets as a graph, made anew when they changed."""
    asked = {"district": scope.district}
    many, last = session.execute(STATE, asked).one()
    state = (version(session, scope, "streets"), many, last or 0)
    known = _WAYS.get(scope.district)
    if known is None or known[0] != state:
        lines = [bytes(wkb) for wkb in session.execute(LINES, asked).scalars()]
        known = (state, Ways(shapely.from_wkb(np.array(lines, dtype=object))))
        _WAYS[scope.district] = known
    return known[1]
