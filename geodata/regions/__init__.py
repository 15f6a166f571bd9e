"""The small data files of each city, read into values."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geodata.errors import NotFound
from geodata.procedure_files import parse_procedure
from geodata.procedures import Procedure

FOLDER = Path(__file__).parent
# A district without tables of its own takes these of Dongguan, until it brings its own.
MODEL = 441900
COMMON = frozenset({"bags.csv", "calendar.toml", "categories.csv", "mandates.csv", "places.csv"})


@dataclass(frozen=True)
class Category:
    """One item of the two-level table of incident categories.

    ``severity`` is 1–4 with 1 the highest; ``limit_h`` is the time limit, counted in
    ``limit_unit`` (hours, working_hours or working_days); ``department`` is the name of the
    organisation in charge; ``procedure`` the code of the procedure that its cases follow; a
    ``restricted`` item is seen by those who handle it only.
    """

    code: str
    class_code: str
    class_name: str
    class_name_en: str
    item: str
    item_en: str
    severity: int
    limit_h: float
    department: str
    restricted: bool = False
    limit_unit: str = "hours"
    procedure: str = "basic"


@dataclass(frozen=True)
class Mandate:
    """An item that an organisation of a kind and name must answer for itself.

    ``place_class`` is the class of the enterprise or facility at the place, empty for any place.
    """

    item: str
    place_class: str
    organisation_kind: str
    organisation: str


@dataclass(frozen=True)
class ReportWords:
    """How an item is reported: near what, by which channels, how often and in which words."""

    category: str
    where: str
    sources: tuple[str, ...]
    weight: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class PlaceRule:
    """One limit that a place of a class must keep to be small.

    ``op`` is ``<=`` (limit: a number in ``unit``) or ``in`` (limit: words joined by ``|``).
    """

    place: str
    place_class: str
    attribute: str
    op: str
    limit: str
    unit: str


@dataclass(frozen=True)
class Village:
    """A village or community: its 12-digit code and its short name."""

    code: str
    name: str


@dataclass(frozen=True)
class TownSettings:
    """What a synthetic twin of a town must reproduce.

    ``center`` is (lon, lat) in EPSG:4326; ``metric_crs`` is the EPSG code of the town's 3°
    Gauss–Krüger zone; ``grid_households`` is the norm (least, most) of one grid.
    """

    code: str
    name: str
    name_en: str
    title: str
    title_en: str
    synthetic: bool
    time_zone: str
    center: tuple[float, float]
    area_km2: float
    metric_crs: int
    grids: int
    micro_grids: int
    people: int
    households: int
    residents: int
    floating: int
    grid_households: tuple[int, int]
    river: str
    departments: tuple[str, ...]
    villages: tuple[Village, ...]

    @property
    def district(self) -> int:
        """Give the 6-digit district code that every row carries."""
        return int(self.code[:6])


@cache
def categories(district: int) -> tuple[Category, ...]:
    """Read the incident categories of a district, ordered by code."""
    rows = _rows(district, "categories.csv")
    return tuple(sorted((_category(row) for row in rows), key=lambda item: item.code))


@cache
def bags(district: int) -> tuple[Category, ...]:
    """Read the items that residents hand in themselves: wishes and the other bags by colour."""
    return tuple(_category(row) for row in _rows(district, "bags.csv"))


@cache
def procedures(district: int) -> tuple[Procedure, ...]:
    """Read and check the shipped procedures; a district's own come before another's of that code.

    Raises:
        InvalidInput: naming the file and what is wrong in it.
    """
    paths = sorted(FOLDER.glob("*/procedures/*.toml"))
    own_last = sorted(paths, key=lambda path: path.parts[-3] == str(district))
    by_code = {path.stem: path for path in own_last}
    return tuple(
        parse_procedure(path.read_text(encoding="utf-8"), "/".join(path.parts[-3:]))
        for _, path in sorted(by_code.items())
    )


@cache
def mandates(district: int) -> tuple[Mandate, ...]:
    """Read which organisation answers for which item at places of which class."""
    return tuple(Mandate(**row) for row in _rows(district, "mandates.csv"))


@cache
def place_rules(district: int) -> tuple[PlaceRule, ...]:
    """Read the three-small and nine-small rule table of a district, in order of precedence."""
    return tuple(
        PlaceRule(r["place"], r["class"], r["attribute"], r["op"], r["limit"], r["unit"])
        for r in _rows(district, "places.csv")
    )


@cache
def report_words(district: int) -> tuple[ReportWords, ...]:
    """Read how each item is reported in a simulation, in the order of the file."""
    return tuple(
        ReportWords(
            category=r["code"],
            where=r["where"],
            sources=tuple(r["sources"].split()),
            weight=float(r["weight"]),
            words=tuple(r["words"].split("|")),
        )
        for r in _rows(district, "reports.csv")
    )


@cache
def town_settings(district: int) -> TownSettings:
    """Read the settings of a district's demo town."""
    values = json.loads(region_file(district, "town.json").read_text(encoding="utf-8"))
    values["villages"] = tuple(Village(**village) for village in values["villages"])
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    return TownSettings(**fields)


@cache
def words(district: int) -> dict[str, tuple[str, ...]]:
    """Read the words from which names of streets, estates and firms are made, by kind."""
    return {row["kind"]: tuple(row["words"].split()) for row in _rows(district, "names.csv")}


def _category(row: dict[str, str]) -> Category:
    return Category(
        code=row["code"],
        class_code=row["class_code"],
        class_name=row["class"],
        class_name_en=row["class_en"],
        item=row["item"],
        item_en=row["item_en"],
        severity=int(row["severity"]),
        limit_h=float(row["limit_h"]),
        department=row["department"],
        restricted=row.get("restricted") == "true",
        limit_unit=row.get("limit_unit") or "hours",
        procedure=row.get("procedure") or "basic",
    )


def _rows(district: int, name: str) -> Iterator[dict[str, str]]:
    with region_file(district, name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def region_file(district: int, name: str) -> Path:
    """Find a data file of a district, or the model's where a district may do without its own.

    Raises:
        NotFound: if there is none.
    """
    for folder in (str(district), str(MODEL) if name in COMMON else ""):
        if folder and (path := FOLDER / folder / name).is_file():
            return path
    raise NotFound(f"no {name} for district {district}", "district")
