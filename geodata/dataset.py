"""What a file is read into: the options asked for, the raw rows, and the checked dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.crs import Geometries, SourceCrs
from geodata.errors import InvalidInput

GeometryKind = Literal["any", "Point", "MultiLineString", "MultiPolygon", "none"]
Progress = Callable[[int, int | None], None]
Texts = NDArray[np.object_]
GEOMETRY = "geom"
BATCH_ROWS = 65_536


def silent(done: int, total: int | None) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class ReadOptions:
    """Say how a file is to be read.

    Attributes:
        crs: what ``SourceCrs.parse`` takes; wins over what the file declares.
        axis_order: ``xy`` (default) or ``yx`` for files whose first coordinate is the northing.
        layer: the layer of a GeoPackage, sheet of a workbook, shapefile in a zip, or one of
            ``roads``, ``buildings``, ``facilities`` of an OpenStreetMap file.
        encoding: of a shapefile's DBF or of a CSV; found out when not given.
        fields: new name → name in the file; ``lon``, ``lat``, ``x``, ``y`` and ``wkt`` name the
            coordinate columns of a table.
        geometry: the type that the rows must have; single parts become multi parts.
        placeless: keep rows that have no geometry instead of rejecting them.
        progress: called with the rows read so far and, when known, their total.
    """

    crs: str | None = None
    axis_order: str | None = None
    layer: str | None = None
    encoding: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    geometry: GeometryKind = "any"
    placeless: bool = False
    progress: Progress = silent


@dataclass
class Raw:
    """Rows as a reader found them, in the file's own coordinates.

    Attributes:
        columns: the attributes, one row per row of ``shapes``.
        shapes: shapely geometries or None.
        reasons: why a row's geometry cannot be read, else None.
        repairs: what the reader mended, else "".
        rows: row numbers in the file, from 1.
        declared: the CRS that the file states, as PROJ understands it.
        broken: rows that could not be read at all: number → reason.
        coordinate_columns: columns that became the geometry.
        warnings: what the user should know.
        said: column → what the file says of it that its values do not show: ``text`` for a table
            whose values are all text, ``date-time``, or ``document`` for JSON.
    """

    columns: pd.DataFrame
    shapes: Geometries
    reasons: Texts
    repairs: Texts
    rows: NDArray[np.int64]
    declared: str | None = None
    broken: dict[int, str] = field(default_factory=dict)
    coordinate_columns: Sequence[str] = ()
    warnings: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """A file's rows, checked.

    Attributes:
        frame: usable rows in EPSG:4326, geometry column ``geom``, index ``row`` from 1.
        rejected: the other rows, index ``row``: ``reason``, ``source_geometry`` (WKT in the
            file's own coordinates) and the attributes.
        repaired: index ``row`` and column ``how``, for rows of ``frame`` that were mended.
        source_crs: the system that the coordinates came in; None for a table without places.
        rows_read: rows in the file, usable or not.
        warnings: sentences for the user.
        said: column of ``frame`` → what the file says of it, see ``Raw``.
    """

    frame: gpd.GeoDataFrame
    rejected: pd.DataFrame
    repaired: pd.DataFrame
    source_crs: SourceCrs | None
    rows_read: int
    warnings: tuple[str, ...]
    said: Mapping[str, str] = field(default_factory=dict)


def no_texts(count: int, value: str | None = None) -> Texts:
    """Make an object array of one value."""
    return np.full(count, value, dtype=object)


def wkt(shapes: Geometries) -> Texts:
    """Write geometries as WKT with all their digits; None stays None."""
    out = no_texts(len(shapes))
    present = ~shapely.is_missing(shapes)
    out[present] = shapely.to_wkt(shapes[present], rounding_precision=-1)
    return out


def pick_layer(found: Sequence[str], wanted: str | None, what: str = "layer") -> str:
    """Choose a layer by name, or the only one.

    Raises:
        InvalidInput: if the name is not there, or none is given and there are several.
    """
    listed = ", ".join(found) or "nothing"
    if wanted is not None:
        if wanted not in found:
            raise InvalidInput(f"no {what} {wanted!r}; the file holds {listed}", "layer")
        return wanted
    if len(found) != 1:
        raise InvalidInput(f"the file holds {listed}; choose one with --layer", "layer")
    return found[0]
