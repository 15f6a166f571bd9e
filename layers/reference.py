"""Reference collections: any dataset of a file, published with the schema that the file has.

All rows are in one table and no DDL happens at run time. Each import is an *edition* of its own;
the one that is not retired is what readers get, so that a replacement is one change of one row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from geodata.crs import WGS84
from layers.base import Field, InDistrict, Layer, Scope, Spatial, shape, sound

LABELS = ("名称", "name", "标题", "title", "地址", "address", "编码", "编号", "code")
TILE_FIELDS = 16
NAME_BYTES = 63  # the longest name of a column in PostgreSQL
TAKEN_IN_TILES = frozenset({"id", "geom", "n"})
SEARCHED_ROWS = 20_000  # words are looked for without an index
POINTS = frozenset({"POINT", "MULTIPOINT"})
LINES = frozenset({"LINESTRING", "MULTILINESTRING"})
# Told apart on a dark and on a light ground.
COLOURS = (
    *("#e07a5f", "#3d9bd6", "#66a61e", "#c264c9", "#d9a21b"),
    *("#1fa38f", "#e0558b", "#7f83e0", "#a8763e", "#5f9ea0"),
)
SHARED_LOOK = {"weight": 1.0, "fillOpacity": 0.25}
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "point": {"weight": 1.0, "radius": 4, "fillOpacity": 0.85},
    "line": {"weight": 2.0, "fill": False},
}
# Above the ground, below the grids' borders; lines and points higher.
ORDERS: Mapping[str, int] = {"point": 58, "line": 35}
AREA_ORDER = 17


class Collection(InDistrict):
    """One edition of a published dataset: its name, schema and look.

    ``schema`` lists the properties as ``{"name", "type"}`` in the file's order; ``look`` holds
    ``style``, ``order``, ``minzoom`` and ``hidden``; ``geometry`` is None for a table without
    places; ``bbox`` is west, south, east, north.
    """

    __tablename__ = "collections"
    __table_args__ = (
        Index(
            "uq_collections_name",
            "district",
            "name",
            unique=True,
            postgresql_where="retired_at IS NULL",
        ),
    )

    name: Mapped[str]
    title: Mapped[str]
    title_zh: Mapped[str]
    geometry: Mapped[str | None]
    schema: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    look: Mapped[dict[str, Any]] = mapped_column(JSONB)
    bbox: Mapped[list[float] | None] = mapped_column(JSONB(none_as_null=True))
    rows: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]
    source_crs: Mapped[str | None]
    imported_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Reference(Spatial):
    """One feature of one edition of a collection; its id is the row's number in the file."""

    __tablename__ = "reference"
    __table_args__ = (
        # With the edition first, as many collections cover the same ground.
        Index("ix_reference_geom", "collection", "geom", postgresql_using="gist"),
        sound(),
    )

    # Four bytes: a condition with a plain number uses the index on places for no other type.
    collection: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, sort_order=-19
    )
    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, sort_order=-18
    )
    properties: Mapped[dict[str, Any]] = mapped_column(JSONB)
    geom: Mapped[WKBElement | None] = shape("GEOMETRY")


# The type of a property, and the SQL that reads it; the name is always bound.
READ: Mapping[str, Callable[[Any], Any]] = {
    "string": lambda value: value.astext,
    "integer": lambda value: cast(value.astext, BigInteger),
    "number": lambda value: cast(value.astext, Double),
    "boolean": lambda value: cast(value.astext, Boolean),
    "date": lambda value: cast(value.astext, Date),
    "date-time": lambda value: cast(value.astext, DateTime(timezone=True)),
    "object": lambda value: value,
    "array": lambda value: value,
}


