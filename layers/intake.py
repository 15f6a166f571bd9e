"""Take in one incident: place it, store it with its first step and its event."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from struct import pack
from typing import Any, NamedTuple

import orjson
from shapely import Point
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geodata.errors import Conflict, InvalidInput
from geodata.geojson import Feature
from layers.base import Scope, Stored
from layers.gazetteer import candidates_for
from layers.places import sigma_of
from layers.prepared import Prepared
from layers.report import Report

# One statement: find the grid, take the key, store the incident, its first step and its event.
# The reply is made before anything is stored, so that a repeated key gets the same text.
STORE = Prepared(
    "store_incident",
    """
WITH place AS MATERIALIZED (
    SELECT nextval('incidents_id_seq') AS id,
           CASE WHEN CAST(:lon AS float8) IS NOT NULL
                THEN ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) END AS geom
), draft AS MATERIALIZED (
    SELECT to_char(CAST(:reported_at AS timestamptz) AT TIME ZONE :time_zone, 'YYYYMMDD')
               || '-' || lpad(place.id::text, greatest(6, length(place.id::text)), '0') AS number,
           c.code AS category, COALESCE(:severity, c.severity) AS severity, :source AS source,
           :external_id AS external_id, :description AS description, :address AS address,
           CAST(:accuracy_m AS float8) AS accuracy_m, :source_crs AS source_crs,
           CAST(:reported_at AS timestamptz) AS reported_at, 'reported' AS stage,
           limits.due_at, NULL::timestamptz AS closed_at, a.id AS grid_id, a.code AS grid_code,
           COALESCE(a.chance, 0) * CAST(:certainty AS float8) AS confidence,
           COALESCE(a.others, CAST(:candidates AS jsonb)) AS candidates,
           CAST(:placed_by AS text) AS placed_by, CAST(:photos AS jsonb) AS photos,
           COALESCE(p.code, 'basic') AS procedure, COALESCE(p.edition, 1) AS edition,
           COALESCE(p.first_step, 'reported') AS step, p.first_level AS level,
           NULL::text AS unit, NULL::text AS post,
           CASE WHEN p.first_limit IS NULL THEN limits.due_at
                ELSE least(limits.due_at, due_after(:district, CAST(:reported_at AS timestamptz),
                                                    p.first_limit, p.first_unit))
           END AS step_due_at,
           CAST(:reporter AS text) AS reporter, true AS in_grid, 0 AS returns, 0 AS reworks,
           0 AS delays, 0 AS raises, false AS supervised, CAST('[]' AS jsonb) AS helpers,
           NULL::timestamptz AS asked_until, NULL::float8 AS paused_h, NULL::smallint AS rating,
           NULL::bigint AS duplicate_of,
           c.item AS category_title, c.department,
           (SELECT json_build_object('post', d.post, 'title', d.title, 'holder', d.holder,
                                     'phone', d.phone, 'organisation',
                                     (SELECT o.name FROM organisations AS o
                                      WHERE o.district = d.district
                                        AND o.code = d.organisation_code))
            FROM duties AS d
            WHERE d.district = :district AND d.grid_code = a.code AND d.net = 'general'
              AND d.holder <> '' AND d.valid @> CAST(:reported_at AS timestamptz)
              AND (d.category IS NULL OR d.category = :category)
            ORDER BY d.category IS NULL, d.post NOT IN ('micro_leader', 'group_leader'),
                     d.rank, d.id
            LIMIT 1) AS duty
    FROM place
    JOIN categories AS c ON c.district = :district AND c.code = :category
    LEFT JOIN procedures AS p
        ON p.district = :district AND p.code = c.procedure AND upper_inf(p.valid)
    CROSS JOIN LATERAL (
        SELECT due_after(:district, CAST(:reported_at AS timestamptz), c.limit_h, c.limit_unit)
                   AS due_at
        OFFSET 0  -- asked once, however often it is used
    ) AS limits
    LEFT JOIN LATERAL answering_grid(
        :district, place.geom, :sigma_m, :reported_at, :chosen) AS a ON true
    WHERE CAST(:chosen AS text) IS NULL OR a.id IS NOT NULL
), told AS MATERIALIZED (
    SELECT place.id, json_build_object(
        'type', 'Feature', 'id', place.id, 'geometry', ST_AsGeoJSON(geom, 7)::json,
        'properties', row_to_json(draft))::text AS body
    FROM draft, place
), gate AS (
    INSERT INTO replies (district, key, body_sha, incident_id, reply)
    SELECT :district, :key, :body_sha, id, body FROM told WHERE CAST(:key AS text) IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING incident_id
), stored AS (
    INSERT INTO incidents (
        district, id, number, category, severity, source, external_id, description, address,
        accuracy_m, source_crs, reported_at, stage, due_at, grid_id, grid_code, confidence,
        candidates, placed_by, photos, procedure, edition, step, level, step_due_at, reporter,
        geom)
    SELECT :district, id, number, category, severity, source, external_id, description, address,
           accuracy_m, source_crs, reported_at, stage, due_at, grid_id, grid_code, confidence,
           candidates, placed_by, photos, procedure, edition, step, level, step_due_at, reporter,
           geom
    FROM draft, place
    WHERE CAST(:key AS text) IS NULL OR EXISTS (SELECT FROM gate)
    RETURNING *
), first_step AS (
    INSERT INTO steps (district, incident_id, move, step_to, stage_to, level, due_at, in_grid,
                       post, unit, actor, at, evidence)
    SELECT :district, s.id, 'report', s.step, 'reported', s.level, s.due_at, true,
           s.reporter, s.source, CAST(:account AS text), s.reported_at,
           jsonb_strip_nulls(jsonb_build_object('placed_by', s.placed_by,
               'source_crs', s.source_crs, 'grid_chosen', CAST(:chosen AS text)))
    FROM stored AS s
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT :district, 'incidents', id, 'reported', grid_code FROM stored
    UNION ALL
    -- Both sides of a border hear of a choice between them.
    SELECT :district, 'incidents', s.id, 'chosen', c.other ->> 'grid_code'
    FROM stored AS s, jsonb_array_elements(s.candidates) AS c (other)
    WHERE CAST(:chosen AS text) IS NOT NULL
)
SELECT id, body FROM told WHERE EXISTS (SELECT FROM stored)
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
        "reporter": "text",
        "account": "text",
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
        row = STORE.row(session, asked)
    except IntegrityError as error:
        raise _translated(error, received) from error
    if row is not None:
        return Stored(*row)
    return _earlier(session, received, asked)


