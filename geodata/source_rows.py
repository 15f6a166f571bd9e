"""Read a source's rows: find each member by its way, and write it as a property of an incident."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from geodata.errors import InvalidInput
from geodata.geojson import Feature, feature_of

EPOCHS = {"epoch_s": 1, "epoch_ms": 1000}
SPARE = "*"
POSITION = ("lon", "lat", "lonlat")
ENCODINGS = ("utf-8-sig", "gb18030")
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+")
_UNIT = re.compile(r"\s*(?:米|m|M|°|度)$")
_PHOTOS = re.compile(r"[\s;,|；，、]+")
_PAIR = re.compile(r"[\s,;，；]+")
# The members of a feature that hold a property.
_GEOMETRY = {"geometry.coordinates[0]": "lon", "geometry.coordinates[1]": "lat"}


class Refused(NamedTuple):
    """A row that was not taken: its number from 1, the member at fault in its own words, why."""

    row: int
    member: str
    detail: str


@dataclass(frozen=True)
class Reading:
    """How the rows of one source are read.

    Attributes:
        fields: property to the ways to it, of which the first that is filled counts. A way is a
            column's name, or members joined by dots (``alarm.device.id``, ``images[].url``), or a
            pattern of several (``{device}:{alarm}``).
        constants: properties that every row has unless it says otherwise.
        values: property to a table from the source's words to ours; ``*`` for every other word.
        crs: of the coordinates, as ``SourceCrs.parse`` takes it.
        zone: of times that do not say theirs.
        time_formats: as ``strptime`` takes them, or ``iso``, ``epoch_s``, ``epoch_ms``.
        blank: texts that stand for nothing.
    """

    fields: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, Any]
    values: Mapping[str, Mapping[str, Any]]
    crs: str
    zone: tzinfo
    time_formats: tuple[str, ...]
    blank: frozenset[str] = frozenset()

    def member(self, name: str) -> str:
        """Name what a property is called in the source's own words."""
        bare = name.removeprefix("properties.")
        bare = _GEOMETRY.get(bare, bare)
        if bare == "crs" or bare.startswith("geometry"):
            return " / ".join(way for name in POSITION for way in self.fields.get(name, ()))
        if bare in ("lon", "lat") and bare not in self.fields:
            bare = "lonlat"
        return " / ".join(self.fields.get(bare, (bare,)))


def features(
    reading: Reading, source: str, rows: list[Any]
) -> tuple[dict[int, Feature], list[Refused]]:
    """Turn rows into features by their row from 1, and name those that are none."""
    found, refused = dict[int, Feature](), list[Refused]()
    for number, row in enumerate(rows, 1):
        try:
            found[number] = feature_of(document(reading, source, row))
        except InvalidInput as error:
            member = reading.member(error.member or "")
            refused.append(Refused(number, member, error.message))
    return found, refused


def document(reading: Reading, source: str, row: Any) -> dict[str, Any]:
    """Write one row as a GeoJSON feature to be taken in.

    Raises:
        InvalidInput: naming the property that is missing or wrong.
    """
    if not isinstance(row, dict):
        raise InvalidInput(f"a row is an object, not {row!r:.60}", "row")
    told = dict(reading.constants) | {"source": source}
    for name in reading.fields:
        if (value := _value(reading, name, row)) is not None:
            told[name] = value
    place = _place(told)
    _check_whole(told, place)
    if place is not None:
        told["crs"] = reading.crs
    else:
        told.pop("accuracy_m", None)
    geometry = place and {"type": "Point", "coordinates": place}
    return {"type": "Feature", "geometry": geometry, "properties": told}


def _check_whole(told: Mapping[str, Any], place: list[float] | None) -> None:
    if told.get("external_id") is None:
        raise InvalidInput("the row has no id of its own", "external_id")
    if told.get("category") is None:
        raise InvalidInput("the row does not say what happened", "category")
    if place is None and told.get("address") is None:
        raise InvalidInput("the row does not say where it happened", "address")


def _place(told: dict[str, Any]) -> list[float] | None:
    """Take the position out of the properties; a pair of zeros stands for none."""
    lon, lat = told.pop("lon", None), told.pop("lat", None)
    place = told.pop("lonlat", None) or [lon, lat]
    if place in ([None, None], [0.0, 0.0]):
        return None
    if None in place:
        raise InvalidInput("half of a position", "lon" if place[0] is None else "lat")
    return list(place)


def _value(reading: Reading, name: str, row: Mapping[str, Any]) -> Any:
    """Find a property in a row and bring it to our form; None when the row does not tell."""
    given = next(_filled(reading, name, row), None)
    if given is None:
        return None
    if name in reading.values:
        return _translated(reading.values[name], name, given)
    if name == "reported_at":
        return _time(reading, given)
    read: Callable[[str, Any], Any] = READ.get(name, _text)
    return read(name, given)


