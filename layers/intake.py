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
from layers.gathering import Gathered
from layers.gazetteer import candidates_for
from layers.places import sigma_of
from layers.report import Report

# One statement, for one report or several: find the grid, take the key, store the incident, its
# first step and its event. The reply is made before anything is stored, so that a repeated key gets
# the same text.
STORE = Gathered(
    "store_incident",
    """
WITH asked AS MATERIALIZED (
    SELECT nextval('incidents_id_seq') AS id, r.*,
           CASE WHEN r.lon IS NOT NULL
                THEN ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326) END AS geom
    FROM json_to_recordset(:asked) AS r (
        nr int, lon float8, lat float8, district int, sigma_m float8, reported_at timestamptz,
        chosen text, time_zone text, category text, severity int, source text, external_id text,
        description text, address text, accuracy_m float8, source_crs text, certainty float8,
        candidates text, placed_by text, photos text, reporter text, account text, key text,
        body_sha bytea)
), told AS MATERIALIZED (
    SELECT a.nr, a.id, a.district, a.geom, a.chosen, a.account, a.key, a.body_sha, d.*,
           json_build_object(
               'type', 'Feature', 'id', a.id, 'geometry', ST_AsGeoJSON(a.geom, 7)::json,
               'properties', row_to_json(d))::text AS body
    FROM asked AS a CROSS JOIN LATERAL (
        SELECT to_char(a.reported_at AT TIME ZONE a.time_zone, 'YYYYMMDD')
                   || '-' || lpad(a.id::text, greatest(6, length(a.id::text)), '0') AS number,
               c.code AS category, COALESCE(a.severity, c.severity) AS severity, a.source,
               a.external_id, a.description, a.address, a.accuracy_m, a.source_crs,
               a.reported_at, 'reported' AS stage,
               limits.due_at, NULL::timestamptz AS closed_at, g.id AS grid_id, g.code AS grid_code,
               COALESCE(g.chance, 0) * a.certainty AS confidence,
               COALESCE(g.others, CAST(a.candidates AS jsonb)) AS candidates,
               a.placed_by, CAST(a.photos AS jsonb) AS photos,
               COALESCE(p.code, 'basic') AS procedure, COALESCE(p.edition, 1) AS edition,
               COALESCE(p.first_step, 'reported') AS step, p.first_level AS level,
               NULL::text AS unit, NULL::text AS post,
               CASE WHEN p.first_limit IS NULL THEN limits.due_at
                    ELSE least(limits.due_at, due_after(a.district, a.reported_at,
                                                        p.first_limit, p.first_unit))
               END AS step_due_at,
               a.reporter, true AS in_grid, 0 AS returns, 0 AS reworks,
               0 AS delays, 0 AS raises, false AS supervised, CAST('[]' AS jsonb) AS helpers,
               NULL::timestamptz AS asked_until, NULL::float8 AS paused_h,
               NULL::smallint AS rating, NULL::bigint AS duplicate_of,
               c.item AS category_title, c.department,
               (SELECT json_build_object('post', d.post, 'title', d.title, 'holder', d.holder,
                                         'phone', d.phone, 'organisation',
                                         (SELECT o.name FROM organisations AS o
                                          WHERE o.district = d.district
                                            AND o.code = d.organisation_code))
                FROM duties AS d
                WHERE d.district = a.district AND d.grid_code = g.code AND d.net = 'general'
                  AND d.holder <> '' AND d.valid @> a.reported_at
                  AND (d.category IS NULL OR d.category = a.category)
                ORDER BY d.category IS NULL, d.post NOT IN ('micro_leader', 'group_leader'),
                         d.rank, d.id
                LIMIT 1) AS duty
        FROM categories AS c
        LEFT JOIN procedures AS p
            ON p.district = a.district AND p.code = c.procedure AND upper_inf(p.valid)
        CROSS JOIN LATERAL (
            SELECT due_after(a.district, a.reported_at, c.limit_h, c.limit_unit) AS due_at
            OFFSET 0  -- asked once, however often it is used
        ) AS limits
        LEFT JOIN LATERAL answering_grid(
            a.district, a.geom, a.sigma_m, a.reported_at, a.chosen) AS g ON true
        WHERE c.district = a.district AND c.code = a.category
          AND (a.chosen IS NULL OR g.id IS NOT NULL)
        OFFSET 0
    ) AS d
), gate AS (
    INSERT INTO replies (district, key, body_sha, incident_id, reply)
    SELECT district, key, body_sha, id, body FROM told WHERE key IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING incident_id
), kept AS MATERIALIZED (
    SELECT * FROM told WHERE key IS NULL OR id IN (SELECT incident_id FROM gate)
), stored AS (
    INSERT INTO incidents (
        district, id, number, category, severity, source, external_id, description, address,
        accuracy_m, source_crs, reported_at, stage, due_at, grid_id, grid_code, confidence,
        candidates, placed_by, photos, procedure, edition, step, level, step_due_at, reporter,
        geom)
    SELECT district, id, number, category, severity, source, external_id, description, address,
           accuracy_m, source_crs, reported_at, stage, due_at, grid_id, grid_code, confidence,
           candidates, placed_by, photos, procedure, edition, step, level, step_due_at, reporter,
           geom
    FROM kept
), first_step AS (
    INSERT INTO steps (district, incident_id, move, step_to, stage_to, level, due_at, in_grid,
                       post, unit, actor, at, evidence)
    SELECT district, id, 'report', step, 'reported', level, due_at, true,
           reporter, source, account, reported_at,
           jsonb_strip_nulls(jsonb_build_object('placed_by', placed_by,
               'source_crs', source_crs, 'grid_chosen', chosen))
    FROM kept
), event AS (
    INSERT INTO outbox (district, layer, feature_id, kind, grid_code)
    SELECT district, 'incidents', id, 'reported', grid_code FROM kept
    UNION ALL
    -- Both sides of a border hear of a choice between them.
    SELECT district, 'incidents', k.id, 'chosen', c.other ->> 'grid_code'
    FROM kept AS k, jsonb_array_elements(k.candidates) AS c (other)
    WHERE k.chosen IS NOT NULL
)
SELECT nr, id, body FROM kept
""",
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
    digest = fingerprint(feature)
    asked = _asked(session, scope, received) | {"key": key, "body_sha": f"\\x{digest.hex()}"}
    try:
        row = STORE.row(session, asked)
    except IntegrityError as error:
        raise _translated(error, received) from error
    if row is not None:
        return Stored(*row)
    return _earlier(session, received, asked, digest)


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


def _earlier(session: Session, received: Report, asked: dict[str, Any], digest: bytes) -> Stored:
    """Tell why nothing was stored: an unknown category, or a key that was used before."""
    if session.execute(IS_CATEGORY, asked).first() is None:
        raise InvalidInput(f"unknown category {received.category!r}", "properties.category")
    before = session.execute(EARLIER, asked).first()
    if before is None:
        raise InvalidInput(f"grid {received.chosen!r} does not answer here", "properties.grid_code")
    if bytes(before.body_sha) != digest:
        raise Conflict("this Idempotency-Key was used for another incident", "Idempotency-Key")
    return Stored(before.incident_id, before.reply)