def fingerprint(feature: Feature) -> bytes:
    """Digest what a feature says, whatever its spacing."""
    at = feature.geometry
    # Spelt out, the WKB of a point takes a tenth of the time.
    place = pack("<BIdd", 1, 1, at.x, at.y) if isinstance(at, Point) else b""
    words = orjson.dumps(dict(feature.properties), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(place + words).digest()


class Place(NamedTuple):
    """Where a report is put: degrees in EPSG:4326, None while its words wait in the tray.

    ``certainty`` is the chance that the point is the place that was meant; ``candidates`` are
    what the words of a report that waits may mean, as JSON.
    """

    lon: float | None
    lat: float | None
    placed_by: str | None = "point"
    certainty: float = 1.0
    candidates: str = "[]"


def place_of(session: Session, scope: Scope, received: Report) -> Place:
    """Tell where a report is to be put; words without a point are looked up."""
    if received.lon is not None:
        return Place(received.lon, received.lat)
    found = candidates_for(session, scope, received.address or received.description or "")
    best = found.placed
    if best is None:
        return Place(None, None, None, candidates=found.as_json())
    return Place(best.lon, best.lat, "address", best.score)


def _asked(session: Session, scope: Scope, received: Report) -> dict[str, Any]:
    """Bind what the statement asks for."""
    return {
        **vars(received),
        **place_of(session, scope, received)._asdict(),
        "district": scope.district,
        "time_zone": scope.time_zone,
        "sigma_m": sigma_of(received.accuracy_m),
        "photos": orjson.dumps(received.photos).decode(),
        "reporter": scope.reader.post,
        "account": scope.reader.account,
    }


def _translated(error: IntegrityError, received: Report) -> Exception:
    if "external_id" in str(error.orig):
        return Conflict(
            f"{received.source} has sent {received.external_id!r} before",
            "properties.external_id",
        )
    return error


def _earlier(session: Session, received: Report, asked: dict[str, Any]) -> Stored:
    """Tell why nothing was stored: an unknown category, or a key that was used before."""
    if session.execute(IS_CATEGORY, asked).first() is None:
        raise InvalidInput(f"unknown category {received.category!r}", "properties.category")
    before = session.execute(EARLIER, asked).first()
    if before is None:
        raise InvalidInput(f"grid {received.chosen!r} does not answer here", "properties.grid_code")
    if bytes(before.body_sha) != asked["body_sha"]:
        raise Conflict("this Idempotency-Key was used for another incident", "Idempotency-Key")
    return Stored(before.incident_id, before.reply)
