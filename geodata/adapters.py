"""Bring what a source sends in its own form to the form of an intake.

A mapping file says which member or column of a source's row is which property of an incident; the
rows themselves are read by ``geodata/source_rows.py``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geodata.crs import SourceCrs
from geodata.errors import InvalidInput, NotFound
from geodata.regions import FOLDER, MODEL, bags, categories
from geodata.source_rows import EPOCHS, Reading, Refused, features, parse_time

PLACES = frozenset({"lon", "lat", "lonlat", "address"})
MAPPED = PLACES | {
    *("category", "severity", "external_id", "description", "accuracy_m", "reported_at", "photos"),
}
WORDS = {"title": "", "title_en": "", "source": "", "crs": "EPSG:4326", "time_zone": ""}
LISTS = ("time_formats", "blank", "helpers")
TABLES = ("fields", "constants", "values")
HELPERS = frozenset({"department"})
SEVERITIES = range(1, 5)
# How the names of sources and of their files are written.
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
MOMENT = datetime(2026, 1, 31, 13, 5, 9)


@dataclass(frozen=True)
class Adapter:
    """How one source's rows become incidents.

    Attributes:
        name: of the mapping file and in the address that takes the rows.
        source: what incidents keep as their source.
        reading: how the rows are read.
        helpers: who is told at once beside the post that answers: ``department``, that of the
            category.
    """

    name: str
    title: str
    title_en: str
    source: str
    reading: Reading
    helpers: tuple[str, ...] = ()

    def features(self, rows: list[Any]) -> tuple[dict[int, Any], list[Refused]]:
        """Turn a source's rows into features by their row from 1, and name those that are none."""
        return features(self.reading, self.source, rows)

    def member(self, name: str) -> str:
        """Name what a property is called in the source's own words."""
        return self.reading.member(name)

    def told(self) -> dict[str, Any]:
        """Describe the source to whoever wants to send rows."""
        reading = self.reading
        return {
            "name": self.name,
            "title": self.title,
            "title_en": self.title_en,
            "source": self.source,
            "crs": reading.crs,
            "time_zone": str(reading.zone),
            "time_formats": list(reading.time_formats),
            "fields": {name: list(paths) for name, paths in reading.fields.items()},
            "constants": dict(reading.constants),
            "values": {name: dict(table) for name, table in reading.values.items()},
            "helpers": list(self.helpers),
        }


@dataclass(frozen=True)
class _Draft:
    """A mapping file being checked: its name, what it says, and the categories there are."""

    name: str
    given: Mapping[str, Any]
    codes: Collection[str]
    time_zone: str = "Asia/Shanghai"
    words: dict[str, str] = field(default_factory=dict)

    def refuse(self, what: str, member: str) -> InvalidInput:
        return InvalidInput(f"sources/{self.name}.toml: {what}", member)


@cache
def adapters(district: int, time_zone: str = "Asia/Shanghai") -> dict[str, Adapter]:
    """Read the mapping files of a district, by name; those of the model district when it has none.

    Raises:
        InvalidInput: naming the file and the member that is wrong.
    """
    folder = _folder(district)
    known = {category.code for category in (*categories(district), *bags(district))}
    return {
        path.stem: read(path.stem, path.read_text(encoding="utf-8"), known, time_zone)
        for path in sorted(folder.glob("*.toml"))
    }


def adapter(district: int, name: str, time_zone: str = "Asia/Shanghai") -> Adapter:
    """Find the mapping of one source.

    Raises:
        NotFound: naming the sources that there are.
    """
    known = adapters(district, time_zone)
    if name not in known:
        raise NotFound(f"no source {name!r}; there are {', '.join(known)}", "source")
    return known[name]


def read(name: str, toml: str, codes: Collection[str], time_zone: str = "Asia/Shanghai") -> Adapter:
    """Read and check one mapping file.

    Args:
        name: of the file without its ending.
        toml: its text.
        codes: of the categories there are.
        time_zone: of times without one, when the file names none.

    Raises:
        InvalidInput: naming the file, the member, and what is wrong with it.
    """
    draft = _Draft(name, _parsed(name, toml), codes, time_zone)
    _check_names(draft)
    words = {key: _word(draft, key) for key in WORDS}
    fields, constants, values = _fields(draft), _constants(draft), _values(draft)
    _check_whole(draft, fields, constants)
    reading = Reading(
        fields=fields,
        constants=constants,
        values=values,
        crs=_crs(draft, words["crs"] or WORDS["crs"]),
        zone=_zone(draft, words["time_zone"] or time_zone),
        time_formats=_time_formats(draft),
        blank=frozenset(_texts(draft, "blank")),
    )
    return Adapter(
        name,
        words["title"] or name,
        words["title_en"] or name,
        words["source"] or name,
        reading,
        _helpers(draft),
    )


def _folder(district: int) -> Path:
    own = FOLDER / str(district) / "sources"
    return own if own.is_dir() else FOLDER / str(MODEL) / "sources"


