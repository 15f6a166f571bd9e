"""Read a table or a sequence of features whose places are asked for: points, or addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from types import MappingProxyType
from typing import Any

from shapely import Point

from geodata.crs import SourceCrs
from geodata.errors import InvalidInput, TooLarge
from geodata.geojson import check_lonlat, parse_json, read_geometry
from geodata.source_rows import table_rows

ROWS = 10_000
ADDRESS_LIMIT, NAME_LIMIT = 400, 200
ACCURACY_LIMIT_M = 100_000
RS = b"\x1e"
# What the columns of a table are called, in lower case.
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("id", "编号", "序号"),
        "lon": ("lon", "lng", "longitude", "x", "经度"),
        "lat": ("lat", "latitude", "y", "纬度"),
        "address": ("address", "地址", "住址", "详细地址"),
        "crs": ("crs", "坐标系"),
        "accuracy_m": ("accuracy_m", "精度"),
    }
)


@dataclass(frozen=True)
class Wanted:
    """One row: a point in EPSG:4326, or an address, or why it is neither.

    Attributes:
        row: its position from 1.
        name: what the client calls it, if it does.
        lon: degrees; None for an address.
        lat: degrees.
        accuracy_m: radius in metres that holds the true place in 95 of 100 cases, if known.
        address: the words, where there is no point.
        member: the column that is wrong.
        reason: why the row cannot be asked for.
    """

    row: int
    name: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    address: str | None = None
    member: str | None = None
    reason: str | None = None


def of_table(body: bytes, crs: str) -> list[Wanted]:
    """Read a CSV with a header, in UTF-8 or GBK.

    Args:
        body: columns ``lon`` and ``lat``, or ``address``; and perhaps ``id``, ``crs`` and
            ``accuracy_m``; others are passed over.
        crs: what the coordinates are in, where a row does not say.

    Raises:
        InvalidInput: if the table as a whole cannot be read.
        TooLarge: if there are more than ``ROWS`` rows.
    """
    _check_count(body.count(b"\n") // 2)  # a cell may hold a line break
    rows = table_rows(body)
    _check_count(len(rows))
    found = {name: _column(rows[0], names) for name, names in COLUMNS.items()}
    if found["address"] is None and (found["lon"] is None or found["lat"] is None):
        raise InvalidInput("the table has neither lon and lat nor address", "body")
    told = [
        {name: (row.get(column) or "").strip() for name, column in found.items() if column}
        for row in rows
    ]
    return [_read(number, crs, of_cells, cells) for number, cells in enumerate(told, 1)]


def of_sequence(body: bytes, crs: str) -> list[Wanted]:
    """Read GeoJSON features, one a line or after each RS character.

    Args:
        body: points, or features whose property ``address`` says where they are.
        crs: what the coordinates are in, where ``properties.crs`` does not say.

    Raises:
        InvalidInput: if there is no feature.
        TooLarge: if there are more than ``ROWS``.

    Source: RFC 8142.
    """
    parts = [part for part in body.split(RS if RS in body else b"\n") if part.strip()]
    _check_count(len(parts))
    if not parts:
        raise InvalidInput("the sequence is empty", "body")
    return [_read(number, crs, of_feature, part) for number, part in enumerate(parts, 1)]


def _check_count(rows: int) -> None:
    if rows > ROWS:
        raise TooLarge(f"at most {ROWS} rows at once", "body")


def _column(row: Mapping[str, Any], names: Sequence[str]) -> str | None:
    folded = {str(name).strip().lower(): name for name in row}
    return next((folded[name] for name in names if name in folded), None)


def _read(number: int, crs: str, read: Callable[[Any, str], Wanted], given: Any) -> Wanted:
    try:
        return replace(read(given, crs), row=number)
    except InvalidInput as error:
        return Wanted(number, member=error.member, reason=error.message)


def of_cells(cells: Mapping[str, str], crs: str) -> Wanted:
    """Read one row of a table.

    Raises:
        InvalidInput: naming the column that is wrong.
    """
    name = _words(cells.get("id"), "id", NAME_LIMIT)
    x, y = (_number(cells.get(column), column) for column in ("lon", "lat"))
    accuracy_m = _accuracy(_number(cells.get("accuracy_m"), "accuracy_m"))
    if x is None and y is None:
        return Wanted(0, name, address=_address(cells.get("address")))
    if x is None or y is None:
        raise InvalidInput("a point has both", "lon" if x is None else "lat")
    lon, lat = _lonlat(x, y, cells.get("crs") or crs, ("lon", "lat"))
    return Wanted(0, name, lon, lat, accuracy_m)


def of_feature(part: bytes, crs: str) -> Wanted:
    """Read one feature.

    Raises:
        InvalidInput: naming the member that is wrong.
    """
    document = parse_json(part)
    if not isinstance(document, dict) or document.get("type") != "Feature":
        raise InvalidInput("it is no GeoJSON feature", "type")
    properties = document.get("properties")
    if not isinstance(properties, dict | None):
        raise InvalidInput("properties is not an object", "properties")
    properties = properties or {}
    name = _words(_plain(document.get("id", properties.get("id"))), "id", NAME_LIMIT)
    shape = read_geometry(document.get("geometry"), in_degrees=False)
    if shape is None:
        return Wanted(0, name, address=_address(properties.get("address")))
    if not isinstance(shape, Point):
        raise InvalidInput(f"a place is a point, not a {shape.geom_type}", "geometry.type")
    own = _words(properties.get("crs"), "crs", 4000) or crs
    at = ("geometry.coordinates[0]", "geometry.coordinates[1]")
    lon, lat = _lonlat(shape.x, shape.y, own, at)
    accuracy_m = _accuracy(_number(properties.get("accuracy_m"), "accuracy_m"))
    return Wanted(0, name, lon, lat, accuracy_m)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


def _words(value: Any, name: str, most: int) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is text", name)
    if len(value) > most:
        raise InvalidInput(f"{name} has more than {most} characters", name)
    return value


def _address(value: Any) -> str:
    if words := (_words(value, "address", ADDRESS_LIMIT) or "").strip():
        return words
    raise InvalidInput("neither a point nor an address", "address")


def _number(value: Any, name: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        found = float(value) if isinstance(value, str | int | float) else float("nan")
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{value[:40]!r} is no number", name) from error
    if isinstance(value, bool) or not isfinite(found):
        raise InvalidInput("it is no number", name)
    return found


def _accuracy(metres: float | None) -> float | None:
    if metres is not None and not 0 <= metres <= ACCURACY_LIMIT_M:
        raise InvalidInput(f"accuracy_m is 0…{ACCURACY_LIMIT_M} metres", "accuracy_m")
    return metres


def _lonlat(x: float, y: float, crs: str, members: tuple[str, str]) -> tuple[float, float]:
    source = SourceCrs.parse(crs)
    if source.is_lonlat:
        check_lonlat(x, y, *members)
    try:
        return source.point_to_wgs84(x, y)
    except InvalidInput as error:
        raise InvalidInput(error.message, members[0]) from error


def reads_words(wanted: Iterable[Wanted]) -> bool:
    """Tell whether any row has words only."""
    return any(one.address is not None for one in wanted)
