"""Hold what can be found by an address: buildings and places, by road, village, estate, name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from geodata.address_names import NameIndex
from geodata.address_text import block_at, door_at, normal

_VILLAGE_WORD = re.compile("(?:社区居委会|社区|村委会|居委会|村)$")
_ROAD_WORD = re.compile("(?:大道|路|街|巷|道)$")
_ESTATE_WORD = re.compile("(?:小区|花园|新村|家园|苑)$")
_UNIT = re.compile(r"[^\W\d]{2,5}?(?:省|市|区|县|镇|乡|街道)")
_UNITS = re.compile(f"(?:{_UNIT.pattern})+")
_BLOCK_AT_END = re.compile(r"(\w*[^\W\dA-Z]{2})((?:\d{1,3}|[A-Z])(?:号楼|[栋幢座]))")
_DOOR_AT_END = re.compile(r"\d号?$")


@dataclass(frozen=True, slots=True)
class Buildings:
    """Hold the columns of the buildings, all of one length.

    `lon` and `lat` are degrees in EPSG:4326 of a point inside the building; `village` is the
    village's name, `grid_code` the code of the micro-grid.
    """

    building_id: Sequence[int]
    code: Sequence[str]
    name: Sequence[str | None]
    road: Sequence[str | None]
    door: Sequence[str | None]
    estate: Sequence[str | None]
    village: Sequence[str | None]
    address: Sequence[str | None]
    lon: Sequence[float]
    lat: Sequence[float]
    grid_code: Sequence[str]


@dataclass(frozen=True, slots=True)
class Places:
    """Hold the columns of shops and facilities; `building_id` is None outside every building."""

    name: Sequence[str]
    lon: Sequence[float]
    lat: Sequence[float]
    building_id: Sequence[int | None]
    grid_code: Sequence[str]


class Kind(Enum):
    """Say what a name names."""

    VILLAGE = "village"
    ROAD = "road"
    ESTATE = "estate"
    SITE = "site"


class Name(NamedTuple):
    """Say what one spelling stands for; a core lacks the last word: 东兴 for 东兴路."""

    spelling: str
    kind: Kind
    key: str
    core: bool = False


class Site(NamedTuple):
    """Hold one building or place; texts are in normal form but for the label."""

    label: str
    lon: float
    lat: float
    building_id: int | None
    grid_code: str
    village: str
    road: str
    number: int
    sub: int
    estate: str
    block: str


class Register:
    """Index the sites of a town by every part of their address."""

    def __init__(self, buildings: Buildings, places: Places) -> None:
        self.sites: list[Site] = []
        self.by_code: dict[str, int] = {}
        self.by_road: dict[str, list[int]] = defaultdict(list)
        self.by_door: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.by_estate: dict[str, list[int]] = defaultdict(list)
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.villages: set[str] = set()
        self.town = _units(buildings.address)
        self._add_buildings(buildings)
        self._add_places(places)
        self.names = self._all_names()
        self.index = NameIndex([name.spelling for name in self.names])

    def _add_buildings(self, buildings: Buildings) -> None:
        columns = (getattr(buildings, name) for name in Buildings.__slots__)
        for building_id, code, *texts, address, lon, lat, grid_code in zip(*columns, strict=True):
            name, road, door, estate, village = (normal(text or "") for text in texts)
            estate, block = _estate_and_block(name, estate, door)
            number = door_at(door, 0)
            site = Site(
                address or name or code, lon, lat, building_id, grid_code, village, road,
                number.number if number else -1, number.sub if number else 0, estate, block,
            )  # fmt: skip
            self._add(site, name, code)

    def _add(self, site: Site, name: str, code: str) -> None:
        at = len(self.sites)
        self.sites.append(site)
        self.by_code[code.upper()] = at
        self.villages.add(site.village)
        if site.number >= 0:
            self.by_door[site.road, site.number].append(at)
            self.by_door[site.village, site.number].append(at)
        if site.road:
            self.by_road[site.road].append(at)
        if site.estate:
            self.by_estate[site.estate].append(at)
        if name and not _DOOR_AT_END.search(name) and not (site.estate and site.block):
            self.by_name[name].append(at)

    def _add_places(self, places: Places) -> None:
        home = {site.building_id: site for site in self.sites}
        nowhere = Site("", 0, 0, None, "", "", "", -1, 0, "", "")
        columns = (getattr(places, name) for name in Places.__slots__)
        for name, lon, lat, building_id, grid_code in zip(*columns, strict=True):
            base = home.get(building_id, nowhere) if building_id is not None else nowhere
            site = base._replace(
                label=name, lon=lon, lat=lat, building_id=building_id, grid_code=grid_code
            )
            self.by_name[normal(name)].append(len(self.sites))
            self.sites.append(site)

    def _all_names(self) -> list[Name]:
        names = [
            *_with_cores(Kind.VILLAGE, self.villages, _VILLAGE_WORD),
            *_with_cores(Kind.ROAD, self.by_road, _ROAD_WORD),
            *_with_cores(Kind.ESTATE, self.by_estate, _ESTATE_WORD),
            *(Name(key, Kind.SITE, key) for key in self.by_name),
        ]
        cores = {name.spelling: name.key for name in names if name.kind is Kind.VILLAGE}
        names += [alias for road in self.by_road for alias in _with_village(road, cores)]
        return [name for name in dict.fromkeys(names) if len(name.spelling) > 1]


def _with_cores(kind: Kind, keys: Iterable[str], word: re.Pattern[str]) -> list[Name]:
    """Return names, and what is left of each without its last word."""
    full = sorted(keys)
    cores = ((word.sub("", key), key) for key in full)
    return [
        *(Name(key, kind, key) for key in full),
        *(Name(core, kind, key, True) for core, key in cores if core != key),
    ]


def _with_village(road: str, villages: Mapping[str, str]) -> list[Name]:
    """Return the other way to write 黄屋三巷: 黄屋村三巷."""
    stem = next((road[:n] for n in (2, 3, 4) if road[:n] in villages), "")
    full = villages.get(stem, stem)
    return [Name(full + road[len(stem) :], Kind.ROAD, road)] if full != stem else []


def _estate_and_block(name: str, estate: str, door: str) -> tuple[str, str]:
    """Take 金源花园3栋 or 井美小学2号楼 apart."""
    if estate:
        return estate, block_at(name.replace(estate, "", 1), 0) or block_at(door, 0)
    found = _BLOCK_AT_END.fullmatch(name)
    return (found[1], block_at(found[2], 0)) if found else ("", "")


def _units(addresses: Sequence[str | None]) -> list[str]:
    """Return the units that most addresses begin with, such as 广东省, 东莞市, 东坑镇."""
    begins = (_UNITS.match(address or "") for address in addresses)
    units = Counter(unit for begin in begins if begin for unit in _UNIT.findall(begin[0]))
    return [unit for unit, count in units.items() if 2 * count > len(addresses)]
