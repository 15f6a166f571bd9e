"""Questions that are asked most, as SQL that is written once: to write it takes as long as to ask.

They are those for a box or for one feature of a layer that everybody may see. A box is planned
anew each time, as no plan is good for every box; but the few points of a small one are always found
best by place, and a feature by its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.served_crs import ServedCrs
from layers.base import Layer, Query, Scope
from layers.periods import in_force
from layers.prepared import Prepared
from layers.showing import feature_json
from layers.versions import Fetch

PLAIN = Query()
SIDES = ("west", "south", "east", "north")
WRITTEN = 512  # statements that are kept
FEW = 4000  # points in a box, which are sorted in less time than newer ones elsewhere are passed by
DIALECT: Any = PGDialect_psycopg2()  # type: ignore[no-untyped-call]
NAMED: Any = PGDialect_psycopg2(paramstyle="named")  # type: ignore[no-untyped-call]
TYPES: Mapping[str, str] = {
    **dict.fromkeys(SIDES, "double precision"),
    **dict.fromkeys(("district", "most"), "integer"),
    "number": "bigint",
}
KINDS: Mapping[type, str] = {int: "integer", float: "double precision"}  # of what never changes


def is_usual(layer: Layer, query: Query) -> bool:
    """Tell whether a question asks for a page of a box, or for the first page of all."""
    if layer.mask is not None or query.condition is not None or query.limit is None:
        return False
    if query.bbox is not None and (query.bbox[0] > query.bbox[2] or layer.geom is None):
        return False
    return query == replace(PLAIN, bbox=query.bbox, limit=query.limit, crs=query.crs)


def is_single(layer: Layer, query: Query) -> bool:
    """Tell whether a question asks for one feature as it is now, with all its properties."""
    if layer.mask is not None or query.condition is not None or len(query.ids or ()) != 1:
        return False
    return query == replace(PLAIN, ids=query.ids, crs=query.crs)


class Written(NamedTuple):
    """A statement as text, and those of its values that are always the same."""

    text: str
    values: Mapping[str, Any]

    def run(self, session: Session, **told: Any) -> Sequence[Any]:
        """Run it with the other values, for all its rows."""
        asked = session.connection().exec_driver_sql(self.text, {**self.values, **told})
        return asked.all()


class Planned(NamedTuple):
    """A statement that each connection plans once, with its values as in ``Written``."""

    statement: Prepared
    values: Mapping[str, Any]

    def fetched(self, fetch: Fetch, told: Mapping[str, Any]) -> Sequence[Any]:
        """Run it with the other values, for all its rows."""
        return fetch(self.statement, {**self.values, **told})


def page(session: Session, layer: Layer, scope: Scope, query: Query) -> Sequence[Any]:
    """Read the ids and texts of a usual page, and of one feature more."""
    box = dict(zip(SIDES, query.bbox, strict=True)) if query.bbox else {}
    most = (query.limit or 0) + 1
    written = _page(layer, query.crs, bool(box))
    return written.run(session, district=scope.district, most=most, **box)


def has_few(layer: Layer, query: Query) -> bool:
    """Tell whether a usual question may be one for the few points of a box (see ``few``)."""
    return query.bbox is not None and layer.geom.type.geometry_type == "POINT"


def few(fetch: Fetch, layer: Layer, scope: Scope, query: Query) -> Sequence[Any] | None:
    """Read the ids and texts of a usual page of points in a box, and of one more.

    Returns:
        None where more than ``FEW`` points lie in the box.
    """
    assert query.bbox is not None
    box = dict(zip(SIDES, query.bbox, strict=True))
    told = {"district": scope.district, "most": (query.limit or 0) + 1, **box}
    rows = _few(layer, query.crs).fetched(fetch, told)
    return None if rows and rows[0][0] is None else rows


def one(fetch: Fetch, layer: Layer, scope: Scope, query: Query) -> Sequence[Any]:
    """Read the version and text of one feature; nothing if it is not there."""
    (number,) = query.ids or (0,)
    told = {"district": scope.district, "number": number}
    return _one(layer, query.crs).fetched(fetch, told)


@lru_cache(WRITTEN)
def _page(layer: Layer, crs: ServedCrs, boxed: bool) -> Written:
    query = replace(PLAIN, crs=crs)
    statement = (
        select(layer.table.id, cast(feature_json(layer, query), String))
        .where(*_here(layer), *in_force(layer, query))
        .order_by(layer.table.id.desc())
        .limit(_most())
    )
    if boxed:
        box = func.ST_MakeEnvelope(*_sides(), WGS84)
        statement = statement.where(func.ST_Intersects(layer.geom, box))
    return _written(statement)


@lru_cache(WRITTEN)
def _few(layer: Layer, crs: ServedCrs) -> Planned:
    """Pick by the boxes in the index, then look at the points themselves, the newest first.

    Those are in the index too (see ``layers.base.point_index``): no other row is read than those
    that are shown. A row without an id says that there are too many.
    """
    own, box = layer.table, func.ST_MakeEnvelope(*_sides(), WGS84)
    near = (
        select(own.id, layer.geom.label("geom"))
        .where(*_here(layer), *in_force(layer, PLAIN), layer.geom.intersects(box))
        .limit(literal_column(str(FEW + 1)))
        .cte("near")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    beyond: Any = select(literal_column("1")).select_from(near).offset(literal_column(str(FEW)))
    crowd = select(beyond.exists().label("is_there")).cte("crowd")
    crowded = select(crowd.c.is_there).scalar_subquery()
    # The offset keeps the points from being looked at before they are sorted.
    newest = select(near).order_by(near.c.id.desc()).offset(literal_column("0")).subquery("newest")
    found = (
        select(newest.c.id)
        .where(func.ST_Intersects(newest.c.geom, box), ~crowded)
        .limit(_most())
        .subquery("found")
    )
    text = cast(feature_json(layer, replace(PLAIN, crs=crs)), String)
    rows = select(own.id, text.label("text")).join(found, own.id == found.c.id)
    warning = select(null(), null()).where(crowded)
    whole = union_all(rows.where(*_here(layer)), warning).subquery("whole")
    return _planned("few", layer, select(whole).order_by(whole.c.id.desc()))


@lru_cache(WRITTEN)
def _one(layer: Layer, crs: ServedCrs) -> Planned:
    shown = cast(feature_json(layer, replace(PLAIN, crs=crs), layer.details), String)
    wanted = layer.table.id == bindparam("number", type_=BigInteger)
    statement = select(layer.table.row_version, shown).where(*_here(layer), wanted)
    return _planned("one", layer, statement)


def _here(layer: Layer) -> list[Any]:
    return [layer.table.district == bindparam("district", type_=Integer), *layer.only]


def _most() -> Any:
    return bindparam("most", type_=Integer)


def _sides() -> list[Any]:
    return [bindparam(name, type_=Float) for name in SIDES]


def _written(statement: Any) -> Written:
    compiled = statement.compile(dialect=DIALECT)
    return Written(str(compiled), compiled.params)


def _planned(kind: str, layer: Layer, statement: Any) -> Planned:
    compiled = statement.compile(dialect=NAMED)
    types = {n: TYPES.get(n) or KINDS.get(type(v), "unknown") for n, v in compiled.params.items()}
    name = f"{kind}_{abs(hash((layer.name, layer.edition, compiled.string)))}"
    return Planned(Prepared(name, compiled.string, types), compiled.params)
