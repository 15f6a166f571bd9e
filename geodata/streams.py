"""What every format of a streamed file shares: its columns, its rows, and how it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

# The geometry as ISO WKB (little-endian, two dimensions, east first) or None, then a value for each
# column.
Row = Sequence[Any]


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes:
        name: what readers see.
        kind: string, integer (64 bits), number, boolean, date-time (aware), date, or json (text).
    """

    name: str
    kind: str


@dataclass(frozen=True)
class Head:
    """What is known of a file before its first row.

    Attributes:
        title: the name of the layer inside the file.
        columns: beside the geometry, in order.
        srid: the EPSG code of the coordinates, which stand east first.
        shape: POINT, MULTIPOLYGON, …, GEOMETRY for any; None for a table without places.
    """

    title: str
    columns: tuple[Column, ...]
    srid: int
    shape: str | None


class Encoder(Protocol):
    """Write one file, part by part; it is closed in the end, finished or not."""

    def begin(self) -> bytes:
        """Write what comes before the first row."""

    def add(self, rows: Sequence[Row]) -> bytes:
        """Write some rows; what has to wait for more is written with those, or in the end."""

    def end(self) -> Iterator[bytes]:
        """Write what comes after the last row."""

    def close(self) -> None:
        """Let go of what the encoder holds."""


def distinct(columns: Iterable[Column], reserved: Collection[str] = ()) -> tuple[Column, ...]:
    """Rename columns whose names are taken, whatever their case: the second ``name`` is ``name_2``.

    Args:
        columns: in the order in which they get their names.
        reserved: names that the format itself needs.
    """
    taken = {name.casefold() for name in reserved}
    found = []
    for column in columns:
        name, number = column.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{column.name}_{number}"
        taken.add(name.casefold())
        found.append(replace(column, name=name))
    return tuple(found)


class Lines:
    """Write rows that the database wrote as text, each in a line, or as a GeoJSON text sequence.

    Args:
        mark: what stands before each row.

    Source: RFC 8142; RFC 7464, section 2.2.
    """

    def __init__(self, mark: str = "") -> None:
        self._between = f"\n{mark}"
        self._mark = mark

    def begin(self) -> bytes:
        """Write nothing."""
        return b""

    def add(self, rows: Sequence[Row]) -> bytes:
        """Write the only value of each row."""
        return f"{self._mark}{self._between.join([row[0] for row in rows])}\n".encode()

    def end(self) -> Iterator[bytes]:
        """Write nothing."""
        yield from ()

    def close(self) -> None:
        """Hold nothing."""
