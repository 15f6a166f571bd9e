"""What is asked of a layer and what it tells: questions, properties, features, legends, sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from geodata.served_crs import CRS84, ServedCrs


class Target(NamedTuple):
    """The feature that is to be changed, and the version that the change is based on.

    ``version`` is that of If-Match; None when the client did not say.
    """

    id: int
    version: int | None = None


class Stored(NamedTuple):
    """A feature as stored: its id and its GeoJSON text."""

    id: int
    body: str


class Sort(NamedTuple):
    """One property that features are sorted by."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Query:
    """A question about a layer: where, which, how many, and how they are shown.

    Attributes:
        bbox: only features that touch west, south, east, north in EPSG:4326; west > east is a box
            across ±180.
        where: property name to the text it must equal.
        ids: only these features.
        condition: what a filter expression demands of a row, made by the edge.
        period: only features whose time touches the one from first to last; None is open.
        valid_at: the moment whose editions are meant; None is that of the record. Who asks for
            features by id, or for a period, gets all editions.
        as_of: the moment whose record is meant; None is now.
        sort: what features are sorted by; the newest first when empty.
        after: where the page before ended: the values sorted by, and the id.
        offset: how many features to pass over.
        limit: at most this many features; None is all.
        shown: the properties to show; None is all.
        crs: the system that geometry is shown in.
        said: the parameters of the address that ``bbox``, ``condition`` and ``period`` were read
            from, so that an answer can ask for the same rows again.
    """

    bbox: tuple[float, float, float, float] | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[int, ...] | None = None
    condition: Any = None
    period: tuple[datetime | None, datetime | None] | None = None
    valid_at: datetime | None = None
    as_of: datetime | None = None
    sort: tuple[Sort, ...] = ()
    after: tuple[Any, ...] | None = None
    offset: int = 0
    limit: int | None = 100
    shown: tuple[str, ...] | None = None
    crs: ServedCrs = CRS84
    said: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Field:
    """One property of a layer.

    Attributes:
        name: its name in the API.
        kind: string, integer, number, boolean, date-time, date, object, array, or period: a time
            range that is shown as its first and last moment.
        column: the SQL expression over the layer's table.
        title_zh: its Chinese name.
        nullable: whether a feature may lack it.
    """

    name: str
    kind: str
    column: Any
    title_zh: str | None = None
    nullable: bool = True


# How the API names the types of columns.
KINDS = MappingProxyType(
    {
        "SMALL_INTEGER": "integer",
        "INTEGER": "integer",
        "BIG_INTEGER": "integer",
        "BOOLEAN": "boolean",
        "FLOAT": "number",
        "DOUBLE": "number",
        "JSONB": "object",
        "TSTZRANGE": "period",
        "DATETIME": "date-time",
        "DATE": "date",
    }
)

EMPTY_LIST = "[]"  # the default of a column of JSON that holds lists


def field_of(column: Any) -> Field:
    """Describe a mapped column as a property."""
    kind = KINDS.get(column.type.__visit_name__.upper(), "string")
    if kind == "object" and getattr(column.server_default, "arg", None) == EMPTY_LIST:
        kind = "array"
    return Field(str(column.name), kind, column, column.comment, bool(column.nullable))


class Symbol(NamedTuple):
    """One line of a legend: what a property's value looks like."""

    value: str
    label: str
    label_zh: str
    style: Mapping[str, Any]


class Link(NamedTuple):
    """Words of a sheet that lead to a page of this server."""

    words: str
    path: str


class Sheet(NamedTuple):
    """One sheet of a workbook: its title, the names of its columns, and its rows."""

    title: str
    headings: Sequence[str]
    rows: Iterable[list[Any]]
