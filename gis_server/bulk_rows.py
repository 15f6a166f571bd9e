"""What a file is told of each feature that a question finds: the columns, and the statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Double, Select, String, Text, cast, func, literal_column, select

from geodata.crs import WGS84
from geodata.streams import Column, Head
from layers import paging
from layers.base import Field, Layer, Query, Scope
from layers.queries import visible
from layers.records import as_recorded
from layers.showing import feature_json, shown_fields

KINDS = {"object": "json", "array": "json", "period": "date-time"}
KEY, OTHER_KEY = "id", "feature_id"


def head(layer: Layer, query: Query) -> Head:
    """Describe the file that ``rows`` fill: the feature's id, then its properties.

    A period becomes two columns, ``valid_from`` and ``valid_to``.
    """
    names = {name.casefold() for name in layer.fields}
    columns = [Column(OTHER_KEY if KEY in names else KEY, "integer")]
    for field in shown_fields(layer, query):
        kind = KINDS.get(field.kind, field.kind)
        columns += [Column(name, kind) for name in _names(field)]
    shape = None if layer.geom is None else str(layer.geom.type.geometry_type)
    return Head(layer.title_zh, tuple(columns), query.crs.srid, shape)


def rows(layer: Layer, scope: Scope, query: Query) -> Select[Any]:
    """Select each feature's geometry as WKB, east first, then its id and its properties."""
    told: list[Any] = [_wkb(layer, query).label("wkb"), layer.table.id]
    for field in shown_fields(layer, query):
        told += _values(field)
    return _selected(layer, scope, query, told)


def texts(layer: Layer, scope: Scope, query: Query) -> Select[Any]:
    """Select each feature as GeoJSON text."""
    return _selected(layer, scope, query, [cast(feature_json(layer, query), String)])


def _selected(layer: Layer, scope: Scope, query: Query, told: list[Any]) -> Select[Any]:
    order = paging.order(layer, query) if query.sort else [layer.table.id]
    statement = (
        select(*told)
        .where(*visible(layer, scope, query))
        .order_by(*order)
        .limit(query.limit)
        .offset(query.offset or None)
    )
    return as_recorded(layer, query, statement)


def _wkb(layer: Layer, query: Query) -> Any:
    if layer.geom is None:
        return literal_column("NULL")
    moved = query.crs.srid != WGS84
    shape = func.ST_Transform(layer.geom, query.crs.srid) if moved else layer.geom
    return func.ST_AsBinary(shape, literal_column("'NDR'"))


def _names(field: Field) -> list[str]:
    return [f"{field.name}_from", f"{field.name}_to"] if field.kind == "period" else [field.name]


def _values(field: Field) -> list[Any]:
    if field.kind == "period":
        return [func.lower(field.column), func.upper(field.column)]
    if field.kind in ("object", "array"):
        return [func.nullif(cast(func.to_jsonb(field.column), Text), "null")]
    return [cast(field.column, Double) if field.kind == "number" else field.column]
