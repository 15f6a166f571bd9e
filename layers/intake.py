"""Take in one incident: understand it, place it, store it with its first step and its event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import orjson
from shapely import Point
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geodata.crs import SourceCrs
from geodata.errors import Conflict, InvalidGeometry, InvalidInput
from geodata.geojson import Feature, check_lonlat
from layers.base import Scope, Stored
from layers.gazetteer import candidates_for
from layers.places import sigma_of
from layers.prepared import Prepared

AHEAD = timedelta(minutes=5)
WGS84_NAME = "EPSG:4326"
TEXT_LIMITS = {
    "category": 32,
    "source": 64,
    "external_id": 128,
    "description": 4000,
    "address": 400,
    "crs": 4000,
    "grid_code": 32,
}
KNOWN = frozenset(TEXT_LIMITS) | {"severity", "accuracy_m", "reported_at", "photos"}
ACCURACY_LIMIT_M = 100_000
MOST_PHOTOS = 20


@dataclass(frozen=True)
class Report:
    """A posted incident that is understood but not yet placed.

    ``lon`` and ``lat`` are EPSG:4326; None when there are words only. ``chosen`` is the code of
    the grid that the reporter chose at a border.
    """

    category: str
    severity: int | None
    source: str
    external_id: str | None
    description: str | None
    address: str | None
    accuracy_m: float | None
    source_crs: str
    reported_at: datetime
    photos: list[str]
    chosen: str | None
    lon: float | None
    lat: float | None

    @classmethod
    def parse(cls, feature: Feature, now: datetime) -> Report:
        """Check a feature member by member.

        Raises:
            InvalidInput: naming the member that is wrong.
        """
        given = feature.properties
        if unknown := sorted(set(given) - KNOWN):
            raise InvalidInput(
                f"an incident has no property {unknown[0]!r}", f"properties.{unknown[0]}"
            )
        if not given.get("category"):
            raise InvalidInput("an incident needs a category", "properties.category")
        words = {name: _words(given, name) for name in TEXT_LIMITS}
        crs = words["crs"] or WGS84_NAME
        lon, lat = _position(feature, crs)
        if lon is None and not (words["address"] or words["description"]):
            raise InvalidInput("an incident needs a point, an address or a description", "geometry")
        return cls(
            category=words["category"] or "",
            severity=_severity(given.get("severity")),
            source=words["source"] or "api",
            external_id=words["external_id"],
            description=words["description"],
            address=words["address"],
            accuracy_m=_accuracy(given.get("accuracy_m")),
            source_crs=crs,
            reported_at=_time(given.get("reported_at"), now),
            photos=_photos(given.get("photos")),
            chosen=words["grid_code"],
            lon=lon,
            lat=lat,
        )


def _words(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    member = f"properties.{name}"
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is text, not {value!r}", member)
    if len(value) > TEXT_LIMITS[name]:
        raise InvalidInput(f"{name} has more than {TEXT_LIMITS[name]} characters", member)
    return value.strip() or None


def _severity(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 4:
        raise InvalidInput(f"severity is 1, 2, 3 or 4, not {value!r}", "properties.severity")
    return value


def _accuracy(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise InvalidInput(f"accuracy_m is a number, not {value!r}", "properties.accuracy_m")
    if not 0 <= value <= ACCURACY_LIMIT_M:
        raise InvalidInput(
            f"accuracy_m is 0…{ACCURACY_LIMIT_M} metres, not {value!r}", "properties.accuracy_m"
        )
    return float(value)


def _time(value: Any, now: datetime) -> datetime:
    member = "properties.reported_at"
    if value is None:
        return now
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"reported_at is no ISO 8601 time: {value!r}", member) from error
    if at.tzinfo is None:
        raise InvalidInput(f"reported_at needs a time zone: {value!r}", member)
    if at > now + AHEAD:
        raise InvalidInput(f"reported_at {value} is more than 5 minutes ahead", member)
    if at.year < 1970:
        raise InvalidInput(f"reported_at {value} is before 1970", member)
    return at.astimezone(UTC)


def _photos(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, str) and len(v) < 400 for v in value):
        raise InvalidInput("photos is a list of references", "properties.photos")
    if len(value) > MOST_PHOTOS:
        raise InvalidInput(f"more than {MOST_PHOTOS} photos: {len(value)}", "properties.photos")
    return value


def _position(feature: Feature, crs: str) -> tuple[float | None, float | None]:
    if feature.geometry is None:
        _known_crs(crs, "properties.crs")
        return None, None
    if not isinstance(feature.geometry, Point):
        raise InvalidGeometry(
            f"an incident is a point, not a {feature.geometry.geom_type}", "geometry.type"
        )
    lon, lat = to_lonlat(feature.geometry.x, feature.geometry.y, crs)
    check_lonlat(lon, lat, "geometry.coordinates[0]", "geometry.coordinates[1]")
    return lon, lat


def _known_crs(crs: str, member: str) -> SourceCrs:
    try:
        return SourceCrs.parse(crs)
    except InvalidInput as error:
        raise InvalidInput(error.message, member) from error


def to_lonlat(x: float, y: float, crs: str, member: str = "properties.crs") -> tuple[float, float]:
    """Convert one position of a declared CRS to EPSG:4326.

    Raises:
        InvalidInput: naming ``member`` if the CRS is unknown or has no such place. Degrees that
            are EPSG:4326 already are not checked.
    """
    if crs == WGS84_NAME:
        return x, y
    source = _known_crs(crs, member)
    try:
        return source.point_to_wgs84(x, y)
    except InvalidInput as error:
        raise InvalidInput(error.message, member) from error


# One statement: find the grid, take the key, store the incident, its first step and its event.
# The reply is made before anything is stored, so that a repeated key gets the same text.
STORE = Prepared(
    "store_incident",
    """
