"""Import a file into a layer: read it, say what it would do, store it, say what it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from sqlalchemy.orm import Session

from geodata import files
from geodata.dataset import Dataset, GeometryKind, Progress, ReadOptions, silent
from geodata.errors import InvalidInput, NotFound
from geodata.osm import read_osm
from gis_server.import_report import Report, counted
from layers.base import Layer, Scope
from layers.fields import Origin, check_fields, fit
from layers.loading import Taken

KINDS: Mapping[str, GeometryKind] = {
    "POINT": "Point",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}
COORDINATES = frozenset({"lon", "lat", "x", "y", "wkt"})
OSM_ENDINGS = tuple(ending for ending, reader in files.READERS.items() if reader is read_osm)
Watch = Callable[[str], Progress]


class NoRows(InvalidInput):
    """Refuse a file, or a part of one, that holds nothing."""


def quiet(_label: str) -> Progress:
    """Follow no progress."""
    return silent


@dataclass(frozen=True)
class Order:
    """What to import, into which layer, and how.

    Attributes:
        layer: the layer that takes the rows.
        source: a file of any kind that ``geodata.files`` reads.
        options: how to read it; ``fields`` maps the layer's fields to the file's columns.
        values: field → the value of every row.
        watch: called with each stage's name; what it answers is told the rows done.
    """

    layer: Layer
    source: Path
    options: ReadOptions = field(default_factory=ReadOptions)
    values: Mapping[str, str] = field(default_factory=dict)
    watch: Watch = quiet


@dataclass(frozen=True)
class Draft:
    """A file's rows as the layer would take them; nothing is stored yet.

    Attributes:
        order: what was asked for.
        dataset: the file as read; its rejected rows are all that are known to be wrong.
        frame: the rows to store, columns and values the layer's, index the file's row numbers.
        repaired: row number → how it was mended.
        united: rows that became part of another row.
        notes: sentences for the user.
        flaws: what the layer found wrong with the frame as a whole.
    """

    order: Order
    dataset: Dataset
    frame: GeoDataFrame
    repaired: Mapping[Any, str]
    united: int
    notes: tuple[str, ...]
    flaws: GeoDataFrame | None


def import_file(session: Session, scope: Scope, order: Order) -> Report:
    """Import a file in the session's transaction; the caller commits.

    Raises:
        InvalidInput: if no row can be used, or a field that each row needs is missing.
    """
    return store(session, scope, draft(scope, order))


def pick_layer(layers: Mapping[str, Layer], name: str) -> Layer:
    """Find a layer by its name.

    Raises:
        NotFound: naming those that there are.
    """
    if name not in layers:
        raise NotFound(f"no layer {name!r}; the layers are {', '.join(layers)}", "as")
    return layers[name]


def orders(
    layers: Mapping[str, Layer], name: str | None, source: Path, options: ReadOptions
) -> list[Order]:
    """Say which layer takes which part of a file: all parts of an OpenStreetMap file if not named.

    Raises:
        InvalidInput: if no layer is named for another file.
        NotFound: if no layer has the name.
    """
    mapped = any(source.name.casefold().endswith(ending) for ending in OSM_ENDINGS)
    if name is None and not mapped:
        known = "|".join(layers)
        raise InvalidInput(
            f"say which layer takes {source.name}: --as {known}, or any other name to publish it"
            " as a collection of its own",
            "as",
        )
    named = layers.values() if name is None else [pick_layer(layers, name)]
    return [
        Order(layer, source, _of_part(options, layer) if mapped else options)
        for layer in named
        if name is not None or layer.imports.osm
    ]


def _of_part(options: ReadOptions, layer: Layer) -> ReadOptions:
    return replace(options, layer=options.layer or layer.imports.osm)


def drafts(scope: Scope, orders: Sequence[Order]) -> list[Draft]:
    """Read the parts of a file; of several, those without rows are left out.

    Raises:
        NoRows: if all are without rows.
        InvalidInput: as ``draft``.
    """
    made, empty = [], []
    for order in orders:
        try:
            made.append(draft(scope, order))
        except NoRows as error:
            empty.append(error)
    if not made:
        raise empty[0]
    return made


def draft(scope: Scope, order: Order) -> Draft:
    """Read a file and fit its rows to the layer.

    Raises:
        InvalidInput: if no row can be used, or a field that each row needs is missing.
    """
    layer, origin = order.layer, Origin(order.source, order.values, scope.time_zone)
    targets = [name for name in order.options.fields if name not in COORDINATES]
    check_fields(layer, dict.fromkeys(targets), "map")
    check_fields(layer, order.values, "set")
    dataset = files.read(order.source, _read_options(order))
    demand_rows(order, dataset)
    fitted = fit(layer, dataset.frame, origin)
    if dataset.source_crs is not None:
        fitted.frame["source_crs"] = dataset.source_crs.name
    usable = fitted.frame[~fitted.frame.index.isin(list(fitted.rejected))]
    dataset = replace(dataset, rejected=joined(dataset, fitted.rejected))
    demand_rows(order, replace(dataset, frame=usable))
    prepared = layer.imports.prepare(usable)
    notes = [*dataset.warnings, *prepared.notes]
    if fitted.unused:
        notes.append(f"columns left out: {', '.join(fitted.unused)}")
    return Draft(
        order,
        dataset,
        prepared.frame,
        mended_rows(dataset, fitted.repaired),
        len(usable) - len(prepared.frame),
        tuple(notes),
        prepared.flaws,
    )


def _read_options(order: Order) -> ReadOptions:
    """Ask for the geometry that the layer stores."""
    geom = order.layer.geom
    kind: GeometryKind = "none" if geom is None else KINDS.get(geom.type.geometry_type, "any")
    return replace(
        order.options,
        geometry=kind,
        placeless=geom is None or bool(geom.nullable),
        progress=order.watch(f"reading {order.source.name}"),
    )


def demand_rows(order: Order, dataset: Dataset) -> None:
    """Refuse a file without rows, or without one that can be used.

    Raises:
        NoRows: if it holds nothing.
        InvalidInput: if all is rejected.
    """
    if not dataset.rows_read:
        raise NoRows(f"{order.source.name} holds no rows for {order.layer.name}", "file")
    if dataset.frame.empty:
        reasons = dataset.rejected["reason"].value_counts()
        raise InvalidInput(
            f"none of the {dataset.rows_read} rows of {order.source.name} can be stored in"
            f" {order.layer.name}: {reasons.index[0]} ({reasons.iloc[0]} rows)",
            "file",
        )


def joined(dataset: Dataset, reasons: Mapping[Any, str]) -> pd.DataFrame:
    """Add rows that could be read but not stored to those that could not be read."""
    if not reasons:
        return dataset.rejected
    rows = dataset.frame.loc[list(reasons)]
    shapes = np.asarray(rows.geometry.array, dtype=object)
    if dataset.source_crs is not None:
        shapes = dataset.source_crs.geometries_from_wgs84(shapes)
    texts = [None if shape is None else shapely.to_wkt(shape, -1) for shape in shapes]
    found = pd.DataFrame(rows.drop(columns=rows.geometry.name))
    for name, column in (("source_geometry", texts), ("reason", list(reasons.values()))):
        found = found.drop(columns=name, errors="ignore")
        found.insert(0, name, column)
    parts = [part for part in (dataset.rejected, found) if len(part)]
    return pd.concat(parts).sort_index()


def mended_rows(dataset: Dataset, left_out: Mapping[Any, str]) -> dict[Any, str]:
    """Say by row number how rows were mended: by reading them, and by what was left out."""
    mended = dict(zip(dataset.repaired.index, dataset.repaired["how"], strict=True))
    for row, how in left_out.items():
        mended[row] = f"{mended[row]}, {how}" if row in mended else how
    return mended


def store(session: Session, scope: Scope, drafted: Draft) -> Report:
    """Store a draft in the session's transaction; the caller commits."""
    began = time.monotonic()
    order, dataset = drafted.order, drafted.dataset
    if order.layer.load is None:
        raise InvalidInput(f"{order.layer.name} cannot be imported", "as")
    fitted = order.layer.imports.settle(session, scope, drafted.frame)
    taken = order.layer.load(session, scope, fitted.frame, order.watch("storing"))
    late = _late(drafted, taken)
    return Report(
        source=order.source,
        layer=order.layer.name,
        dataset=replace(dataset, rejected=joined(dataset, late)),
        rows_written=taken.rows_written,
        rows_same=len(drafted.frame) - len(late) - taken.rows_written,
        rows_united=drafted.united,
        outside=taken.outside,
        repaired=counted(drafted.repaired.values()),
        notes=fitted.notes,
        flaws=drafted.flaws if fitted.flaws is None else fitted.flaws,
        took_s=time.monotonic() - began,
    )


def _late(drafted: Draft, taken: Taken) -> dict[Any, str]:
    """Give the rows that the layer refused the numbers that they have in the file."""
    rows = drafted.frame.index
    return {rows[one.row - 1]: one.detail for one in taken.rejected if not one.known}
