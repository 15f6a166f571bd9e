"""Cases like a case: open ones nearby, those at its address, and those that it likely repeats."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.errors import NotFound
from geodata.likeness import DEGREE_M, PROPOSED, Told, address_key, distance_m, door, likeness
from layers import find_layers
from layers.base import Layer, Scope
from layers.cases import Incident
from layers.queries import visible
from layers.town import Category

NEAR_M, SAME_SPOT_M, ADDRESS_M = 200.0, 60.0, 45.0
WINDOW = timedelta(days=4)  # further apart in time no two reports are proposed
MOST_NEAR, MOST_WAITING, MOST_SAME = 200, 200, 200
SHOWN = 10
CANDIDATES = 3  # of the places that a case in words only may mean

COLUMNS = (
    Incident.id,
    Incident.row_version,
    Incident.number,
    Incident.category,
    Category.class_code,
    Incident.severity,
    Incident.stage,
    Incident.reported_at,
    Incident.closed_at,
    Incident.source,
    Incident.external_id,
    Incident.description,
    Incident.address,
    Incident.accuracy_m,
    Incident.duplicate_of,
    func.ST_X(Incident.geom).label("lon"),
    func.ST_Y(Incident.geom).label("lat"),
)
Case = Row[Any]
Place = tuple[float, float]


def nearby(session: Session, scope: Scope, incident_id: int) -> str:
    """Tell which cases are like one, as JSON text.

    Returns:
        ``nearby``: open cases of its class within 200 m, the nearest first. ``same_address``:
        cases at its address, closed ones too, the newest first. ``likely``: open cases that it
        likely repeats, the likeliest first, each with its probability, what speaks for it, hours
        between the two and the share of words in common. ``merged``: those merged into it.

    Raises:
        NotFound: if there is no such case for the reader.
    """
    case = _case(session, scope, incident_id)
    places = _places(case)
    around = _around(session, scope, case, places)
    waiting = _waiting(session, scope, case)
    same = _at_address(session, scope, case)
    mine = told(case, places)
    likely = _likely(mine, case, {row.id: row for row in (*around, *waiting, *same)}.values())
    return orjson.dumps(
        {
            "nearby": [shown(row, mine) for row in _nearest(session, scope, case, places)],
            "same_address": [shown(row, mine) for row in same[:SHOWN]],
            "likely": likely,
            "merged": [_named(row, mine) for row in _merged(session, scope, case)],
        }
    ).decode()


@cache
def cases() -> Layer:
    """Find the layer of the cases, whose rules say what a reader sees."""
    return find_layers()[Incident.__tablename__]


def told(case: Case, places: Sequence[Place] = ()) -> Told:
    """Say what a case tells; one in words only is taken to be at the first place it may mean."""
    lon, lat = places[0] if places else (case.lon, case.lat)
    return Told(
        category=case.category,
        class_code=case.class_code,
        at_s=case.reported_at.timestamp(),
        source=case.source,
        lon=lon,
        lat=lat,
        accuracy_m=case.accuracy_m if case.lon is not None else None,
        description=case.description,
        address=case.address,
        external_id=case.external_id,
    )


@lru_cache(maxsize=256)
def rows(scope: Scope) -> Select[Any]:
    """Select the cases that a reader sees, as ``told`` reads them; a card asks this five times."""
    known = and_(Category.district == Incident.district, Category.code == Incident.category)
    return select(*COLUMNS).join(Category, known).where(*visible(cases(), scope))


def _case(session: Session, scope: Scope, incident_id: int) -> Case:
    asked = rows(scope).add_columns(Incident.candidates).where(Incident.id == incident_id)
    case = session.execute(asked).first()
    if case is None:
        raise NotFound(f"no incident {incident_id}", code="no_case", id=incident_id)
    return case


def _places(case: Case) -> list[Place]:
    """Give the place of a case, or those that its words may mean."""
    if case.lon is not None:
        return [(case.lon, case.lat)]
    known = [c for c in case.candidates if isinstance(c, dict) and c.get("lon") is not None]
    return [(c["lon"], c["lat"]) for c in known[:CANDIDATES]]


def _nearest(session: Session, scope: Scope, case: Case, places: Sequence[Place]) -> list[Case]:
    """Find the open cases of its class that are nearest to it."""
    if not places:
        return []
    asked = (
        _open(scope, case)
        .where(_near(places[0], NEAR_M), Category.class_code == case.class_code)
        .order_by(Incident.geom.op("<->")(_point(*places[0])))
        .limit(SHOWN)
    )
    return list(session.execute(asked))


def _around(session: Session, scope: Scope, case: Case, places: Sequence[Place]) -> list[Case]:
    """Find open cases of its days: of its class about its places, and any at the same spot."""
    if not places:
        return []
    near = [_near(place, NEAR_M if case.lon is not None else SAME_SPOT_M) for place in places]
    spot = [_near(place, SAME_SPOT_M) for place in places]
    asked = (
        _open(scope, case)
        .where(_of_its_days(case), or_(*near), or_(Category.class_code == case.class_code, *spot))
        .order_by(Incident.geom.op("<->")(_point(*places[0])))
        .limit(MOST_NEAR)
    )
    return list(session.execute(asked))


def _open(scope: Scope, case: Case) -> Select[Any]:
    return rows(scope).where(Incident.closed_at.is_(None), Incident.id != case.id)


def _of_its_days(case: Case) -> Any:
    return Incident.reported_at.between(case.reported_at - WINDOW, case.reported_at + WINDOW)


def _point(lon: float, lat: float) -> Any:
    return func.ST_SetSRID(func.ST_MakePoint(lon, lat), WGS84)


def _near(place: Place, reach_m: float) -> Any:
    """Pick what lies in the square of so many metres each way about a place."""
    lon, lat = place
    north = reach_m / DEGREE_M
    east = north / max(0.01, math.cos(math.radians(lat)))
    box = func.ST_MakeEnvelope(lon - east, lat - north, lon + east, lat + north, WGS84)
    return Incident.geom.op("&&")(box)


def _waiting(session: Session, scope: Scope, case: Case) -> list[Case]:
    """Find the cases of its item in the tray that were reported about the same time."""
    asked = (
        _open(scope, case)
        .where(Incident.geom.is_(None), Incident.category == case.category, _of_its_days(case))
        .order_by(Incident.id.desc())
        .limit(MOST_WAITING)
    )
    return list(session.execute(asked))


def _at_address(session: Session, scope: Scope, case: Case) -> list[Case]:
    """Find the cases at its address: in the same words, or near and written otherwise."""
    if not case.address or not _names_a_door(case.address):
        return []
    found = {row.id: row for row in session.execute(_newest(scope, case, _in_words(case)))}
    if case.lon is not None:
        near = session.execute(_newest(scope, case, _near((case.lon, case.lat), ADDRESS_M)))
        found |= {row.id: row for row in near if same_address(case.address, row.address)}
    return sorted(found.values(), key=lambda row: row.id, reverse=True)


def _in_words(case: Case) -> Any:
    return Incident.address == case.address


def _newest(scope: Scope, case: Case, condition: Any) -> Select[Any]:
    asked = rows(scope).where(condition, Incident.address.is_not(None), Incident.id != case.id)
    return asked.order_by(Incident.id.desc()).limit(MOST_SAME)


def _names_a_door(address: str) -> bool:
    """Say whether an address is more than the name of a road."""
    named = door(address)
    return bool(named.number) or not named.road


def same_address(one: str | None, other: str | None) -> bool:
    """Say whether two addresses name the same door, whatever way they are written."""
    if not one or not other:
        return False
    mine, theirs = door(one), door(other)
    return address_key(one) == address_key(other) or bool(mine.number and mine == theirs)


def _likely(mine: Told, case: Case, others: Iterable[Case]) -> list[dict[str, Any]]:
    """Judge open cases, and keep those that are likely the same, the likeliest first."""
    found = []
    for row in others:
        if row.closed_at is not None or abs(row.reported_at - case.reported_at) > WINDOW:
            continue
        judged = likeness(mine, told(row))
        if judged.probability >= PROPOSED:
            more = {
                "hours": round(judged.hours, 1),
                "probability": judged.probability,
                "words": round(judged.words, 2),
                "why": judged.why,
            }
            found.append(_named(row, mine) | more)
    return sorted(found, key=lambda row: (-row["probability"], row["id"]))[:SHOWN]


def _merged(session: Session, scope: Scope, case: Case) -> list[Case]:
    """Find the cases that were merged into one, the oldest first."""
    asked = rows(scope).where(Incident.duplicate_of == case.id).order_by(Incident.id)
    return list(session.execute(asked.limit(MOST_SAME)))


def shown(row: Case, mine: Told) -> dict[str, Any]:
    """Show a case, and how far it is from another."""
    apart_m = distance_m(mine, told(row))
    names = ("id", "number", "category", "severity", "stage", "reported_at", "address")
    return {name: getattr(row, name) for name in names} | {
        "version": row.row_version,
        "distance_m": None if apart_m is None else round(apart_m, 1),
        "lon": row.lon,
        "lat": row.lat,
    }


def _named(row: Case, mine: Told) -> dict[str, Any]:
    """Show a case with who reported it, which stays readable on the other's card."""
    return shown(row, mine) | {"source": row.source, "external_id": row.external_id}
