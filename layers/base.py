"""What a layer is: the columns that all tables share, and the contract with the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Select,
    Table,
    func,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from geodata.crs import WGS84
from geodata.geojson import Feature
from layers.edits import Edits
from layers.loading import Imports, Load
from layers.questions import (
    Field,
    Link,
    Query,
    Sheet,
    Sort,
    Stored,
    Symbol,
    Target,
    field_of,
)
from layers.readers import VISITOR, Reader, Scope


class Base(DeclarativeBase):
    """Hold the metadata that migrations and tests read."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class InDistrict(Base):
    """Give a table the key that lets it be spread by district."""

    __abstract__ = True

    district: Mapped[int] = mapped_column(Integer, primary_key=True, sort_order=-20)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-19)


class Spatial(InDistrict):
    """Give a layer's table its key and the version that an edit is based on."""

    __abstract__ = True

    row_version: Mapped[int] = mapped_column(server_default="1", sort_order=90)


class Register(Spatial):
    """Give a register the time from which its present row is on record (see ``history``)."""

    __abstract__ = True

    recorded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), sort_order=91
    )
    source_crs: Mapped[str | None] = mapped_column(sort_order=92, comment="来源坐标系")


def shape(kind: str, comment: str = "图形") -> Any:
    """Map a geometry column in EPSG:4326 without the index of its own (see ``spatial_index``)."""
    return mapped_column(Geometry(kind, WGS84, spatial_index=False), comment=comment)


def spatial_index(table: str, column: str = "geom") -> tuple[Index, ...]:
    """Index polygons by district and place."""
    return (Index(f"ix_{table}_{column}", "district", column, postgresql_using="gist"),)


def point_index(table: str, column: str = "geom") -> tuple[Index, ...]:
    """Index a mass of points by place alone (four times faster to build than with the district)."""
    return (Index(f"ix_{table}_{column}", column, postgresql_using="gist"),)


def covering_index(table: str, column: str = "geom") -> tuple[Index, ...]:
    """Index points by place, and keep them whole beside their boxes, so that few rows are read."""
    shown = [column, "id", "district"]
    name = f"ix_{table}_{column}"
    return (Index(name, column, postgresql_using="gist", postgresql_include=shown),)


def sound(column: str = "geom") -> CheckConstraint:
    """Demand a valid shape inside the range of longitude and latitude."""
    return CheckConstraint(
        f"ST_IsValid({column}) AND ST_XMin({column}) >= -180 AND ST_XMax({column}) <= 180"
        f" AND ST_YMin({column}) >= -90 AND ST_YMax({column}) <= 90",
        name=f"{column}_sound",
    )


def in_district(column: str, target: type[InDistrict]) -> ForeignKeyConstraint:
    """Refer to a row of the same district."""
    other = target.__tablename__
    return ForeignKeyConstraint(["district", column], [f"{other}.district", f"{other}.id"])


def history(register: type[Register]) -> Table:
    """Declare the table of a register's former rows, each with the time it was on record."""
    former = [Column(c.name, c.type, nullable=c.nullable) for c in register.__table__.columns]
    name = f"{register.__tablename__}_history"
    for column in former:
        column.primary_key = column.name in {"district", "id", "row_version"}
    return Table(
        name,
        Base.metadata,
        *former,
        Column("recorded", TSTZRANGE, nullable=False),
        Index(f"ix_{name}_recorded", "district", "id", "recorded", postgresql_using="gist"),
        Index(f"ix_{name}_code", "district", "code"),
    )


Json = Any


def _own_place(table: type[Spatial]) -> Any:
    return getattr(table, "geom", None)


