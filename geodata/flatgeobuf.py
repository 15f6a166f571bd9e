"""Write FlatGeobuf without its index, row by row: nothing is held but the row at hand.

A flatbuffer is written forwards here: a table, then what it points to. Positions are counted from
the size that stands before each buffer, as the reference writer aligns them.

Source: FlatGeobuf 3.0 (header.fbs, feature.fbs); FlatBuffers, "FlatBuffer Internals".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from struct import Struct
from typing import Any

from geodata.streams import Column, Head, Row, distinct

MAGIC = b"fgb\x03fgb\x00"
SHAPES = (
    *("GEOMETRY", "POINT", "LINESTRING", "POLYGON"),
    *("MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"),
)
POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
# ColumnType of header.fbs.
KINDS = {
    **{"boolean": 2, "integer": 7, "number": 10, "string": 11, "json": 12},
    **{"date-time": 13, "date": 13},
}
_U32, _I32, _U16, _TEXT = Struct("<I"), Struct("<i"), Struct("<H"), Struct("<HI")
_HEAD_BYTES = 8  # the size of what follows, and where its root is

# A field of a table: a number as it is stored, or what writes something to point to.
Child = Callable[[bytearray], int]
Slot = bytes | Child | None
Encode = Callable[[Any], bytes]


class FlatGeobuf:
    """Write rows as FlatGeobuf.

    Args:
        head: what the file holds; a table without places has features without geometry.
    """

    def __init__(self, head: Head) -> None:
        self._head = head
        self._columns = distinct(head.columns)
        self._encode = [_encoder(i, column.kind) for i, column in enumerate(self._columns)]

    def begin(self) -> bytes:
        """Write the header, which tells neither how many features there are nor where."""
        shape = SHAPES.index(self._head.shape or "GEOMETRY")
        columns = [partial(_table, slots=_column(column)) for column in self._columns]
        crs: list[Slot] = [partial(_string, text="EPSG"), _I32.pack(self._head.srid)]
        slots: list[Slot] = [None] * 14
        slots[0] = partial(_string, text=self._head.title)
        slots[2] = _U32.pack(shape)
        slots[7] = partial(_tables, children=columns)
        slots[9] = _U32.pack(0)  # no index
        slots[10] = partial(_table, slots=crs)
        return MAGIC + _buffer(slots)

    def add(self, rows: Sequence[Row]) -> bytes:
        """Write a feature for each row."""
        return b"".join([self._feature(row) for row in rows])

    def end(self) -> Iterator[bytes]:
        """Write nothing."""
        yield from ()

    def close(self) -> None:
        """Hold nothing."""

    def _feature(self, row: Row) -> bytes:
        told = [
            encode(value)
            for encode, value in zip(self._encode, row[1:], strict=True)
            if value is not None
        ]
        # The driver gives a view, which is slow to look into.
        return feature(None if row[0] is None else bytes(row[0]), b"".join(told))


def feature(wkb: bytes | None, properties: bytes) -> bytes:
    """Write one feature, with the size before it.

    Args:
        wkb: its geometry; None for none.
        properties: each with the number of its column before it.
    """
    if wkb is not None and wkb[1:5] == _POINT_WKB:
        # Most are points, and of those all but the coordinates and properties is the same.
        size = len(_POINT_HEAD) + 20 + len(properties)
        pad = -(size + 4) % 8
        told = _U32.pack(size + pad), _POINT_HEAD, wkb[5:21], _U32.pack(len(properties))
        return b"".join((*told, properties, bytes(pad)))
    shape = None if wkb is None else partial(_geometry, wkb=wkb)
    return _buffer([shape, partial(_bytes, content=properties)])


def _encoder(number: int, kind: str) -> Encode:
    """Give what writes a value of one column."""
    if kind in ("integer", "number", "boolean"):
        pack = Struct({"integer": "<Hq", "number": "<Hd", "boolean": "<H?"}[kind]).pack
        return partial(pack, number)
    if kind in ("date-time", "date"):
        return partial(_time, number)
    return partial(_text, number)


def _text(number: int, value: str) -> bytes:
    told = value.encode()
    return _TEXT.pack(number, len(told)) + told


def _time(number: int, value: date) -> bytes:
    return _text(number, value.isoformat())


def _column(column: Column) -> list[Slot]:
    return [partial(_string, text=column.name), _U32.pack(KINDS[column.kind])]


def _buffer(slots: Sequence[Slot]) -> bytes:
    """Write a table as a buffer of its own, with the size before it."""
    out = bytearray(_HEAD_BYTES)
    root = _table(out, slots)
    _align(out, 8)
    _U32.pack_into(out, 0, len(out) - 4)
    _U32.pack_into(out, 4, root - 4)
    return bytes(out)


def _table(out: bytearray, slots: Sequence[Slot]) -> int:
    """Append a table with what it points to; tell where it begins.

    Every field takes four bytes, so that nothing has to be ordered by size.
    """
    _align(out, 4)
    vtable, present = len(out), [i for i, slot in enumerate(slots) if slot is not None]
    out += _U16.pack(4 + 2 * len(slots)) + _U16.pack(4 + 4 * len(present)) + bytes(2 * len(slots))
    _align(out, 4)
    table = len(out)
    out += _I32.pack(table - vtable) + bytes(4 * len(present))
    for place, i in enumerate(present, 1):
        _U16.pack_into(out, vtable + 4 + 2 * i, 4 * place)
        _fill(out, table + 4 * place, slots[i])
    return table


def _fill(out: bytearray, at: int, slot: Slot) -> None:
    if callable(slot):
        _U32.pack_into(out, at, slot(out) - at)
    else:
        assert slot is not None
        out[at : at + 4] = slot


def _align(out: bytearray, size: int) -> None:
    out += bytes(-len(out) % size)


def _string(out: bytearray, text: str) -> int:
    told = text.encode()
    at = _bytes(out, told)
    out += b"\0"
    return at


def _bytes(out: bytearray, content: bytes) -> int:
    _align(out, 4)
    at = len(out)
    out += _U32.pack(len(content)) + content
    return at


def _doubles(out: bytearray, content: bytes) -> int:
    """Append a vector of doubles, whose first stands at a multiple of eight."""
    _align(out, 4)
    if len(out) % 8 == 0:
        out += bytes(4)
    at = len(out)
    out += _U32.pack(len(content) // 8) + content
    return at


def _numbers(out: bytearray, numbers: Sequence[int]) -> int:
    _align(out, 4)
    at = len(out)
    out += Struct(f"<{len(numbers) + 1}I").pack(len(numbers), *numbers)
    return at


def _tables(out: bytearray, children: Sequence[Child]) -> int:
    _align(out, 4)
    at = len(out)
    out += _U32.pack(len(children)) + bytes(4 * len(children))
    for i, child in enumerate(children, 1):
        _U32.pack_into(out, at + 4 * i, child(out) - at - 4 * i)
    return at


def _geometry(out: bytearray, wkb: bytes) -> int:
    return _part(out, _Wkb(wkb).shape())


def _part(out: bytearray, shape: _Shape) -> int:
    kind, rings, parts = shape
    slots: list[Slot] = [None] * 8
    slots[6] = _U32.pack(kind)
    if parts:
        slots[7] = partial(_tables, children=[partial(_part, shape=part) for part in parts])
    else:
        slots[1] = partial(_doubles, content=b"".join(rings))
        if len(rings) > 1 and kind != MULTIPOINT:
            slots[0] = partial(_numbers, numbers=_ends(rings))
    return _table(out, slots)


def _ends(rings: Sequence[bytes]) -> list[int]:
    """Tell after how many positions each ring ends."""
    ends, last = [], 0
    for ring in rings:
        last += len(ring) // 16
        ends.append(last)
    return ends


# The kind, the coordinates of its rings or lines, and its parts.
_Shape = tuple[int, list[bytes], list[Any]]


class _Wkb:
    """Read little-endian WKB of two dimensions, whose coordinates FlatGeobuf holds as they are."""

    def __init__(self, wkb: bytes) -> None:
        self._wkb, self._at = wkb, 0

    def shape(self) -> _Shape:
        """Read a geometry."""
        kind = _U32.unpack_from(self._wkb, self._at + 1)[0]
        self._at += 5
        if kind == POINT:
            return kind, [self._take(1)], []
        if kind == LINE:
            return kind, [self._take(self._count())], []
        if kind == POLYGON:
            return kind, [self._take(self._count()) for _ in range(self._count())], []
        parts = [self.shape() for _ in range(self._count())]
        if kind in (MULTIPOINT, MULTILINE):
            return kind, [ring for _, rings, _ in parts for ring in rings], []
        return kind, [], parts

    def _count(self) -> int:
        self._at += 4
        return int(_U32.unpack_from(self._wkb, self._at - 4)[0])

    def _take(self, positions: int) -> bytes:
        self._at += 16 * positions
        return self._wkb[self._at - 16 * positions : self._at]


_POINT_WKB = _U32.pack(POINT)


def _point_head() -> bytes:
    """Cut what stands before the coordinates out of a point's feature, without its size."""
    mark = b"<coordinates   >"
    whole = _buffer(
        [partial(_geometry, wkb=b"\1" + _POINT_WKB + mark), partial(_bytes, content=b"")]
    )
    return whole[4 : whole.index(mark)]


_POINT_HEAD = _point_head()
