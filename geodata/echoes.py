"""Pairs of generated reports with a known truth: echoes of one case, and others just like it.

An echo comes by another source, in other words, with another accuracy, minutes to two days later.
The others are what is easily taken for one: the next door, the next building, another item at the
same place, the same item at the same place a week later.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.ground import random
from geodata.regions import FOLDER, MODEL, report_words
from geodata.reports import ACCURACY_M, DEGREE_M, SIGMAS, Feature, Told, reports
from geodata.tickets import BESIDE
from geodata.town import Town

OTHERS = ("next_door", "next_building", "round_corner", "other_item", "week_later")
REPEATING, REPEATED_MIN = "sensor", (1.0, 20.0)
CALLED = ("12345", "chat", "mailbox")  # sources by which anybody may report anything
WITHOUT_FIX = ("mailbox",)
SOON_MIN, LATE_MIN = 2.0, 48 * 60.0
WEEK_H = (5 * 24.0, 12 * 24.0)
SPREAD_H = 96.0  # of the first reports
LIKE_SHARE, SAME_WORDS_SHARE, UNADDRESSED_SHARE, WORDS_ONLY_SHARE = 0.05, 0.3, 0.2, 0.08
NEAR_M, DOOR_M, ALONG_M = (12.0, 45.0), (25.0, 120.0), 60.0
OPENINGS = ("", "", "市民反映：", "路过看到，", "您好，", "@网格员 ")
ENDINGS = ("", "", "，请尽快处理", "，麻烦派人看看", "，已经两天了", "！")
NUMERALS = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Pair:
    """Two reports, whether they mean one case, and what the second is: ``echo`` or an other.

    ``meant`` is the building that the second names, in EPSG:4326, when it is words only.
    """

    first: Feature
    second: Feature
    same: bool
    kind: str
    meant: list[float] | None = None


@dataclass(frozen=True)
class _Words:
    """How an item is told in other words, and the item it is taken for."""

    like: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Streets:
    """The doors of a town: where they are, and on which road."""

    addresses: list[str]
    places: NDArray[np.float64]
    roads: NDArray[np.object_]
    at: dict[str, str]

    def named(self, place: list[float], address: str) -> tuple[list[float], str]:
        """Name the building meant by words alone: on a road without a door, the nearest one."""
        if address in self.at:
            found = self.addresses.index(address)
        else:
            found = int(np.argmin(((self.places - place) ** 2).sum(axis=1)))
        return self.places[found].tolist(), self.addresses[found]


def pairs(town: Town, seed: int, until: datetime) -> Iterator[Pair]:
    """Give pairs without end: as many echoes as others, all reported before a time.

    Both reports are features to be posted, with an external id and ``reported_at``.
    """
    rng = random(seed, "echoes")
    telling = _Telling(town, rng)
    for number, told in enumerate(reports(town, seed)):
        first = told.feature
        if first["geometry"] is None:
            continue
        given = first["properties"]
        begun = until - timedelta(hours=WEEK_H[1] + 1 + float(rng.uniform(0, SPREAD_H)))
        given["reported_at"] = begun.isoformat()
        kind = "echo" if number % 2 else OTHERS[number // 2 % len(OTHERS)]
        second = telling.echo(told) if kind == "echo" else telling.other(told, kind)
        if second is not None:
            second["properties"]["external_id"] = _id_of(first, second)
            meant = second.pop("meant", None)
            yield Pair(first, second, kind == "echo", kind, meant)


def _id_of(first: Feature, second: Feature) -> str:
    """Name the second report; a sensor's alarms share its device's name before the colon."""
    mine, theirs = first["properties"], second["properties"]
    if mine["source"] == theirs["source"] == REPEATING:
        mine["external_id"] += ":1"
        return str(mine["external_id"])[:-1] + "2"
    return f"{mine['external_id']}-2"


class _Telling:
    """Tell of the same case, or of another one much like it, in other words."""

    def __init__(self, town: Town, rng: np.random.Generator) -> None:
        self.items = {item.category: item for item in report_words(town.settings.district)}
        self.words = _words(town.settings.district)
        self.streets = _streets(town)
        self.rng = rng

    def echo(self, before: Told) -> Feature:
        """Report the same case again."""
        rng, first, true = self.rng, before.feature, [before.lon, before.lat]
        given = first["properties"]
        if given["source"] == REPEATING:
            return self._repeated(first, true)
        category = given["category"]
        told = self._said(category, given["description"])
        if rng.random() < LIKE_SHARE and (like := self.words[category].like) in self.items:
            category = like
        minutes = float(np.exp(rng.uniform(np.log(SOON_MIN), np.log(LATE_MIN))))
        source = self._source(given["category"])
        return self._report(
            category, source, told, (true, given["address"]), _later(first, minutes)
        )

    def other(self, before: Told, kind: str) -> Feature | None:
        """Report another case that looks like it; None where there is none to be had."""
        rng, first, true = self.rng, before.feature, [before.lon, before.lat]
        given = first["properties"]
        category, source = given["category"], self._source(given["category"])
        place: tuple[list[float], str] | None = true, given["address"]
        minutes = float(rng.uniform(SOON_MIN, LATE_MIN))
        if kind == "week_later":
            minutes = float(rng.uniform(*WEEK_H)) * 60
            source = REPEATING if given["source"] == REPEATING else source
        elif kind == "other_item":
            category = str(rng.choice(self._unlike(category)))
        else:
            place = self._beside(given["address"], true, kind)
        if place is None:
            return None
        told = self._said(category, None)
        return self._report(category, source, told, place, _later(first, minutes))

    def _unlike(self, category: str) -> list[str]:
        """List items that are not taken for this one; half of them, if so many, of its class."""
        found = [c for c in self.items if c not in (category, self.words[category].like)]
        kin = [c for c in found if c[0] == category[0]]
        return kin if self.rng.random() < 0.5 else found

    def _repeated(self, first: Feature, true: list[float]) -> Feature:
        given = first["properties"]
        at = _later(first, float(self.rng.uniform(*REPEATED_MIN)))
        place = (true, given["address"])
        return self._report(given["category"], REPEATING, given["description"], place, at)

    def _report(
        self, category: str, source: str, told: str, place: tuple[list[float], str], at: str
    ) -> Feature:
        rng, properties = self.rng, {"category": category, "source": source, "reported_at": at}
        properties["description"] = told
        bare = source in WITHOUT_FIX or (source in CALLED and rng.random() < WORDS_ONLY_SHARE)
        if bare:
            meant, address = self.streets.named(*place)
            properties["address"] = self._written(address)
            return {"type": "Feature", "geometry": None, "properties": properties, "meant": meant}
        if rng.random() >= UNADDRESSED_SHARE:
            properties["address"] = self._written(place[1])
        least, most = ACCURACY_M.get(source, (20, 60))
        accuracy_m = round(float(rng.uniform(least, most)), 1)
        geometry = {"type": "Point", "coordinates": self._blur(place[0], accuracy_m)}
        accurate = properties | {"accuracy_m": accuracy_m}
        return {"type": "Feature", "geometry": geometry, "properties": accurate}

    def _said(self, category: str, before: str | None) -> str:
        """Tell what happened; of an echo a share repeats the words that were used before."""
        rng = self.rng
        if before is not None and rng.random() < SAME_WORDS_SHARE:
            words = before
        else:
            known = [w for w in self.words[category].words if before is None or _fits(w, before)]
            words = str(rng.choice(known or self.words[category].words))
        return f"{rng.choice(OPENINGS)}{words}{rng.choice(ENDINGS)}"

    def _source(self, category: str) -> str:
        known = [s for s in self.items[category].sources if s != REPEATING]
        return str(self.rng.choice([*known, *CALLED]))

    def _written(self, address: str) -> str:
        """Write an address as somebody else does."""
        rng = self.rng
        ways = (
            address,
            address.removeprefix(_town(address)),
            address.translate(NUMERALS),
            address.removesuffix("号"),
            address + str(rng.choice(BESIDE)),
        )
        return str(rng.choice(ways))

    def _beside(self, address: str, true: list[float], kind: str) -> tuple[list[float], str] | None:
        """Find another door of the road, or of another; without doors, a place further along."""
        streets, reach_m = self.streets, NEAR_M if kind == "next_building" else DOOR_M
        if address not in streets.at and kind != "round_corner":
            angle, far_m = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(*reach_m) + ALONG_M
            off = far_m * np.array([np.cos(angle) / np.cos(np.deg2rad(true[1])), np.sin(angle)])
            return (np.array(true) + off / DEGREE_M).tolist(), address
        off = (streets.places - true) * [np.cos(np.deg2rad(true[1])), 1] * DEGREE_M
        apart = np.hypot(off[:, 0], off[:, 1])
        own = streets.roads == streets.at.get(address)
        fits = (apart > reach_m[0]) & (apart < reach_m[1]) & (own != (kind == "round_corner"))
        found = [int(i) for i in np.flatnonzero(fits) if streets.addresses[i] != address]
        if not found:
            return None
        other = int(self.rng.choice(found))
        return streets.places[other].tolist(), streets.addresses[other]

    def _blur(self, lonlat: list[float], accuracy_m: float) -> list[float]:
        """Move a place as a fix of such an accuracy would."""
        off = self.rng.normal(0, accuracy_m / SIGMAS, 2) / DEGREE_M
        off[0] /= np.cos(np.deg2rad(lonlat[1]))
        return [round(float(v), 7) for v in np.asarray(lonlat) + off]


def _later(first: Feature, minutes: float) -> str:
    at = datetime.fromisoformat(first["properties"]["reported_at"])
    return (at + timedelta(minutes=minutes)).isoformat()


def _fits(words: str, before: str) -> bool:
    """Say whether other words tell the same variant of an item: they share a letter that counts."""
    return len(set(words) & set(before)) > 1


def _town(address: str) -> str:
    head, town, _ = address.partition("镇")
    return head + town if town else ""


@cache
def _words(district: int) -> dict[str, _Words]:
    own = FOLDER / str(district) / "sources" / "echoes.csv"
    path = own if own.is_file() else FOLDER / str(MODEL) / "sources" / "echoes.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {row["code"]: _Words(row["like"], tuple(row["words"].split("|"))) for row in rows}


def _streets(town: Town) -> _Streets:
    buildings = town.frames["buildings"]
    points = shapely.get_coordinates(shapely.point_on_surface(buildings["geom"].to_numpy()))
    roads = (buildings["village_code"] + buildings["road"]).to_numpy(dtype=object)
    addresses = buildings["address"].tolist()
    return _Streets(addresses, points, roads, dict(zip(addresses, roads, strict=True)))
