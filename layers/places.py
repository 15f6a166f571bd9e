"""Whose a place is: the grids of all nets and levels, how sure that is, and who holds the posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.base import Scope

# A reported accuracy is the radius that holds the true position in 95 of 100 cases
# (W3C Geolocation API); of a round Gaussian that is 2.4477 standard deviations.
SIGMAS_OF_ACCURACY = 2.4477
EXACT_M = 0.001  # no position is better than to the millimetre; below it, numbers run out of digits


def sigma_of(accuracy_m: float | None) -> float | None:
    """Turn an accuracy (95 % radius, metres) into the standard deviation on each axis.

    Returns:
        Metres; None when the accuracy is not known, or finer than a millimetre.
    """
    if accuracy_m is None or accuracy_m < EXACT_M:
        return None
    return accuracy_m / SIGMAS_OF_ACCURACY


LOCATE = text("""
WITH spot AS MATERIALIZED (
    SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom
), near AS MATERIALIZED (
    SELECT g.* FROM spot, grids_at(:district, spot.geom, :sigma_m, :at, NULL) AS g
), told AS (
    SELECT n.*, json_build_object(
        'id', n.id, 'code', n.code, 'name', n.name, 'net', n.net, 'kind', n.kind,
        'level', n.level, 'answers', n.answers, 'chance', round(n.chance::numeric, 3),
        'duties', (
            SELECT COALESCE(json_agg(json_build_object(
                'post', d.post, 'title', d.title, 'holder', d.holder, 'phone', d.phone,
                'rank', d.rank, 'category', d.category, 'organisation', o.name)
                ORDER BY d.rank, d.id), '[]')
            FROM duties AS d LEFT JOIN organisations AS o
              ON o.district = d.district AND o.code = d.organisation_code
            WHERE d.district = :district AND d.grid_code = n.code
              AND d.valid @> CAST(:at AS timestamptz))
    ) AS line
    FROM near AS n
)
SELECT json_build_object(
    'point', json_build_array(CAST(:lon AS float8), CAST(:lat AS float8)),
    'valid_at', CAST(:at AS timestamptz),
    'areas', (
        SELECT COALESCE(json_agg(json_build_object('code', a.code, 'name', a.name,
                                                   'level', a.level) ORDER BY a.level), '[]')
        FROM areas AS a, spot
        WHERE a.district = :district AND a.valid @> CAST(:at AS timestamptz)
          AND ST_Intersects(a.geom, spot.geom)),
    'grids', (SELECT COALESCE(json_agg(line ORDER BY net, answers DESC, level DESC, code), '[]')
              FROM told WHERE covers),
    'neighbours', (SELECT COALESCE(json_agg(line ORDER BY chance DESC, code), '[]')
                   FROM told WHERE NOT covers AND chance > 0.005)
)::text
""")


@dataclass(frozen=True)
class Spot:
    """A place to ask about: degrees in EPSG:4326, 95 % accuracy in metres, and the time."""

    lon: float
    lat: float
    accuracy_m: float | None
    at: datetime


def locate(session: Session, scope: Scope, spot: Spot) -> str:
    """Tell the grids of all nets and levels at a place, with their posts, in one round trip."""
    asked = {
        "district": scope.district,
        "lon": spot.lon,
        "lat": spot.lat,
        "sigma_m": sigma_of(spot.accuracy_m),
        "at": spot.at,
    }
    return str(session.execute(LOCATE, asked).scalar_one())