WITH place AS MATERIALIZED (
    SELECT CASE WHEN CAST(:lon AS float8) IS NULL THEN NULL
                ELSE ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) END AS geom
), spot AS MATERIALIZED (
    SELECT g.* FROM place, grids_at(
        :district, place.geom, :sigma_m, :reported_at, 'general') AS g
    WHERE place.geom IS NOT NULL
), answer AS MATERIALIZED (
    -- At a border the reporter may have chosen among the likely grids.
    SELECT * FROM spot
    WHERE CASE WHEN CAST(:chosen AS text) IS NULL THEN answers
               ELSE code = :chosen AND (answers OR chance > 0.1) END
    LIMIT 1
), draft AS MATERIALIZED (
    SELECT n.id,
           to_char(CAST(:reported_at AS timestamptz) AT TIME ZONE :time_zone, 'YYYYMMDD')
               || '-' || lpad(n.id::text, greatest(6, length(n.id::text)), '0') AS number,
           c.code AS category, COALESCE(:severity, c.severity) AS severity, :source AS source,
           :external_id AS external_id, :description AS description, :address AS address,
           CAST(:accuracy_m AS float8) AS accuracy_m, :source_crs AS source_crs,
           CAST(:reported_at AS timestamptz) AS reported_at, 'reported' AS stage,
           CAST(:reported_at AS timestamptz) + make_interval(secs => c.limit_h * 3600) AS due_at,
           NULL::timestamptz AS closed_at, a.id AS grid_id, a.code AS grid_code,
           COALESCE(a.chance, 0) * CAST(:certainty AS float8) AS confidence,
           CASE WHEN place.geom IS NULL THEN CAST(:candidates AS jsonb)
                ELSE (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                          'grid_code', s.code, 'name', s.name,
                          'chance', round(s.chance::numeric, 3))
                          ORDER BY s.chance DESC, s.code), '[]')
                      FROM spot AS s
                      WHERE s.id <> a.id AND s.chance > 0.1 AND s.level >= a.level)
           END AS candidates,
           CAST(:placed_by AS text) AS placed_by, CAST(:photos AS jsonb) AS photos,
           place.geom, c.item AS category_title, c.department,
           (SELECT json_build_object('post', d.post, 'title', d.title, 'holder', d.holder,
                                     'phone', d.phone, 'organisation', o.name)
            FROM duties AS d LEFT JOIN organisations AS o
              ON o.district = d.district AND o.code = d.organisation_code
            WHERE d.district = :district AND d.grid_code = a.code AND d.net = 'general'
              AND d.holder <> '' AND d.valid @> CAST(:reported_at AS timestamptz)
              AND (d.category IS NULL OR d.category = :category)
            ORDER BY d.category IS NULL, d.post NOT IN ('micro_leader', 'group_leader'),
                     d.rank, d.id
            LIMIT 1) AS duty
    FROM place
    CROSS JOIN LATERAL (SELECT nextval('incidents_id_seq') AS id) AS n
    JOIN categories AS c ON c.district = :district AND c.code = :category
    LEFT JOIN answer AS a ON true
    WHERE CAST(:chosen AS text) IS NULL OR a.id IS NOT NULL
), told AS MATERIALIZED (
    SELECT draft.id, json_build_object(
        'type', 'Feature', 'id', draft.id, 'geometry', ST_AsGeoJSON(geom, 7)::json,
        'properties', to_jsonb(draft) - 'id' - 'geom')::text AS body
    FROM draft
), gate AS (
    INSERT INTO replies (district, key, body_sha, incident_id, reply)
    SELECT :district, :key, :body_sha, id, body FROM told WHERE CAST(:key AS text) IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING incident_id
), stored AS (
    INSERT INTO incidents (
        district, id, number, category, severity, source, external_id, description, address,
        accuracy_m, source_crs, reported_at, stage, due_at, grid_id, grid_code, confidence,
        candidates, placed_by, photos, geom)
    SELECT :district, id, number, category, severity, source, external_id, description, address,
           accuracy_m, source_crs, reported_at, stage, due_at, grid_id, grid_code, confidence,
           candidates, placed_by, photos, geom
    FROM draft
    WHERE CAST(:key AS text) IS NULL OR EXISTS (SELECT FROM gate)
    RETURNING id, grid_code
), first_step AS (
    INSERT INTO steps (district, incident_id, stage_to, unit, at, evidence)
    SELECT :district, s.id, 'reported', d.source, d.reported_at,
           jsonb_strip_nulls(jsonb_build_object('placed_by', d.placed_by,
               'source_crs', d.source_crs, 'grid_chosen', CAST(:chosen AS text)))
    FROM stored AS s JOIN draft AS d ON d.id = s.id
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT :district, 'incidents', id, 'reported', grid_code FROM stored
    UNION ALL
    -- Both sides of a border hear of a choice between them.
    SELECT :district, 'incidents', s.id, 'chosen', c.other ->> 'grid_code'
    FROM stored AS s JOIN draft AS d ON d.id = s.id,
         LATERAL jsonb_array_elements(d.candidates) AS c (other)
    WHERE CAST(:chosen AS text) IS NOT NULL
)
SELECT told.id, told.body FROM told JOIN stored ON stored.id = told.id
""",
    {
        "lon": "float8",
        "lat": "float8",
        "district": "int",
        "sigma_m": "float8",
        "reported_at": "timestamptz",
        "chosen": "text",
        "time_zone": "text",
        "category": "text",
        "severity": "int",
        "source": "text",
        "external_id": "text",
        "description": "text",
        "address": "text",
        "accuracy_m": "float8",
        "source_crs": "text",
        "certainty": "float8",
        "candidates": "jsonb",
        "placed_by": "text",
        "photos": "jsonb",
        "key": "text",
        "body_sha": "bytea",
    },
)

EARLIER = text(
    "SELECT body_sha, incident_id, reply FROM replies WHERE district = :district AND key = :key"
)
IS_CATEGORY = text("SELECT 1 FROM categories WHERE district = :district AND code = :category")


def report(session: Session, scope: Scope, feature: Feature, key: str | None = None) -> Stored:
    """Store a posted incident in the grid that covers it, or in the unlocated tray.

    Args:
        session: an open session.
        scope: the district it belongs to.
        feature: a point or no geometry, with the incident's properties.
        key: the Idempotency-Key; the same key and feature get the first answer again.

    Returns:
        The incident as it was stored.

    Raises:
        InvalidInput: naming the member that is wrong.
        Conflict: if the key was used for another feature, or the source has sent that id.
    """
    received = Report.parse(feature, datetime.now(UTC))
    asked = _asked(session, scope, received) | {"key": key, "body_sha": fingerprint(feature)}
    try:
        row = STORE.run(session, asked).first()
    except IntegrityError as error:
        raise _translated(error, received) from error
    if row is not None:
        return Stored(row.id, row.body)
    return _earlier(session, scope, received, asked)


def fingerprint(feature: Feature) -> bytes:
    """Digest what a feature says, whatever its spacing."""
    place = feature.geometry.wkb if feature.geometry else b""
    words = orjson.dumps(dict(feature.properties), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(place + words).digest()


def _asked(session: Session, scope: Scope, received: Report) -> dict[str, Any]:
    """Bind what the statement asks for; words without a point are looked up first."""
    lon, lat, certainty, candidates = received.lon, received.lat, 1.0, "[]"
    placed_by: str | None = "point"
    if lon is None:
        found = candidates_for(session, scope, received.address or received.description or "")
        candidates, placed_by = found.as_json(), None
        if found.placed is not None:
            lon, lat, placed_by = found.placed.lon, found.placed.lat, "address"
            certainty = found.placed.score
    return {
        **vars(received),
        "district": scope.district,
        "time_zone": scope.time_zone,
        "lon": lon,
        "lat": lat,
        "sigma_m": sigma_of(received.accuracy_m),
        "placed_by": placed_by,
        "certainty": certainty,
        "candidates": candidates,
        "photos": orjson.dumps(received.photos).decode(),
    }


def _translated(error: IntegrityError, received: Report) -> Exception:
    if "external_id" in str(error.orig):
        return Conflict(
            f"{received.source} has sent {received.external_id!r} before",
            "properties.external_id",
        )
    return error


def _earlier(session: Session, scope: Scope, received: Report, asked: dict[str, Any]) -> Stored:
    """Tell why nothing was stored: an unknown category, or a key that was used before."""
    if session.execute(IS_CATEGORY, asked).first() is None:
        raise InvalidInput(f"unknown category {received.category!r}", "properties.category")
    before = session.execute(EARLIER, asked).first()
    if before is None:
        raise InvalidInput(f"grid {received.chosen!r} does not answer here", "properties.grid_code")
    if bytes(before.body_sha) != asked["body_sha"]:
        raise Conflict("this Idempotency-Key was used for another incident", "Idempotency-Key")
    return Stored(before.incident_id, before.reply)
