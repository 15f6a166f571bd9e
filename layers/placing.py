"""Put a case on the map by hand: a step of its own, which leaves the procedure where it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale
from geodata.geojson import check_lonlat
from layers.actors import SPEAKS_FOR_OTHERS, Actor, actor_of, on_behalf
from layers.base import Json, Scope, Target
from layers.said import only

WORDS_LIMIT = 400

PLACE = text("""
WITH spot AS MATERIALIZED (
    SELECT COALESCE(b.point, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AS geom, b.address
    FROM (SELECT) AS one
    LEFT JOIN buildings AS b ON b.district = :district AND b.id = :building_id
), answer AS MATERIALIZED (
    SELECT g.* FROM incidents AS i, spot, grids_at(
        :district, spot.geom, NULL, i.reported_at, 'general') AS g
    WHERE i.district = :district AND i.id = :id AND g.answers LIMIT 1
), before AS MATERIALIZED (
    SELECT stage, placed_by, ST_AsText(geom, 7) AS was, grid_code FROM incidents
    WHERE district = :district AND id = :id AND closed_at IS NULL
), moved AS (
    UPDATE incidents AS i
    SET geom = spot.geom, grid_id = a.id, grid_code = a.code, row_version = row_version + 1,
        confidence = CASE WHEN a.id IS NULL THEN 0 ELSE 1 END, placed_by = 'operator'
    FROM spot LEFT JOIN answer AS a ON true
    WHERE i.district = :district AND i.id = :id AND i.closed_at IS NULL
      AND i.row_version = COALESCE(CAST(:version AS int), i.row_version)
    RETURNING i.*, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
), step AS (
    INSERT INTO steps (district, incident_id, move, step_from, step_to, stage_from, stage_to,
                       level, unit_to, post_to, due_at, in_grid, post, unit, actor, reason,
                       at, evidence)
    SELECT :district, m.id, 'place', m.step, m.step, m.stage, m.stage, m.level, m.unit, m.post,
           m.due_at, m.in_grid, CAST(:post AS text), CAST(:unit AS text), :actor, :reason,
           greatest(now(), m.reported_at), jsonb_strip_nulls(
        jsonb_build_object('placed_by', 'operator', 'how', CAST(:how AS text), 'lon', m.lon,
            'lat', m.lat, 'building_id', CAST(:building_id AS bigint), 'address', spot.address,
            'before', before.was, 'grid_before', before.grid_code))
    FROM moved AS m, before, spot
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT :district, 'incidents', id, 'placed', grid_code FROM moved
)
SELECT id FROM moved
""")
STATE = text("""
SELECT stage, grid_code, row_version FROM incidents WHERE district = :district AND id = :id
""")
BUILDING = text("SELECT 1 FROM buildings WHERE district = :district AND id = :id")


def place(session: Session, scope: Scope, case: Target, body: Json) -> None:
    """Put a case on the map by hand: at a building, or at a point in EPSG:4326.

    ``post`` and ``unit`` are on whose behalf it is placed; the reader's own unless told.

    Raises:
        InvalidInput: without a building or a point on Earth, or with a post or unit that is none.
        SignInRequired: if nobody has signed in.
        NotFound: if there is no such incident.
        Forbidden: if the reader neither dispatches there nor works in the case's grid, or names
            another whom he does not speak for.
        Stale: if another version than the present one was meant.
        Conflict: if the case is closed.
    """
    only(body, frozenset({"lon", "lat", "building_id", "post", "unit", "reason"}))
    building = body.get("building_id")
    lon, lat = body.get("lon"), body.get("lat")
    if building is None or lon is not None or lat is not None:
        _check_point(lon, lat)
    words = _words(body)
    actor = _placing(session, scope, case, words)
    if building is not None:
        _check_building(session, scope, building)
    asked = {
        **{"actor": scope.reader.account, "post": actor.post, "unit": actor.unit},
        "reason": words["reason"],
        "district": scope.district,
        "id": case.id,
        "version": case.version,
        "lon": lon,
        "lat": lat,
        "building_id": building,
        "how": "candidate" if building is not None else "map",
    }
    if session.execute(PLACE, asked).first() is None:
        _refuse(_state(session, scope, case.id), case)


def _placing(session: Session, scope: Scope, case: Target, words: dict[str, str | None]) -> Actor:
    """Tell as whom the reader places a case."""
    own, state = actor_of(session, scope), _state(session, scope, case.id)
    if not _may_place(own, scope, state.grid_code):
        raise Forbidden("a dispatcher or the worker of its grid places a case", code="no_placer")
    if words["post"] or words["unit"]:
        return on_behalf(session, scope, words["post"], words["unit"])
    return own


def _may_place(own: Actor, scope: Scope, grid_code: str | None) -> bool:
    if scope.reader.roles & SPEAKS_FOR_OTHERS:
        return own.covers(grid_code)
    in_own = bool(grid_code and own.area and own.is_at(grid_code))
    return in_own and "worker" in scope.reader.roles


def _refuse(state: Any, case: Target) -> None:
    if state.stage == "closed":
        message = f"incident {case.id} is closed; it stays in its place"
        raise Conflict(message, code="closed_in_place", id=case.id)
    message = f"incident {case.id} is at version {state.row_version}"
    raise Stale(message, "If-Match", code="changed", id=case.id)


def _check_point(lon: Any, lat: Any) -> None:
    for name, value in (("lon", lon), ("lat", lat)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(f"{name} is a number, not {value!r}", name, code="no_point")
    check_lonlat(lon, lat)


def _check_building(session: Session, scope: Scope, building: Any) -> None:
    if isinstance(building, bool) or not isinstance(building, int):
        message = f"building_id is a number, not {building!r}"
        raise InvalidInput(message, "building_id", code="no_building", id=building)
    if session.execute(BUILDING, {"district": scope.district, "id": building}).first() is None:
        raise InvalidInput(
            f"no building {building}", "building_id", code="no_building", id=building
        )


def _words(body: dict[str, Any]) -> dict[str, str | None]:
    for name in ("post", "unit", "reason"):
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > WORDS_LIMIT):
            message = f"{name} is text of at most {WORDS_LIMIT} characters"
            raise InvalidInput(message, name, code="too_long", most=WORDS_LIMIT)
    return {name: body.get(name) for name in ("post", "unit", "reason")}


def _state(session: Session, scope: Scope, incident_id: int) -> Any:
    asked = {"district": scope.district, "id": incident_id}
    if (state := session.execute(STATE, asked).first()) is None:
        raise NotFound(f"no incident {incident_id}", code="no_case", id=incident_id)
    return state
