"""All about one grid: its posts, and what each layer says of its ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Numeric, String, cast, func, select, text
from sqlalchemy.orm import Session, aliased

from geodata.errors import NotFound
from layers.base import Layer, Scope
from layers.duties import Duty
from layers.grids import Grid
from layers.organisations import Organisation
from layers.queries import visible

ROWS = 20


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


def within(column: Any, ground: Ground) -> Any:
    """Pick the rows whose place is on the ground."""
    return func.ST_Intersects(column, ground.geom)


def _object(members: Mapping[str, Any]) -> Any:
    """Write a JSON object, in the database."""
    return func.json_build_object(*(part for member in members.items() for part in member))


def _section_json(layer: Layer, scope: Scope, section: Section) -> Any:
    """Write a section as one scalar subquery of JSON."""
    wanted = [*visible(layer, scope), section.where]
    about = {
        "layer": layer.name,
        "title": layer.title,
        "title_zh": layer.title_zh,
        "count": func.count(),
        "figures": _figures_json(section),
        "rows": _rows_json(layer, section, wanted),
    }
    return select(_object(about)).select_from(layer.table).where(*wanted).scalar_subquery()


def _figures_json(section: Section) -> Any:
    figures = []
    for name, value in section.figures.items():
        label, label_zh = name.split("|")
        told = {"label": label, "label_zh": label_zh, "value": func.coalesce(value, 0)}
        figures.append(_object(told))
    return func.json_build_array(*figures)


def _rows_json(layer: Layer, section: Section, wanted: list[Any]) -> Any:
    rows = (
        select(
            layer.table.id,
            cast(section.label, String).label("label"),
            cast(section.detail, String).label("detail"),
            func.ST_X(section.point).label("lon"),
            func.ST_Y(section.point).label("lat"),
        )
        .where(*wanted)
        .order_by(section.first, layer.table.id.desc())
        .limit(ROWS)
    )
    return _listed(rows)


def _listed(rows: Any) -> Any:
    """Write rows as a JSON array of objects, in their order."""
    listed = rows.subquery()
    line = func.row_to_json(listed.table_valued())
    return (
        select(func.coalesce(func.json_agg(line), text("'[]'")))
        .select_from(listed)
        .scalar_subquery()
    )


def dossier(session: Session, scope: Scope, layers: Mapping[str, Layer], grid_id: int) -> str:
    """Tell all about a grid in one round trip: itself, its posts, and what lies in it.

    Raises:
        NotFound: if there is no such grid.
    """
    grid = aliased(Grid)
    here = (grid.district == scope.district, grid.id == grid_id)
    ground = Ground(_own(grid.geom, here), select(_codes_below(grid.code, here, scope)))
    sections = [
        _section_json(layer, scope, layer.dossier(ground))
        for layer in layers.values()
        if layer.dossier
    ]
    told = {
        "grid": _about(grid),
        "duties": _duties_of(_own(grid.code, here), scope),
        "organisations": _organisations_of(_own(grid.village_code, here), scope),
        "sections": func.json_build_array(*sections),
    }
    found = session.execute(select(cast(_object(told), String)).where(*here)).scalar()
    if found is None:
        raise NotFound(f"no grid {grid_id}")
    return str(found)


def _about(grid: Any) -> Any:
    names = ("id", "code", "name", "kind", "net", "level", "parent_code", "village_code")
    inside = func.ST_PointOnSurface(grid.geom)
    return _object(
        {name: getattr(grid, name) for name in names}
        | {
            "area_m2": func.round(func.ST_Area(func.Geography(grid.geom)).cast(Numeric)),
            "center": func.json_build_array(func.ST_X(inside), func.ST_Y(inside)),
        }
    )


def _codes_below(code: Any, here: Any, scope: Scope) -> Any:
    """Find the codes of a grid and of all grids below it."""
    below = aliased(Grid)
    tree = select(code).where(*here).cte("tree", recursive=True)
    under = (below.district == scope.district, below.parent_code == tree.c.code)
    return tree.union(select(below.code).where(*under)).c.code


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
    )
    return _listed(held)


def _organisations_of(village: Any, scope: Scope) -> Any:
    """List the organisations of a village."""
    own = (
        select(Organisation.id, Organisation.name, Organisation.kind, Organisation.phone)
        .where(Organisation.district == scope.district, Organisation.area_code == village)
        .order_by(Organisation.kind.desc(), Organisation.id)
        .limit(ROWS)
    )
    return _listed(own)