def _filled(reading: Reading, name: str, row: Mapping[str, Any]) -> Iterator[Any]:
    for way in reading.fields[name]:
        given = _joined(row, way) if _TEMPLATE.search(way) else _follow(row, way)
        if isinstance(given, str):
            given = None if given.strip() in reading.blank else given.strip()
        if given not in (None, "", []):
            yield given


def _joined(row: Mapping[str, Any], pattern: str) -> str | None:
    """Fill a pattern; None when one of its members is not there."""
    parts = [_follow(row, way) for way in _TEMPLATE.findall(pattern)]
    if any(part is None or part == "" or isinstance(part, dict | list) for part in parts):
        return None
    texts = iter(parts)
    return _TEMPLATE.sub(lambda _: str(next(texts)).strip(), pattern)


def _follow(row: Any, way: str) -> Any:
    """Go down from member to member; a column whose very name is the way comes first."""
    if isinstance(row, dict) and way in row:
        return row[way]
    first, dot, rest = way.partition(".")
    name, each = first.removesuffix("[]"), first.endswith("[]")
    inner = row.get(name) if isinstance(row, dict) else None
    if each:
        items = inner if isinstance(inner, list) else []
        return [_follow(one, rest) if dot else one for one in items]
    return _follow(inner, rest) if dot and inner is not None else inner if not dot else None


def _translated(table: Mapping[str, Any], name: str, given: Any) -> Any:
    word = str(given)
    if word in table:
        return table[word]
    if SPARE in table:
        return table[SPARE]
    raise InvalidInput(f"{word[:60]!r} is not in the table of values", name)


def _number(name: str, given: Any) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    bare = _UNIT.sub("", str(given)).strip()
    if not _NUMBER.fullmatch(bare):
        raise InvalidInput(f"{str(given)[:60]!r} is not a number", name)
    return float(bare)


def _severity(_name: str, given: Any) -> Any:
    return int(given) if str(given) in ("1", "2", "3", "4") else given


def _pair(name: str, given: Any) -> list[float]:
    """Read a position written as ``113.94,22.99`` or as a list of two numbers."""
    parts = _PAIR.split(given) if isinstance(given, str) else given
    if not isinstance(parts, list) or len(parts) != 2:
        raise InvalidInput(f"{str(given)[:60]!r} is no pair of longitude and latitude", name)
    return [_number(name, part) for part in parts]


def _photos(name: str, given: Any) -> list[str]:
    parts = _PHOTOS.split(given) if isinstance(given, str) else given
    if not isinstance(parts, list):
        raise InvalidInput(f"{str(given)[:60]!r} is no list of photos", name)
    return [str(part) for part in parts if part not in (None, "")]


def _text(name: str, given: Any) -> str:
    if isinstance(given, dict | list | bool):
        raise InvalidInput(f"{str(given)[:60]!r} is not a text", name)
    return str(given).strip()


READ: Mapping[str, Callable[[str, Any], Any]] = {
    "lon": _number,
    "lat": _number,
    "accuracy_m": _number,
    "lonlat": _pair,
    "photos": _photos,
    "severity": _severity,
}


def _time(reading: Reading, given: Any) -> str:
    for form in reading.time_formats:
        if (at := parse_time(str(given), form)) is not None:
            return (at if at.tzinfo else at.replace(tzinfo=reading.zone)).isoformat()
    forms = ", ".join(reading.time_formats)
    raise InvalidInput(f"{str(given)[:60]!r} is no time in the form {forms}", "reported_at")


def parse_time(text: str, form: str) -> datetime | None:
    """Read a time in one form; None when it is not in that form."""
    try:
        if form in EPOCHS:
            return datetime.fromtimestamp(float(text) / EPOCHS[form], UTC)
        return datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)
    except (ValueError, OverflowError, OSError):
        return None


def table_rows(body: bytes) -> list[dict[str, Any]]:
    """Read a CSV with a header row, in UTF-8 or GBK, separated by comma, tab or semicolon.

    Blank lines are left out; a value without a header belongs to no column.

    Raises:
        InvalidInput: if it decodes as neither, or there is no row.
    """
    text = _decoded(body)
    head = text.split("\n", 1)[0]
    separator = max((",", "\t", ";"), key=head.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InvalidInput(f"the table cannot be read: {error}", "body") from error
    if not rows:
        raise InvalidInput("the table has no row below its header", "body")
    return [{k.strip(): v for k, v in row.items() if isinstance(k, str)} for row in rows]


def _decoded(body: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise InvalidInput("the table holds a null character", "body")
        return text
    raise InvalidInput("the table is neither UTF-8 nor GBK", "body")
