"""How a row is shown: as GeoJSON text that PostGIS writes, in the system that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Numeric, case, cast, func, literal, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from geodata.crs import WGS84
from layers.base import Field, Layer, Query, field_of

EXACT = 1e15  # up to here every whole number of 8 bytes is written in all its digits
PAIRS = 45  # PostgreSQL takes 100 arguments, two for each property


def feature_json(layer: Layer, query: Query, more: Sequence[str] = ()) -> Any:
    """Write one row as GeoJSON, in the database, with some columns beside the properties.

    The foreign member ``version`` is what a change of the row is based on, as its ETag tells too.
    """
    columns = layer.table.__table__.c
    return func.json_build_object(
        literal_column("'type'"),
        literal_column("'Feature'"),
        literal_column("'id'"),
        columns["id"],
        literal_column("'version'"),
        columns["row_version"],
        literal_column("'geometry'"),
        _geometry(layer, query),
        literal_column("'properties'"),
        _properties(layer, query, [field_of(columns[name]) for name in more]),
    )


def shape_of(layer: Layer, query: Query) -> Any:
    """Give the geometry in the system that was asked for, in its axis order."""
    shape, crs = layer.geom, query.crs
    if crs.srid != WGS84:
        shape = func.ST_Transform(shape, crs.srid)
    return func.ST_FlipCoordinates(shape) if crs.flipped else shape


def shown_fields(layer: Layer, query: Query) -> list[Field]:
    """Pick the properties that were asked for, in the layer's order."""
    wanted = layer.fields if query.shown is None else query.shown
    return [field for name, field in layer.fields.items() if name in wanted]


def shown_value(field: Field) -> Any:
    """Show a period as two ISO times, and a whole number of a property of fractions as 6.0.

    By the point readers that look at the first values only (GDAL) tell such a property from one of
    whole numbers.
    """
    if field.kind == "period":
        return func.json_build_array(func.lower(field.column), func.upper(field.column))
    if field.kind == "number":
        whole = (field.column == func.trunc(field.column)) & (func.abs(field.column) < EXACT)
        pointed = func.to_json(cast(field.column, Numeric(16, 1)))
        return case((whole, pointed), else_=func.to_json(field.column))
    return field.column


def _geometry(layer: Layer, query: Query) -> Any:
    if layer.geom is None:
        return literal_column("NULL")
    text = func.ST_AsGeoJSON(shape_of(layer, query), query.crs.digits, 0)
    return text.op("::")(literal_column("json"))


def _properties(layer: Layer, query: Query, more: list[Field]) -> Any:
    if layer.bag is not None and query.shown is None:
        return layer.bag
    fields = [*shown_fields(layer, query), *more]
    parts = [fields[start : start + PAIRS] for start in range(0, len(fields), PAIRS)] or [[]]
    if len(parts) == 1:
        return func.json_build_object(*_members(layer, parts[0]))
    whole: Any = func.jsonb_build_object(*_members(layer, parts[0]))
    for part in parts[1:]:
        whole = whole.op("||", return_type=JSONB)(func.jsonb_build_object(*_members(layer, part)))
    return cast(whole, JSON)


def _members(layer: Layer, fields: Sequence[Field]) -> list[Any]:
    members: list[Any] = []
    for field in fields:
        # Names of columns are ours; those of a file's properties may hold anything.
        name = literal(field.name) if layer.schema else literal_column(f"'{field.name}'")
        members += [name, shown_value(field)]
    return members
