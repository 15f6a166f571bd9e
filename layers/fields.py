"""Fit a file's columns to a layer's: find them, read their values, fill what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE

from geodata.dataset import GEOMETRY
from geodata.errors import InvalidInput
from layers.base import Layer
from layers.field_values import kind_of, read
from layers.registers import MANAGED

PERIOD = ("valid_from", "valid_to")
Flags = NDArray[np.bool_]


@dataclass
class Fitted:
    """A frame whose columns are the layer's.

    Attributes:
        frame: the rows, with the index of the file.
        rejected: index label → why a row cannot be stored.
        repaired: index label → what was left out of it.
        unused: columns of the file that the layer has no place for.
    """

    frame: GeoDataFrame
    rejected: dict[Any, str] = field(default_factory=dict)
    repaired: dict[Any, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def fields_of(layer: Layer) -> dict[str, Column[Any]]:
    """Name the columns that a file may fill; a period by the times it begins and ends."""
    kept = MANAGED | {"source_crs"}
    table: Any = layer.table.__table__
    columns = [
        c
        for c in table.columns
        if c.name not in kept and not c.computed and not hasattr(c.type, "geometry_type")
    ]
    own = layer.imports.fields
    return {name: c for c in columns if not own or c.name in own for name in _asked(c)}


def _asked(column: Column[Any]) -> tuple[str, ...]:
    return PERIOD if isinstance(column.type, TSTZRANGE) else (column.name,)


def check_fields(layer: Layer, names: Mapping[str, Any], option: str) -> None:
    """Refuse a name that is none of the layer's fields.

    Raises:
        InvalidInput: naming those that are.
    """
    known = fields_of(layer)
    for name in names:
        if name not in known:
            listed = ", ".join(known)
            raise InvalidInput(f"{layer.name} have no field {name!r}; they have {listed}", option)


@dataclass(frozen=True)
class Origin:
    """Where rows come from.

    Attributes:
        source: the file.
        values: field → the value of every row.
        time_zone: the zone of times that name none.
    """

    source: Path
    values: Mapping[str, str]
    time_zone: str


def fit(layer: Layer, frame: GeoDataFrame, origin: Origin) -> Fitted:
    """Turn a file's columns into the layer's.

    A column fits by its name in any case, or by the field's Chinese title. What cannot be read
    as the field's type is left out where the field may be empty; else the row is rejected.

    Args:
        layer: the layer.
        frame: the file's rows, geometry in ``geom``.
        origin: where they come from.

    Raises:
        InvalidInput: if a field that each row needs is in no column.
    """
    fields = fields_of(layer)
    given, unused = _found(fields, frame)
    for name, value in origin.values.items():
        given[name] = pd.Series(value, index=frame.index, dtype="object")
    out = Fitted(frame[[GEOMETRY]].copy(), unused=unused)
    _keep_rest(layer, given, frame[list(unused)], out)
    _name_rows(layer, given, frame.index, origin.source)
    _demand(layer, fields, given)
    for name, values in given.items():
        column = read(values, fields[name], origin.time_zone)
        _judge(out, fields[name], values, column.rename(name))
        out.frame[name] = _defaulted(fields[name], column)
    _refuse_turned(out)
    return out


def _refuse_turned(out: Fitted) -> None:
    """Refuse the rows whose period ends before it begins."""
    if not set(PERIOD) <= set(out.frame):
        return
    begins, ends = (out.frame[name] for name in PERIOD)
    for label in out.frame.index[ends <= begins]:
        out.rejected[label] = (
            f"valid_to {ends[label].isoformat()} is not after"
            f" valid_from {begins[label].isoformat()}"
        )


def _found(
    fields: Mapping[str, Column[Any]], frame: GeoDataFrame
) -> tuple[dict[str, pd.Series], tuple[str, ...]]:
    """Find the column of each field; name the columns that are left over."""
    columns = [str(name) for name in frame.columns if name != GEOMETRY]
    folded = {name.casefold(): name for name in reversed(columns)}
    taken = {}
    for name, column in fields.items():
        for wanted in (name, column.comment or name):
            if wanted.casefold() in folded and name not in taken:
                taken[name] = folded.pop(wanted.casefold())
    unused = tuple(name for name in columns if name not in taken.values())
    return {name: frame[column] for name, column in taken.items()}, unused


def _keep_rest(layer: Layer, given: dict[str, pd.Series], rest: pd.DataFrame, out: Fitted) -> None:
    """Keep the columns that no field takes, where the layer has a field for them."""
    name = layer.imports.rest
    if name is None or name in given:
        return
    texts = rest.astype("object").where(rest.notna(), None)
    kept = [{k: v for k, v in row.items() if v is not None} for row in texts.to_dict("records")]
    given[name] = pd.Series(kept or None, index=rest.index, dtype="object")
    out.unused = ()


def _name_rows(layer: Layer, given: dict[str, pd.Series], rows: pd.Index, source: Path) -> None:
    """Give each row without a key one of the file and the row's number, the same each time."""
    key = layer.imports.key
    if key not in fields_of(layer):
        return
    values = given.get(key)
    missing = np.ones(len(rows), np.bool_) if values is None else _blank(values)
    if missing.any():
        named = f"{layer.imports.source_name(source)}/" + rows.astype(str)
        made = pd.Series(named.to_numpy(), index=rows, dtype="object")
        given[key] = made if values is None else values.astype("object").where(~missing, made)
    if key != "name" and "name" in fields_of(layer) and not layer.table.__table__.c.name.nullable:
        names = given.get("name", given[key])
        given["name"] = names.astype("object").where(~_blank(names), given[key])


def _blank(values: pd.Series) -> Flags:
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return np.asarray(values.isna(), np.bool_)  # to write each as text would take long
    return np.asarray(values.isna() | (values.astype("str").str.strip() == ""), np.bool_)


def _demand(
    layer: Layer, fields: Mapping[str, Column[Any]], given: Mapping[str, pd.Series]
) -> None:
    required = layer.imports.required or [
        name
        for name, c in fields.items()
        if not c.nullable and c.server_default is None and name not in PERIOD
    ]
    if missing := [name for name in required if name not in given]:
        raise InvalidInput(
            f"{layer.name} need {' and '.join(missing)}; give a column with "
            f"--map {missing[0]}=COLUMN or a value with --set {missing[0]}=VALUE",
            "map",
        )


def _judge(out: Fitted, column: Column[Any], values: pd.Series, read: pd.Series) -> None:
    """Note the rows whose value cannot be read."""
    lost = ~_blank(values) & read.isna().to_numpy()
    noted = out.repaired if column.nullable else out.rejected
    what = "left empty" if column.nullable else "cannot be read"
    for label in values.index[lost]:
        reason = f"{read.name} {what}: no {kind_of(column)}"
        reason = reason if column.nullable else f"{reason}: {str(values[label])[:60]!r}"
        noted[label] = f"{noted[label]}, {reason}" if label in noted else reason


def _defaulted(column: Column[Any], read: pd.Series) -> pd.Series:
    """Fill gaps with the column's own default, where that is a plain value."""
    default = getattr(column.server_default, "arg", None)
    if column.nullable or not isinstance(default, str) or isinstance(column.type, JSONB):
        return read
    return read.fillna(column.type.python_type(default))
