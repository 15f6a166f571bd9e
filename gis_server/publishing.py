"""Publish a file as a collection of its own, with the schema that it has, and take it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from geopandas import GeoDataFrame
from sqlalchemy.orm import Session

from geodata import files
from geodata.columns import clean_names
from geodata.dataset import Dataset, Progress, ReadOptions, silent
from geodata.errors import InvalidInput, NotFound
from geodata.files import ATTRIBUTE
from geodata.kinds import one_kind
from gis_server import row_documents
from gis_server.importing import Draft, Order, Watch, demand_rows, joined, mended_rows
from layers import find_layers, publishing, reference
from layers.base import Layer, Scope
from layers.collection_names import check_name, check_taken
from layers.loading import Taken
from layers.publishing import PROPERTIES, Publication

NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
LISTED = 12
LIKE = 0.65  # of two names, from which on one may be meant for the other


@dataclass(frozen=True)
class Wish:
    """What to publish, under which name and titles.

    Attributes:
        name: the collection's name.
        source: a file of any kind that ``geodata.files`` reads.
        options: how to read it; ``fields`` renames its columns.
        values: property → the value of every row.
        title: its English title; ``title_zh`` the Chinese one.
        replaces: whether it takes the place of what has that name.
    """

    name: str
    source: Path
    options: ReadOptions
    values: Mapping[str, str]
    title: str | None = None
    title_zh: str | None = None
    replaces: bool = False


def check(session: Session, scope: Scope, wish: Wish, registered: Mapping[str, Layer]) -> None:
    """Refuse a wish that cannot come true, before the file is read.

    Raises:
        InvalidInput: if the name cannot be one.
        Conflict: if it is taken, or there is nothing to replace.
    """
    check_name(wish.name, registered.keys())
    known = {one.name for one in reference.present(session, scope)}
    check_taken(wish.name, known, wish.replaces)


def draft(scope: Scope, wish: Wish, watch: Watch) -> Draft:
    """Read a file as the rows of a collection; nothing is stored yet.

    Raises:
        InvalidInput: if there are no rows, or none can be used.
    """
    new = reference.unread(wish.name)
    order = Order(new, wish.source, wish.options, wish.values, watch)
    reading = watch(f"reading {wish.source.name}")
    options = replace(wish.options, geometry="any", placeless=True, progress=reading)
    dataset = files.read(wish.source, options)
    demand_rows(order, dataset)
    rows = _rows(dataset, wish, scope)
    dataset = replace(dataset, rejected=joined(dataset, rows.rejected))
    usable = rows.frame.drop(index=list(rows.rejected)) if rows.rejected else rows.frame
    demand_rows(order, replace(dataset, frame=usable))
    crs = dataset.source_crs.name if dataset.source_crs else None
    publication = Publication(
        wish.name, rows.schema, wish.source.name, crs, wish.title, wish.title_zh, {}, wish.replaces
    )
    load = partial(_load, publication)
    order = replace(order, layer=replace(new, load=load))
    mends = mended_rows(dataset, rows.left_empty)
    notes = (*dataset.warnings, *rows.notes, *_told(publication, usable))
    return Draft(order, dataset, usable, mends, 0, notes, None)


@dataclass(frozen=True)
class Rows:
    """A file's rows as they will be stored; ``rejected`` and ``left_empty`` by row number."""

    schema: Mapping[str, str]
    frame: GeoDataFrame
    rejected: Mapping[Any, str]
    left_empty: Mapping[Any, str]
    notes: tuple[str, ...]


def _rows(dataset: Dataset, wish: Wish, scope: Scope) -> Rows:
    """Find out the schema, and write each row's properties as JSON."""
    shape = dataset.frame.geometry.name
    attributes = pd.DataFrame(dataset.frame.drop(columns=shape)).assign(**wish.values)
    said = {**dataset.said, **dict.fromkeys(wish.values, "text")}
    schema, documents, lost = row_documents.typed(attributes, said, scope.time_zone)
    labels = attributes.index
    rejected = {
        labels[at]: "a text holds a null character"
        for at in np.flatnonzero(pc.match_substring(documents, "\\u0000"))
        if NUL.search(documents[int(at)].as_py())
    }
    kept = pd.Series(pd.arrays.ArrowExtensionArray(documents), index=labels)
    frame = dataset.frame[[shape]].assign(**{PROPERTIES: kept})
    left_empty = {labels[at]: why for at, why in lost.items()}
    return Rows(schema, frame, rejected, left_empty, tuple(_renamed(attributes, schema)))


def _renamed(attributes: pd.DataFrame, schema: Mapping[str, str]) -> Iterator[str]:
    """Say which columns have another name now, and which have none."""
    given = [str(name) for name in attributes.columns]
    pairs = list(zip(given, clean_names(given), strict=True))
    changed = [f"{old!r} is {new!r}" for old, new in pairs if old not in (new, ATTRIBUTE)]
    left = [new for _, new in pairs if new not in schema]
    if changed:
        yield f"columns that got another name: {_listed(changed)}"
    if left:
        yield f"columns left out, as they hold bytes: {_listed(left)}"


def _told(publication: Publication, frame: GeoDataFrame) -> Iterator[str]:
    """Say what the collection will be."""
    _, kind = one_kind(np.asarray(frame.geometry.array, dtype=object))
    what = "takes the place of the collection" if publication.replaces else "a new collection"
    fields = [f"{name} ({kind})" for name, kind in publication.schema.items()]
    yield f"{what} {publication.name!r}: {kind or 'a table without places'}"
    yield f"{len(fields)} properties: {_listed(fields)}"
    if near := get_close_matches(publication.name, find_layers(), 1, LIKE):
        yield f"the layer {near[0]} is another: to fill it, import --as {near[0]}"
    if kind is None:
        yield "for a map name the coordinate columns: --map lon=COLUMN --map lat=COLUMN (or wkt)"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _load(
    publication: Publication,
    session: Session,
    scope: Scope,
    frame: GeoDataFrame,
    progress: Progress = silent,
) -> Taken:
    return publishing.publish(session, scope, publication, frame, progress)


def rows_of(session: Session, scope: Scope, name: str, registered: Mapping[str, Layer]) -> int:
    """Tell how many rows a collection has that is to be dropped.

    Raises:
        InvalidInput: if it is a layer of the program.
        NotFound: naming the collections that there are.
    """
    if name in registered:
        raise InvalidInput(f"{name} is a layer of the program, not a collection", "drop")
    rows = {one.name: one.rows for one in reference.present(session, scope)}
    if name not in rows:
        known = f"; there are {', '.join(rows)}" if rows else ""
        raise NotFound(f"no collection {name!r}{known}", "drop")
    return int(rows[name])
