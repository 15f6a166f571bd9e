"""Read what a client sends of a register's row: each property, and the shape."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from geoalchemy2 import Geometry
from geoalchemy2.shape import to_shape
from shapely import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import TextClause, func

from geodata.crs import WGS84
from geodata.errors import InvalidGeometry, InvalidInput
from layers.base import Field, Register, field_of
from layers.edits import Given
from layers.property_values import read_value
from layers.registers import MANAGED

SOURCE = "source_crs"
SAME_PLACE_DEG = 1e-7
SINGLE: Mapping[str, tuple[type[BaseGeometry], type[BaseGeometry]]] = {
    "MULTIPOLYGON": (Polygon, MultiPolygon),
    "MULTILINESTRING": (LineString, MultiLineString),
    "MULTIPOINT": (Point, MultiPoint),
}

Values = dict[str, Any]


def fields_of(register: type[Register]) -> Mapping[str, Field]:
    """List the properties that a client may send of a register's row, by name."""
    columns: Any = register.__table__.columns
    return {
        column.name: field_of(column)
        for column in columns
        if column.name not in MANAGED | {SOURCE}
        and not column.computed
        and not isinstance(column.type, Geometry)
    }


def read_properties(table: Any, fields: Mapping[str, Field], given: Mapping[str, Any]) -> Values:
    """Read the properties that are given.

    Raises:
        InvalidInput: naming the one that is unknown, or of the wrong kind.
    """
    if unknown := sorted(set(given) - set(fields)):
        raise InvalidInput(
            f"{table.name} have no property {unknown[0]!r}", f"properties.{unknown[0]}"
        )
    return {
        name: None if value is None else read_value(fields[name], value)
        for name, value in given.items()
    }


def check_nulls(fields: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    """Refuse null where a row always has a value, and a code that is hard to tell apart.

    Raises:
        InvalidInput: naming the property.
    """
    for name, value in values.items():
        if value is None and name in fields and not fields[name].nullable:
            raise InvalidInput(f"{name} cannot be null", f"properties.{name}")
    code = values.get("code")
    if isinstance(code, str) and (not code or code != code.strip() or not code.isprintable()):
        raise InvalidInput(f"no usable code: {code!r}", "properties.code")


def check_complete(table: Any, fields: Mapping[str, Field], values: Collection[str]) -> None:
    """Refuse a row that lacks what every row has.

    Raises:
        InvalidInput: naming the property, or ``geometry``.
    """
    for name, one in fields.items():
        if name not in values and not one.nullable and one.column.server_default is None:
            raise InvalidInput(f"{name} is missing", f"properties.{name}")
    if "geom" in table.c and not table.c.geom.nullable and "geom" not in values:
        raise InvalidInput("the geometry is missing", "geometry")


def read_shape(table: Any, given: Given) -> Values:
    """Give the columns that a geometry fills; none when no geometry is given.

    A single shape becomes a multiple one where the table holds those.

    Raises:
        InvalidGeometry: if the table holds other shapes, none, or none that is null.
    """
    if not given.placed or ("geom" not in table.c and given.geometry is None):
        return {}
    if "geom" not in table.c:
        raise InvalidGeometry(f"{table.name} have no place", "geometry")
    if given.geometry is not None:
        fitting = _fitting(table.c.geom.type.geometry_type, given.geometry)
        return {"geom": fitting, SOURCE: given.source_crs}
    if not table.c.geom.nullable:
        raise InvalidGeometry("the geometry cannot be null", "geometry")
    return {"geom": None, SOURCE: None}


def stored_as(values: Mapping[str, Any]) -> Values:
    """Write a shape as SQL; every other value is stored as it is."""
    return {
        name: func.ST_GeomFromWKB(value.wkb, WGS84) if isinstance(value, BaseGeometry) else value
        for name, value in values.items()
    }


def differs(row: Any, name: str, value: Any) -> bool:
    """Tell whether a value is another than a row holds.

    A shape that was read, which has seven decimals, is the same when it is sent again.
    """
    held = row._mapping[name]
    if isinstance(value, BaseGeometry) and held is not None:
        return not to_shape(held).equals_exact(value, SAME_PLACE_DEG)
    # A default is known to the database alone.
    return isinstance(value, TextClause) or bool(held != value)


def _fitting(kind: str, shape: BaseGeometry) -> BaseGeometry:
    single, multiple = SINGLE.get(kind, (None, None))
    if single and multiple and isinstance(shape, single):
        return multiple([shape])
    if kind not in ("GEOMETRY", shape.geom_type.upper()):
        raise InvalidGeometry(
            f"a {shape.geom_type} where the layer holds {kind.lower()}s", "geometry.type"
        )
    return shape


def merge_patch(stored: Any, patch: Any) -> Any:
    """Apply a merge patch to a JSON value.

    Source: RFC 7396, section 2.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(stored) if isinstance(stored, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
