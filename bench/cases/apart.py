"""A background of reports in which nothing repeats another, not even by chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from geodata.echoes import SPREAD_H, WEEK_H, Pair
from geodata.likeness import door
from geodata.reports import Feature, incidents
from geodata.town import Town
from layers.duplicates import same_address

# By chance: the same item within two days and some 40 m, or at the same door.
BY_CHANCE_S, BY_CHANCE_DEG = 2 * 86_400.0, 0.0004


def background(town: Town, seed: int, count: int, until: datetime) -> list[Feature]:
    """Give reports evenly over the days in which pairs are reported (see ``geodata/echoes.py``)."""
    found = list(islice(incidents(town, seed), count))
    step = timedelta(hours=WEEK_H[1] + SPREAD_H) / count
    for number, report in enumerate(found):
        report["properties"]["reported_at"] = (until - number * step).isoformat()
    return found


def told_apart(found: list[Pair], others: list[Feature]) -> tuple[list[Pair], list[Feature]]:
    """Leave out reports of the item, place and days of another's, by chance: they repeat it.

    Two reports of illegal parking at one door on one day are one case to anybody, and the
    generator's word that they are two is no truth to be held to. Pairs keep their own hard cases.
    """
    kept, seen = list[Pair](), _Seen({})
    for pair in found:
        if not any(seen.near(report) for report in (pair.first, pair.second)):
            kept.append(pair)
            seen.add(pair.first)
            seen.add(pair.second)
    free = []
    for report in others:
        if not seen.near(report):
            free.append(report)
            seen.add(report)
    return kept, free


@dataclass(frozen=True)
class _Seen:
    """The reports so far by item: when, and where or at which door."""

    by_item: dict[str, list[tuple[float, list[float] | None, str]]]

    def add(self, report: Feature) -> None:
        self.by_item.setdefault(report["properties"]["category"], []).append(_spot(report))

    def near(self, report: Feature) -> bool:
        at_s, place, address = _spot(report)
        return any(
            abs(at_s - then_s) < BY_CHANCE_S
            and (_close(place, there) or same_address(address, named))
            for then_s, there, named in self.by_item.get(report["properties"]["category"], ())
        )


def _spot(report: Feature) -> tuple[float, list[float] | None, str]:
    given, geometry = report["properties"], report["geometry"]
    at_s = datetime.fromisoformat(given["reported_at"]).timestamp()
    address = given.get("address") or ""
    return at_s, geometry and geometry["coordinates"], address if door(address).number else ""


def _close(one: list[float] | None, other: list[float] | None) -> bool:
    if one is None or other is None:
        return False
    return abs(one[0] - other[0]) < BY_CHANCE_DEG and abs(one[1] - other[1]) < BY_CHANCE_DEG
