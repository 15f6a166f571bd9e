"""Move a case on: each move is a row of ``steps``, written with the change and its event."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Conflict, InvalidInput, NotFound
from geodata.geojson import check_lonlat
from layers.base import Json, Scope, Target

NEXT = {"accepted": "reported", "handling": "accepted", "closed": "handling"}

MOVE = text("""
WITH moved AS (
    UPDATE incidents SET stage = :stage, row_version = row_version + 1,
           closed_at = CASE WHEN :stage = 'closed' THEN now() END
    WHERE district = :district AND id = :id AND stage = :before
    RETURNING id, grid_code
), step AS (
    INSERT INTO steps (district, incident_id, stage_from, stage_to, post, unit, reason, evidence)
    SELECT :district, id, :before, :stage, :post, :unit, :reason, CAST(:evidence AS jsonb)
    FROM moved
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT :district, 'incidents', id, :stage, grid_code FROM moved
)
SELECT id FROM moved
""")

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
    SELECT stage, placed_by, ST_AsText(geom, 7) AS was FROM incidents
    WHERE district = :district AND id = :id AND closed_at IS NULL
), moved AS (
    UPDATE incidents AS i
    SET geom = spot.geom, grid_id = a.id, grid_code = a.code, row_version = row_version + 1,
        confidence = CASE WHEN a.id IS NULL THEN 0 ELSE 1 END, placed_by = 'operator'
    FROM spot LEFT JOIN answer AS a ON true
    WHERE i.district = :district AND i.id = :id AND i.closed_at IS NULL
    RETURNING i.id, i.stage, i.grid_code, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
), step AS (
    INSERT INTO steps (district, incident_id, stage_from, stage_to, post, unit, reason, evidence)
    SELECT :district, m.id, m.stage, m.stage, :post, :unit, :reason, jsonb_strip_nulls(
        jsonb_build_object('placed_by', 'operator', 'how', CAST(:how AS text), 'lon', m.lon,
            'lat', m.lat, 'building_id', CAST(:building_id AS bigint), 'address', spot.address,
            'before', before.was))
    FROM moved AS m, before, spot
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT :district, 'incidents', id, 'placed', grid_code FROM moved
)
SELECT id FROM moved
""")

STATE = text("SELECT stage FROM incidents WHERE district = :district AND id = :id")

STEPS = text("""
SELECT COALESCE(json_agg(json_build_object(
    'id', id, 'stage_from', stage_from, 'stage_to', stage_to, 'post', post, 'unit', unit,
    'reason', reason, 'at', at, 'evidence', evidence) ORDER BY id), '[]')::text
FROM steps WHERE district = :district AND incident_id = :id
""")


def take_step(session: Session, scope: Scope, case: Target, body: Json) -> None:
    """Move a case to its next stage: reported, accepted, handling, closed.

    Raises:
        InvalidInput: if the stage is none, or a member is not text.
        NotFound: if there is no such incident.
        Conflict: if the case is not in the stage before.
    """
    _only(body, {"stage", "post", "unit", "reason", "evidence"})
    stage = body.get("stage")
    if not isinstance(stage, str) or stage not in NEXT:
        raise InvalidInput(f"stage is one of {', '.join(NEXT)}, not {stage!r}", "stage")
    asked = _who(body) | {
        "district": scope.district,
        "id": case.id,
        "stage": stage,
        "before": NEXT[stage],
        "evidence": _evidence(body.get("evidence")),
    }
    if session.execute(MOVE, asked).first() is None:
        now = _stage(session, asked)
        raise Conflict(f"incident {case.id} is {now}, so it cannot become {stage}", "stage")


def place(session: Session, scope: Scope, case: Target, body: Json) -> None:
    """Put a case on the map by hand: at a building, or at a point in EPSG:4326.

    Raises:
        InvalidInput: without a building or a point on Earth.
        NotFound: if there is no such incident.
        Conflict: if the case is closed.
    """
    _only(body, {"lon", "lat", "building_id", "post", "unit", "reason"})
    building = body.get("building_id")
    lon, lat = body.get("lon"), body.get("lat")
    if building is None or lon is not None or lat is not None:
        _check_point(lon, lat)
    if building is not None:
        _check_building(session, scope, building)
    asked = _who(body) | {
        "district": scope.district,
        "id": case.id,
        "lon": lon,
        "lat": lat,
        "building_id": building,
        "how": "candidate" if building is not None else "map",
    }
    if session.execute(PLACE, asked).first() is None:
        raise Conflict(f"incident {case.id} is {_stage(session, asked)}; it stays in its place")


def _check_point(lon: Any, lat: Any) -> None:
    for name, value in (("lon", lon), ("lat", lat)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(f"{name} is a number, not {value!r}", name)
    check_lonlat(lon, lat)


def _check_building(session: Session, scope: Scope, building: Any) -> None:
    if isinstance(building, bool) or not isinstance(building, int):
        raise InvalidInput(f"building_id is a number, not {building!r}", "building_id")
    asked = text("SELECT 1 FROM buildings WHERE district = :district AND id = :id")
    if session.execute(asked, {"district": scope.district, "id": building}).first() is None:
        raise InvalidInput(f"no building {building}", "building_id")


def _only(body: Json, known: set[str]) -> None:
    if not isinstance(body, dict):
        raise InvalidInput("the body is not a JSON object", "body")
    if unknown := sorted(set(body) - known):
        raise InvalidInput(f"unknown member {unknown[0]!r}", unknown[0])


def _who(body: dict[str, Any]) -> dict[str, str | None]:
    for name in ("post", "unit", "reason"):
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > 400):
            raise InvalidInput(f"{name} is text of at most 400 characters", name)
    return {name: body.get(name) for name in ("post", "unit", "reason")}


def _evidence(given: Any) -> str:
    """Write what proves a step as JSON text."""
    if not isinstance(given, dict | None):
        raise InvalidInput("evidence is not an object", "evidence")
    return orjson.dumps(given or {}).decode()


def _stage(session: Session, asked: dict[str, Any]) -> str:
    stage = session.execute(STATE, asked).scalar()
    if stage is None:
        raise NotFound(f"no incident {asked['id']}")
    return str(stage)


def steps_of(session: Session, scope: Scope, incident_id: int) -> str:
    """List the steps of a case, oldest first, as JSON text."""
    asked = {"district": scope.district, "id": incident_id}
    _stage(session, asked)
    return str(session.execute(STEPS, asked).scalar_one())
