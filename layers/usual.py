"""Questions that are asked most, as SQL that is written once: to write it takes as long as to ask.

They are those for a box or for one feature of a layer that everybody may see. Each is planned
anew, as no plan is good for every box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Float, Integer, String, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.served_crs import ServedCrs
from layers.base import Layer, Query, Scope
from layers.periods import in_force
from layers.showing import feature_json

PLAIN = Query()
SIDES = ("west", "south", "east", "north")
WRITTEN = 512  # statements that are kept
DIALECT: Any = PGDialect_psycopg2()  # type: ignore[no-untyped-call]


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


def page(session: Session, layer: Layer, scope: Scope, query: Query) -> Sequence[Any]:
    """Read the ids and texts of a usual page, and of one feature more."""
    box = dict(zip(SIDES, query.bbox, strict=True)) if query.bbox else {}
    most = (query.limit or 0) + 1
    written = _page(layer, query.crs, bool(box))
    return written.run(session, district=scope.district, most=most, **box)


def one(session: Session, layer: Layer, scope: Scope, query: Query) -> Sequence[Any]:
    """Read the version and text of one feature; nothing if it is not there."""
    (number,) = query.ids or (0,)
    return _one(layer, query.crs).run(session, district=scope.district, number=number)


@lru_cache(WRITTEN)
def _page(layer: Layer, crs: ServedCrs, boxed: bool) -> Written:
    query = replace(PLAIN, crs=crs)
    statement = (
        select(layer.table.id, cast(feature_json(layer, query), String))
        .where(*_here(layer), *in_force(layer, query))
        .order_by(layer.table.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
    if boxed:
        sides = [bindparam(name, type_=Float) for name in SIDES]
        box = func.ST_MakeEnvelope(*sides, WGS84)
        statement = statement.where(func.ST_Intersects(layer.geom, box))
    return _written(statement)


@lru_cache(WRITTEN)
def _one(layer: Layer, crs: ServedCrs) -> Written:
    shown = cast(feature_json(layer, replace(PLAIN, crs=crs), layer.details), String)
    wanted = layer.table.id == bindparam("number", type_=BigInteger)
    return _written(select(layer.table.row_version, shown).where(*_here(layer), wanted))


def _here(layer: Layer) -> list[Any]:
    return [layer.table.district == bindparam("district", type_=Integer), *layer.only]


def _written(statement: Any) -> Written:
    compiled = statement.compile(dialect=DIALECT)
    return Written(str(compiled), compiled.params)
