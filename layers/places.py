"""Questions about one place that several layers answer: whose it is, what is in it, where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Float,
    Integer,
    Numeric,
    String,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from geodata.errors import NotFound
from layers.base import Layer, Scope
from layers.duties import Duty
from layers.grids import Grid
from layers.organisations import Organisation

DOSSIER_ROWS = 20
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


class Ground(NamedTuple):
    """The ground of one grid: its shape, and its code with the codes of all grids below."""

    geom: Any
    codes: Any


@dataclass(frozen=True)
class Section:
    """What a layer says of a ground: figures, and its first rows.

    Attributes:
        figures: "English|中文" to an aggregate.
        where: which rows lie on the ground.
        label: names a row; ``detail`` says more of it.
        point: where a click flies to.
        first: the order of the rows.
    """

    figures: Mapping[str, Any]
    where: Any
    label: Any
    detail: Any
    point: Any
    first: Any


def within(table: Any, column: Any, ground: Ground) -> Any:
    """Pick the rows whose place is on the ground."""
    return func.ST_Intersects(column, ground.geom)


def section_json(layer: Layer, section: Section) -> Any:
    """Write a section as one scalar subquery of JSON."""
    figures = func.json_build_array(
        *[
            func.json_build_object(
                "label",
                name.split("|")[0],
                "label_zh",
                name.split("|")[1],
                "value",
                func.coalesce(value, 0),
            )
            for name, value in section.figures.items()
        ]
    )
    rows = (
        select(
            layer.table.id,
            cast(section.label, String).label("label"),
            cast(section.detail, String).label("detail"),
            func.ST_X(section.point).label("lon"),
            func.ST_Y(section.point).label("lat"),
        )
        .where(section.where)
        .order_by(section.first, layer.table.id.desc())
        .limit(DOSSIER_ROWS)
        .subquery()
    )
    listed = select(func.coalesce(func.json_agg(func.row_to_json(rows.table_valued())), "[]"))
    return (
        select(
            func.json_build_object(
                "layer",
                layer.name,
                "title",
                layer.title,
                "title_zh",
                layer.title_zh,
                "count",
                func.count(),
                "figures",
                figures,
                "rows",
                listed.scalar_subquery(),
            )
        )
        .select_from(layer.table)
        .where(section.where)
        .scalar_subquery()
    )


def dossier(session: Session, scope: Scope, layers: Mapping[str, Layer], grid_id: int) -> str:
    """Tell all about a grid in one round trip: itself, its posts, and what lies in it.

    Raises:
        NotFound: if there is no such grid.
    """
    grid = aliased(Grid)
    here = (grid.district == scope.district, grid.id == grid_id)
    below = aliased(Grid)
    tree = select(grid.code).where(*here).cte("tree", recursive=True)
    tree = tree.union(
        select(below.code).where(below.district == scope.district, below.parent_code == tree.c.code)
    )
    ground = Ground(select(grid.geom).where(*here).scalar_subquery(), select(tree.c.code))
    sections = [
        section_json(layer, layer.dossier(ground)) for layer in layers.values() if layer.dossier
    ]
    about = func.json_build_object(
        "id",
        grid.id,
        "code",
        grid.code,
        "name",
        grid.name,
        "kind",
        grid.kind,
        "net",
        grid.net,
        "level",
        grid.level,
        "parent_code",
        grid.parent_code,
        "village_code",
        grid.village_code,
        "area_m2",
        func.round(func.ST_Area(func.Geography(grid.geom)).cast(Numeric)),
        "center",
        func.json_build_array(
            func.ST_X(func.ST_PointOnSurface(grid.geom)),
            func.ST_Y(func.ST_PointOnSurface(grid.geom)),
        ),
    )
    asked = select(
        cast(
            func.json_build_object(
                "grid",
                about,
                "duties",
                _duties_of(_own(grid.code, here), scope),
                "organisations",
                _organisations_of(_own(grid.village_code, here), scope),
                "sections",
                func.json_build_array(*sections),
            ),
            String,
        )
    ).where(*here)
    found = session.execute(asked).scalar()
    if found is None:
        raise NotFound(f"no grid {grid_id}")
    return str(found)


def _own(column: Any, here: Any) -> Any:
    return select(column).where(*here).scalar_subquery()


def _duties_of(code: Any, scope: Scope) -> Any:
    """List the posts of a grid with who holds them now."""
    organisation = (
        select(Organisation.name)
        .where(Organisation.district == scope.district, Organisation.code == Duty.organisation_code)
        .limit(1)
        .scalar_subquery()
    )
    held = (
        select(
            Duty.post,
            Duty.title,
            Duty.holder,
            Duty.phone,
            Duty.rank,
            Duty.category,
            organisation.label("organisation"),
        )
        .where(
            Duty.district == scope.district,
            Duty.grid_code == code,
            Duty.valid.op("@>")(func.now()),
        )
        .order_by(Duty.rank, Duty.id)
        .subquery()
    )
    return (
        select(func.coalesce(func.json_agg(func.row_to_json(held.table_valued())), text("'[]'")))
        .select_from(held)
        .scalar_subquery()
    )


def _organisations_of(village: Any, scope: Scope) -> Any:
    """List the organisations of a village."""
    own = (
        select(Organisation.id, Organisation.name, Organisation.kind, Organisation.phone)
        .where(Organisation.district == scope.district, Organisation.area_code == village)
        .order_by(Organisation.kind.desc(), Organisation.id)
        .limit(DOSSIER_ROWS)
        .subquery()
    )
    return (
        select(func.coalesce(func.json_agg(func.row_to_json(own.table_valued())), text("'[]'")))
        .select_from(own)
        .scalar_subquery()
    )


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


SEARCH_ROWS_PER_LAYER = 8


def search(
    session: Session, scope: Scope, layers: Mapping[str, Layer], words: str
) -> list[dict[str, Any]]:
    """Find features whose name or code contains the words, the closest first."""
    parts = [_matches(layer, scope, words) for layer in layers.values() if layer.search]
    asked = union_all(*parts).subquery()
    rows = session.execute(select(asked).order_by(asked.c.score.desc(), asked.c.label)).mappings()
    return [dict(row) for row in rows]


def _matches(layer: Layer, scope: Scope, words: str) -> Any:
    table = layer.table
    columns = [cast(table.__table__.c[name], String) for name in layer.search]
    label = func.coalesce(*columns, "")
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    point = func.ST_PointOnSurface(layer.geom)
    closeness = func.greatest(
        *[
            func.coalesce(len(words) * 1.0 / func.nullif(func.length(c), 0), 0.0)
            * func.coalesce(cast(c.ilike(pattern), Integer), 0)
            for c in columns
        ]
    )
    found = (
        select(
            literal(layer.name).label("layer"),
            table.id.label("id"),
            label.label("label"),
            func.concat_ws(" · ", *columns).label("detail"),
            func.ST_X(point).label("lon"),
            func.ST_Y(point).label("lat"),
            cast(closeness, Float).label("score"),
        )
        .where(table.district == scope.district, or_(*[c.ilike(pattern) for c in columns]))
        .order_by(cast(closeness, Float).desc())
        .limit(SEARCH_ROWS_PER_LAYER)
    )
    return select(found.subquery())
