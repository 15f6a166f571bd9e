"""Publish a dataset as a reference collection, replace it, and take it back.

A replacement is stored beside what it replaces and takes its place in one commit. Whoever is being
answered from the former edition still finds its rows, which are deleted a while later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil, log2
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from geopandas import GeoDataFrame
from psycopg2.errors import CheckViolation
from sqlalchemy import Row, delete, func, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.dataset import Progress, silent
from geodata.errors import InvalidGeometry, NotFound
from geodata.kinds import Shapes, one_kind
from layers.base import Scope
from layers.bulk import chunks, copy_arrays
from layers.collection_names import check_taken, taken
from layers.loading import Taken
from layers.outbox import Change, announce, bump, version
from layers.reference import AREA_ORDER, Collection, Reference, default_look

PROPERTIES = "properties"
# Longer than any request takes that was begun with the former edition.
GRACE = timedelta(seconds=60)
ANALYZE = text("ANALYZE reference")
OWNED = text(
    "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'reference'::regclass"
)
FAILED_ROW = re.compile(r"Failing row contains \(\d+, \d+, (\d+),")
TILE_ROWS = 10_000  # lines or areas that a tile draws at most before its zoom is left out
FURTHEST = 12


@dataclass(frozen=True)
class Publication:
    """What a dataset is published as.

    Attributes:
        name: the collection's name, see ``layers/collection_names.py``.
        schema: its properties in order: name → type.
        source: the file it comes from.
        source_crs: the system that its coordinates came in.
        title: its English title; ``title_zh`` the Chinese one. Without them those of the edition
            that it replaces, or else its name.
        look: ``style``, ``order``, ``minzoom`` and ``hidden``, where they are not the default.
        replaces: whether it takes the place of an edition that is there.
    """

    name: str
    schema: Mapping[str, str]
    source: str
    source_crs: str | None = None
    title: str | None = None
    title_zh: str | None = None
    look: Mapping[str, Any] = field(default_factory=dict)
    replaces: bool = False


def publish(
    session: Session,
    scope: Scope,
    publication: Publication,
    frame: GeoDataFrame,
    progress: Progress = silent,
) -> Taken:
    """Store a frame as the new edition of a collection, and announce it; the caller commits.

    Args:
        session: an open session.
        scope: whose district it belongs to.
        publication: what it is published as.
        frame: a column ``properties`` with each row as JSON text, and the active geometry in
            EPSG:4326; the index is the ids.
        progress: told the rows done.

    Raises:
        Conflict: if the name is taken, or there is nothing to replace.
        InvalidGeometry: if the database does not take a shape.
    """
    name = publication.name
    former = _retire(session, scope, name) if publication.replaces else None
    check_taken(name, {former.name} if former else (), publication.replaces)
    shapes, kind = one_kind(np.asarray(frame.geometry.array, dtype=object))
    edition = _insert(session, scope, publication, _told(publication, former, shapes, kind))
    bump(session, scope, name)
    given = frame.set_geometry(shapes, crs=WGS84)
    key = (scope.district, edition, version(session, scope, name))
    _copy(session, key, given, progress)
    if session.execute(OWNED).scalar_one():
        session.execute(ANALYZE)
    announce(session, scope, Change(name, "replaced" if publication.replaces else "imported"))
    return Taken(len(frame), len(frame), 0, [])


def drop(session: Session, scope: Scope, name: str) -> int:
    """Take a collection back, and announce it; tell how many rows it had.

    Raises:
        NotFound: if there is no such collection.
    """
    former = _retire(session, scope, name)
    if former is None:
        raise NotFound(f"no collection {name!r}", "drop")
    bump(session, scope, name)
    announce(session, scope, Change(name, "dropped"))
    return int(former.rows)


def purge(session: Session) -> int:
    """Delete the rows of editions that nobody is being answered from any more; tell how many."""
    over = Collection.retired_at < func.now() - GRACE
    same = (Reference.district == Collection.district) & (Reference.collection == Collection.id)
    gone = session.execute(
        delete(Reference).where(same, over).execution_options(synchronize_session=False)
    )
    session.execute(delete(Collection).where(over).execution_options(synchronize_session=False))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _retire(session: Session, scope: Scope, name: str) -> Row[Any] | None:
    """Take the present edition of a collection out of service; two cannot do it at once."""
    table = Collection.__table__
    present = (table.c.district == scope.district, table.c.name == name)
    retired = (
        update(Collection)
        .where(*present, table.c.retired_at.is_(None))
        .values(retired_at=func.now())
        .returning(*table.c)
        .execution_options(synchronize_session=False)
    )
    found: Row[Any] | None = session.execute(retired).first()
    return found


def _told(
    publication: Publication, former: Row[Any] | None, shapes: Shapes, kind: str | None
) -> dict[str, Any]:
    """Say of an edition what its shapes tell, and what it keeps of the one before."""
    name, bounds = publication.name, shapely.total_bounds(shapes).tolist()
    bbox = None if kind is None else bounds
    look = default_look(name, kind)
    if bbox and look["order"] <= AREA_ORDER:
        look["minzoom"] = _minzoom(len(shapes), bbox)
    if former is not None and former.geometry == kind:
        look = former.look
    return {
        "title": publication.title or (former.title if former else name),
        "title_zh": publication.title_zh
        or (former.title_zh if former else publication.title or name),
        "geometry": kind,
        "look": {**look, **publication.look},
        "bbox": bbox,
        "rows": len(shapes),
    }


def _minzoom(rows: int, bbox: Sequence[float]) -> int:
    """Tell from which zoom on a tile holds no more shapes than it can draw, evenly spread."""
    west, south, east, north = bbox
    share = max((east - west) / 360, 1e-9) * max((north - south) / 180, 1e-9)
    crowded = rows / TILE_ROWS
    return 0 if crowded <= 1 else min(FURTHEST, max(0, ceil(log2(crowded / share) / 2)))


def _insert(
    session: Session, scope: Scope, publication: Publication, told: Mapping[str, Any]
) -> int:
    schema = [{"name": name, "type": kind} for name, kind in publication.schema.items()]
    added = (
        insert(Collection)
        .values(
            district=scope.district,
            name=publication.name,
            schema=schema,
            source=publication.source,
            source_crs=publication.source_crs,
            **told,
        )
        .returning(Collection.id)
    )
    try:
        return int(session.execute(added).scalar_one())
    except IntegrityError as error:
        raise taken(publication.name) from error


def _copy(
    session: Session, key: tuple[int, int, int], frame: GeoDataFrame, progress: Progress
) -> None:
    """Copy rows under an edition's key: district, edition and row version."""
    names = ("district", "collection", "row_version", "id", PROPERTIES, "geom")
    ids, shapes = frame.index.to_numpy(), np.asarray(frame.geometry.array, dtype=object)
    try:
        for part in chunks(len(frame)):
            same = [pa.array(np.full(len(ids[part]), value)) for value in key]
            documents = pa.array(frame[PROPERTIES].iloc[part].tolist(), pa.string())
            placed = shapely.set_srid(shapes[part], WGS84)
            wkb = pa.array(shapely.to_wkb(placed, hex=True, include_srid=True), pa.string())
            arrays = [*same, pa.array(ids[part]), documents, wkb]
            copy_arrays(session, Reference.__tablename__, names, arrays)
            progress(min(part.stop, len(frame)), len(frame))
    except CheckViolation as error:
        row = FAILED_ROW.search(str(error))
        raise InvalidGeometry(
            f"the shape of row {row[1] if row else '?'} is not valid in PostGIS; mend it", "file"
        ) from error