def _parsed(name: str, toml: str) -> dict[str, Any]:
    if not NAME.fullmatch(name):
        raise InvalidInput(f"a source is named in small letters and digits, not {name!r}", "name")
    try:
        return tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"sources/{name}.toml is no TOML: {error}", "file") from error


def _check_names(draft: _Draft) -> None:
    known = {*WORDS, *LISTS, *TABLES}
    if unknown := sorted(set(draft.given) - known):
        raise draft.refuse(f"unknown member {unknown[0]!r}", unknown[0])
    for table in TABLES:
        if not isinstance(draft.given.get(table, {}), dict):
            raise draft.refuse(f"{table} is not a table", table)
        for name in draft.given.get(table, {}):
            if name not in MAPPED:
                raise draft.refuse(
                    f"an incident has no property {name!r}; there are {', '.join(sorted(MAPPED))}",
                    f"{table}.{name}",
                )


def _word(draft: _Draft, key: str) -> str:
    value = draft.given.get(key, "")
    if not isinstance(value, str):
        raise draft.refuse(f"{key} is text, not {value!r}", key)
    return value


def _texts(draft: _Draft, key: str) -> tuple[str, ...]:
    value = draft.given.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise draft.refuse(f"{key} is a list of texts, not {value!r}", key)
    return tuple(value)


def _fields(draft: _Draft) -> dict[str, tuple[str, ...]]:
    """Read the ways to each property: one, or several of which the first that is filled counts."""
    found = {}
    for name, given in draft.given.get("fields", {}).items():
        ways = [given] if isinstance(given, str) else given
        if (
            not isinstance(ways, list)
            or not ways
            or not all(w and isinstance(w, str) for w in ways)
        ):
            raise draft.refuse(f"{name} is a member's name or a list of them", f"fields.{name}")
        found[name] = tuple(ways)
    return found


def _constants(draft: _Draft) -> dict[str, Any]:
    given = dict(draft.given.get("constants", {}))
    for name, value in given.items():
        _check_value(draft, name, value, f"constants.{name}")
    return given


def _values(draft: _Draft) -> dict[str, dict[str, Any]]:
    """Read the tables from a source's words to ours; ``*`` stands for every other word."""
    found = {}
    for name, table in draft.given.get("values", {}).items():
        if not isinstance(table, dict):
            raise draft.refuse(f"values.{name} is not a table", f"values.{name}")
        if name not in draft.given.get("fields", {}):
            raise draft.refuse(f"{name} has values but no field", f"values.{name}")
        for word, value in table.items():
            _check_value(draft, name, value, f"values.{name}.{word}")
        found[name] = dict(table)
    return found


def _check_value(draft: _Draft, name: str, value: Any, member: str) -> None:
    if name == "category" and value not in draft.codes:
        raise draft.refuse(f"no category {value!r}", member)
    if name == "severity" and (isinstance(value, bool) or value not in SEVERITIES):
        raise draft.refuse(f"severity is 1, 2, 3 or 4, not {value!r}", member)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if name == "accuracy_m" and not (number and 0 <= value <= 100_000):
        raise draft.refuse(f"accuracy_m is 0…100000 metres, not {value!r}", member)


def _check_whole(draft: _Draft, fields: Mapping[str, Any], constants: Mapping[str, Any]) -> None:
    """Refuse a mapping whose rows could never be taken in."""
    if "external_id" not in fields:
        raise draft.refuse("rows need an id of their own, to be known again", "fields.external_id")
    if not {"category"} & {*fields, *constants}:
        raise draft.refuse("rows need a category", "fields.category")
    if not PLACES & {*fields}:
        raise draft.refuse("rows need an address, or lon and lat, or lonlat", "fields.address")
    if ("lon" in fields) != ("lat" in fields):
        raise draft.refuse("lon and lat come together", "fields.lon")


def _crs(draft: _Draft, name: str) -> str:
    try:
        SourceCrs.parse(name)
    except InvalidInput as error:
        raise draft.refuse(error.message, "crs") from error
    return name


def _zone(draft: _Draft, name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise draft.refuse(f"no time zone {name!r}", "time_zone") from error


def _time_formats(draft: _Draft) -> tuple[str, ...]:
    formats = _texts(draft, "time_formats") or ("iso",)
    for form in formats:
        if form in EPOCHS or form == "iso":
            continue
        read_back = parse_time(MOMENT.strftime(form), form)
        if read_back is None or read_back.date() != MOMENT.date():
            raise draft.refuse(f"{form!r} is no form of a time", "time_formats")
    return formats


def _helpers(draft: _Draft) -> tuple[str, ...]:
    helpers = _texts(draft, "helpers")
    if unknown := sorted(set(helpers) - HELPERS):
        raise draft.refuse(
            f"a helper is one of {', '.join(HELPERS)}, not {unknown[0]!r}", "helpers"
        )
    return helpers