def published(
    session: Session, scope: Scope, known: Mapping[int, Layer] = MappingProxyType({})
) -> list[Layer]:
    """Describe the collections that are published now as layers.

    Args:
        session: an open session.
        scope: whose collections are meant.
        known: layers by edition, which are given again as they are: no edition ever changes.
    """
    asked = select(Collection.id).where(*_present(scope)).order_by(Collection.name)
    editions = session.execute(asked).scalars().all()
    fresh = {row.id: layer_of(row) for row in _read(session, scope, set(editions) - known.keys())}
    return [known.get(one) or fresh[one] for one in editions]


def _read(session: Session, scope: Scope, editions: AbstractSet[int]) -> Sequence[Any]:
    if not editions:
        return []
    own = Collection.district == scope.district
    asked = select(Collection.__table__).where(own, Collection.id.in_(editions))
    return session.execute(asked).all()


def present(session: Session, scope: Scope) -> Sequence[Any]:
    """Read the editions that are published now, by name."""
    asked = select(Collection.__table__).where(*_present(scope))
    return session.execute(asked.order_by(Collection.name)).all()


def _present(scope: Scope) -> tuple[Any, ...]:
    return Collection.district == scope.district, Collection.retired_at.is_(None)


def unread(name: str) -> Layer:
    """Describe a collection of whose rows nothing is known yet."""
    return Layer(Reference, name, name, (), named=name)


def layer_of(row: Any) -> Layer:
    """Describe one edition of a collection, as its row tells it, as a layer."""
    fields = tuple(_field(told["name"], told["type"]) for told in row.schema)
    label = _label(fields)
    return Layer(
        table=Reference,
        named=row.name,
        only=(Reference.collection == row.id,),
        edition=row.id,
        box=row.bbox and tuple(row.bbox),
        schema=fields,
        bag=Reference.properties,
        place=_place(row.geometry),
        title=row.title,
        title_zh=row.title_zh,
        properties=tuple(field.name for field in fields),
        label=label,
        time=next((f.name for f in fields if f.kind in ("date-time", "date")), None),
        style=row.look["style"],
        order=row.look["order"],
        minzoom=row.look["minzoom"],
        hidden=row.look["hidden"],
        tile_properties=_in_tiles(fields),
        search=(label,) if label and row.geometry and row.rows <= SEARCHED_ROWS else (),
    )


def default_look(name: str, geometry: str | None) -> dict[str, Any]:
    """Draw a collection by the type of its shapes, in a colour that its name picks for good."""
    kind = "point" if geometry in POINTS else "line" if geometry in LINES else "area"
    digest = blake2b(name.encode(), digest_size=4).digest()
    colour = COLOURS[int.from_bytes(digest) % len(COLOURS)]
    style = {"color": colour, "fillColor": colour, **LOOKS.get(kind, SHARED_LOOK)}
    return {
        "style": style,
        "order": ORDERS.get(kind, AREA_ORDER),
        "minzoom": 0,
        "hidden": True,
    }


def _field(name: str, kind: str) -> Field:
    return Field(name, kind, READ[kind](Reference.properties[name]))


def _place(geometry: str | None) -> Callable[[type[Spatial]], Any]:
    """Say of what type the shapes are, which the column does not."""
    typed = geometry and type_coerce(Reference.geom, Geometry(geometry, WGS84, spatial_index=False))
    return lambda _: typed if geometry else None


def _label(fields: Sequence[Field]) -> str:
    """Pick what names a feature: a property that is called so, else the first text, else any."""
    folded = {field.name.casefold(): field.name for field in reversed(fields)}
    named = next((folded[name] for name in LABELS if name in folded), None)
    text = next((field.name for field in fields if field.kind == "string"), None)
    return named or text or (fields[0].name if fields else "")


def _in_tiles(fields: Sequence[Field]) -> tuple[str, ...]:
    """Pick the properties that tiles hold; the others are read when a feature is opened."""
    fit = [
        field.name
        for field in fields
        if field.kind not in ("object", "array")
        and field.name not in TAKEN_IN_TILES
        and len(field.name.encode()) <= NAME_BYTES
    ]
    return tuple(fit[:TILE_FIELDS])