@dataclass(frozen=True, eq=False)
class Layer:
    """Describe a layer to the server: its table, its look, and what can be done with it.

    Attributes:
        table: the mapped class; its columns' comments are the Chinese property names.
        named: the layer's name where several share a table; ``only`` says which rows are its own,
            ``schema`` its properties, and ``bag`` the column that holds them as one object.
        place: gives the geometry of the table's rows, or None for a layer without a place.
        box: west, south, east and north of its features, where that is known without asking.
        edition: another when all of its rows are replaced at once; part of what a tile is good for.
        hidden: whether maps show it only to those who ask for it.
        title: English title; ``title_zh`` the Chinese one.
        properties: columns that the API shows, in order.
        details: columns that are told of one feature only, not in lists.
        label: the property that names a feature.
        time: the property that a question about time means; ``valid`` where there is one.
        then: gives the rows as they stood on record at a moment, in place of the table's.
        reckons: filters with which ``as_of`` means what the layer itself reckons.
        style: Leaflet path options for every feature.
        by: the property whose value picks a symbol of ``symbols``.
        order: drawing order, lowest first.
        minzoom: from this zoom on its tiles hold features.
        home: whether its extent is the town's.
        live: whether it changes by the second (no tile cache, redrawn by events).
        tile_properties: columns that go into a vector tile.
        filters: named conditions beside the properties, as ``{"overdue": fn(value)}``.
        together: conditions that several filters make together, and the names they used up.
        create: store a posted feature in one statement, once per key; None means read-only.
        create_many: store many posted features at once.
        actions: what can be done to one feature, by name (POST).
        actions_many: what can be done to several features or the layer, by name (POST).
        views: what can be asked of one feature, by name (GET).
        summaries: what can be asked of the whole layer, by name (GET).
        names: a scalar SELECT that names the value of a property, for columns of a workbook.
        sheets: tells one feature as a workbook: its title and its sheets.
        tile: writes its own tile statement instead of the shared one.
        load: bulk import of a GeoDataFrame; ``imports`` says how a file becomes one.
        dossier: figures and rows of what lies in a grid, as one SELECT of one JSON value.
        search: SELECT of (id, label, detail, geom, score) for a bound ``q``.
        edits: what can be written of one feature, and by whom; None means nothing but ``create``.
        mask: which rows are not for everybody (see ``layers/masks.py``); None when all are.
        page: the path of a page that shows one feature, with its ``{id}``; a workbook links to it.
        private: properties that are told to who is signed in, and to nobody else.
        schemas: JSON Schema of what ``filters``, ``create``, ``actions``, ``actions_many`` and
            ``summaries`` take, by these words and then by name.
    """

    table: type[Spatial]
    title: str
    title_zh: str
    properties: tuple[str, ...]
    details: tuple[str, ...] = ()
    label: str = "name"
    time: str | None = None
    then: Callable[[datetime], Any] | None = None
    reckons: frozenset[str] = frozenset()
    style: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    symbols: tuple[Symbol, ...] = ()
    order: int = 50
    minzoom: int = 0
    home: bool = False
    live: bool = False
    tile_properties: tuple[str, ...] = ()
    filters: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    together: Callable[[Scope, Mapping[str, str]], tuple[list[Any], frozenset[str]]] | None = None
    create: Callable[[Session, Scope, Feature, str | None], Stored] | None = None
    create_many: Callable[[Session, Scope, list[Feature]], Json] | None = None
    actions: Mapping[str, Callable[[Session, Scope, Target, Json], None]] = field(
        default_factory=dict
    )
    actions_many: Mapping[str, Callable[[Session, Scope, Json], Json]] = field(default_factory=dict)
    views: Mapping[str, Callable[[Session, Scope, int], Json]] = field(default_factory=dict)
    summaries: Mapping[str, Callable[[Session, Scope, Query], Json]] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)
    sheets: Callable[[Session, Scope, int], tuple[str, Sequence[Sheet]]] | None = None
    tile: Callable[[Layer, Scope, Any, Query], Select[Any]] | None = None
    load: Load | None = None
    imports: Imports = field(default_factory=Imports)
    place: Callable[[type[Spatial]], Any] = _own_place
    box: tuple[float, float, float, float] | None = None
    edition: int = 0
    hidden: bool = False
    named: str | None = None
    only: tuple[Any, ...] = ()
    schema: tuple[Field, ...] = ()
    bag: Any = None
    dossier: Callable[[Any], Any] | None = None
    search: tuple[str, ...] = ("name",)
    mask: Callable[[Scope], Any] | None = None
    page: str | None = None
    private: tuple[str, ...] = ()
    edits: Edits | None = None
    schemas: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The layer's name: that of its table, unless it shares one."""
        return self.named or str(self.table.__tablename__)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The properties that the API shows, by name and in order."""
        columns = self.table.__table__.columns
        listed = self.schema or [field_of(columns[name]) for name in self.properties]
        return MappingProxyType({one.name: one for one in listed})

    def column(self, name: str) -> Any:
        """Give what a property is read from, or a column that the API does not show."""
        known = self.fields.get(name)
        return self.table.__table__.columns[name] if known is None else known.column

    @property
    def geom(self) -> Any:
        """The geometry, or None for a layer without a place."""
        return self.place(self.table)


__all__ = [
    "VISITOR",
    "Base",
    "Field",
    "InDistrict",
    "Json",
    "Layer",
    "Link",
    "Query",
    "Reader",
    "Register",
    "Scope",
    "Sheet",
    "Sort",
    "Spatial",
    "Stored",
    "Symbol",
    "Target",
    "WKBElement",
    "covering_index",
    "field_of",
    "history",
    "in_district",
    "point_index",
    "shape",
    "sound",
    "spatial_index",
]
