"""Place the words of a ticket: find the buildings that a Chinese address may mean.

A text is searched for the names of villages, roads, estates and sites; each road, estate, village
or site that it mentions leads to buildings, at a cost in edits for what is misspelt, missing or
contradicted. The score falls linearly with that cost.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import exp

from geodata.address_reading import Reading, Spot, read
from geodata.address_register import Buildings, Places, Register, Site
from geodata.address_text import Number, normal, relation

__all__ = ["Buildings", "Candidate", "Gazetteer", "Places", "placed"]

SPELT_RIGHT = 0.95
"""From this score on nothing is misspelt and nothing of weight is missing."""
THRESHOLD = 0.7
"""A candidate below this score is never placed without a click."""
CHANCE = 0.95
"""A candidate that is less likely than this is never placed without a click."""

_BESIDE = frozenset({"旁边", "旁", "附近", "对面", "隔壁", "周边"})
LEAST = 0.3
"""Below this score a building is not even shown."""

_SCORE_PER_EDIT = 0.2
_LIKELIER_PER_EDIT = 8.4
"""Log of how much likelier a reading is that needs one edit less.

A homophone is typed some 150 times as often as any one of the 3,000 other common characters;
they are 0.6 edits apart.
"""
_LONGEST_TEXT = 200
_MOST_SITES = 400
_CODE = re.compile("[0-9A-Z]{9,}")

# Costs in edits, beside those of misspelt names.
_VILLAGE_UNSAID, _VILLAGE_OTHER = 0.1, 1.8
_ROAD_UNSAID, _ROAD_OTHER = 1.3, 0.8
_DOOR_UNSAID, _DOOR_UNKNOWN = 2.5, 2.0
_SUB_UNSAID, _SUB_UNKNOWN, _SUB_OTHER = 0.55, 0.55, 1.2
_UNIT_UNSAID, _UNIT_OF_BLOCK, _UNIT_OF_DOOR = 0.05, 0.6, 0.4
_BLOCK_UNSAID, _BLOCK_UNKNOWN, _BLOCK_OTHER = 2.0, 2.0, 0.8
_LOSS = 6.5
_PLAIN_BELOW, _PLAIN = 12.0, 0.2
_STRONG = 0.6
_DENIALS = ((_STRONG, 0.8), (1.3, 0.55))

Costs = dict[int, float]
"""Cost in edits by position in the register's sites."""
Home = int | tuple[float, float]
"""What makes two sites one: their building, or their point where there is none."""
Homes = dict[Home, tuple[float, int]]
"""The cheapest (cost, site) of each home."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold one building or place that a text may mean.

    Attributes:
        label: the address, or the name of a place.
        score: 0 to 1; 1 means everything said fits and is spelt as in the register.
        chance: 0 to 1; how likely it is this one rather than another building.
        lon: degrees in EPSG:4326.
        lat: degrees in EPSG:4326.
        building_id: None for a place outside every building.
        grid_code: the micro-grid.
        relation: the relative word of the text (旁边, 对面), or ''.
    """

    label: str
    score: float
    chance: float
    lon: float
    lat: float
    building_id: int | None
    grid_code: str
    relation: str


class Gazetteer:
    """Match texts against the buildings and places of a town; safe to share between requests."""

    def __init__(self, buildings: Buildings, places: Places) -> None:
        self._register = Register(buildings, places)

    def match(self, text: str, limit: int = 5) -> list[Candidate]:
        """Return the buildings and places that a text may mean, best first.

        Args:
            text: a ticket's words, a whole sentence at most; read up to 200 characters.
            limit: how many to return.
        """
        words = normal(text[: 2 * _LONGEST_TEXT])[:_LONGEST_TEXT]
        reading = read(words, self._register)
        others = (self._by_village, self._by_estate, self._by_site)
        ways = [self._by_road(reading), *(self._on_road(way(reading), reading) for way in others)]
        costs = [self._in_village(way, reading) for way in ways]
        ranked = self._rank([self._by_code(words), *costs])
        return self._candidates(ranked, limit, relation(words))

    def _by_code(self, words: str) -> Costs:
        codes = self._register.by_code
        return {codes[code]: 0.0 for code in _CODE.findall(words) if code in codes}

    def _by_road(self, reading: Reading) -> Costs:
        costs: Costs = {}
        for road in reading.roads:
            if road.number is None:
                some = self._register.by_road[road.key][:_MOST_SITES]
                _lower(costs, some, road.cost + _DOOR_UNSAID)
            else:
                self._by_door(costs, road, road.number)
        return costs

    def _by_door(self, costs: Costs, road: Spot, number: Number) -> None:
        unit = _unit_cost(number)
        for at in self._register.by_door.get((road.key, number.number), ()):
            site = self._register.sites[at]
            block = _BLOCK_OTHER * (road.block not in ("", site.block))
            _lower(costs, [at], road.cost + unit + block + _sub_cost(site, number))
        sites = self._register.sites
        near = sorted(
            (abs(sites[at].number - number.number), at) for at in self._register.by_road[road.key]
        )
        for apart, at in [pair for pair in near if pair[0]][:_MOST_SITES]:
            _lower(costs, [at], road.cost + _DOOR_UNKNOWN + min(apart * 0.05, 1.0))

    def _by_village(self, reading: Reading) -> Costs:
        costs: Costs = {}
        for village in reading.villages:
            if village.number is None:
                continue
            for at in self._register.by_door.get((village.key, village.number.number), ()):
                site = self._register.sites[at]
                unsaid = _ROAD_UNSAID if site.road else 0
                cost = unsaid + _unit_cost(village.number) + _sub_cost(site, village.number)
                _lower(costs, [at], cost)
        return costs

    def _by_estate(self, reading: Reading) -> Costs:
        costs: Costs = {}
        for estate in reading.estates:
            members = self._register.by_estate[estate.key]
            said = [at for at in members if estate.block == self._register.sites[at].block]
            if estate.block and said:
                unit = _UNIT_OF_DOOR if estate.number and estate.number.unit == "号" else 0.0
                _lower(costs, said, estate.cost + unit)
            unsaid = _BLOCK_UNKNOWN if estate.block else _BLOCK_UNSAID * (len(members) > 1)
            _lower(costs, members[:_MOST_SITES], estate.cost + unsaid)
        return costs

    def _by_site(self, reading: Reading) -> Costs:
        costs: Costs = {}
        for spot in reading.sites:
            plain = max(0.0, _PLAIN_BELOW - spot.information) * _PLAIN
            cost = spot.loss * _LOSS + plain
            _lower(costs, self._register.by_name[spot.key][:_MOST_SITES], cost)
        return costs

    def _in_village(self, costs: Costs, reading: Reading) -> Costs:
        """Add what the villages of the text say about each site."""
        if not reading.villages:
            return {at: cost + _VILLAGE_UNSAID for at, cost in costs.items()}
        said = {spot.key: min(spot.cost, _VILLAGE_OTHER) for spot in reversed(reading.villages)}
        sites = self._register.sites
        return {at: c + said.get(sites[at].village, _VILLAGE_OTHER) for at, c in costs.items()}

    def _on_road(self, costs: Costs, reading: Reading) -> Costs:
        """Add what the roads of the text say about sites that were found without them."""
        if all(spot.core or spot.cost >= _STRONG for spot in reading.roads):
            return costs
        said = {spot.key: min(spot.cost, _ROAD_OTHER) for spot in reversed(reading.roads)}
        sites = self._register.sites
        return {at: c + said.get(sites[at].road, _ROAD_OTHER) for at, c in costs.items()}

    def _rank(self, ways: Sequence[Costs]) -> list[tuple[float, int]]:
        """Return (cost, site), one site per building; what a way leaves out costs more."""
        homes = [_homes(costs, self._register.sites) for costs in ways]
        denials = [_denial(way) for way in homes]
        ranked: list[tuple[float, int]] = []
        for home in dict.fromkeys(home for way in homes for home in way):
            cost, at = min(way[home] for way in homes if home in way)
            denied = sum(map(_denied, homes, denials, repeat(home)))
            ranked.append((cost + denied, at))
        return sorted(ranked)

    def _candidates(
        self, ranked: list[tuple[float, int]], limit: int, word: str
    ) -> list[Candidate]:
        weights = [exp(-_LIKELIER_PER_EDIT * (cost - ranked[0][0])) for cost, _ in ranked]
        candidates = []
        for (cost, at), weight in zip(ranked[:limit], weights, strict=False):
            site = self._register.sites[at]
            score = round(max(0.0, 1 - _SCORE_PER_EDIT * cost), 3)
            if score < LEAST:
                break
            chance = round(weight / sum(weights), 3)
            where = (site.lon, site.lat, site.building_id, site.grid_code)
            candidates.append(Candidate(site.label, score, chance, *where, word))
        return candidates


def placed(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate that may be placed without a click, or None.

    It must reach `THRESHOLD` by itself, and `CHANCE` against every other building of the town.
    A place that is only near the building (旁边) must be spelt right as well: two doubts are
    one too many.
    """
    best = max(candidates, key=lambda candidate: candidate.score, default=None)
    if best is None or best.chance < CHANCE:
        return None
    return best if best.score >= (SPELT_RIGHT if best.relation in _BESIDE else THRESHOLD) else None


def _lower(costs: Costs, sites: Iterable[int], cost: float) -> None:
    for at in sites:
        costs[at] = min(cost, costs.get(at, cost))


def _unit_cost(number: Number) -> float:
    if not number.unit:
        return _UNIT_UNSAID
    return 0.0 if number.unit == "号" else _UNIT_OF_BLOCK


def _sub_cost(site: Site, number: Number) -> float:
    if site.sub == number.sub:
        return 0.0
    if not number.sub:
        return _SUB_UNSAID
    return _SUB_OTHER if site.sub else _SUB_UNKNOWN


def _homes(costs: Costs, sites: Sequence[Site]) -> Homes:
    best: Homes = defaultdict(lambda: (float("inf"), -1))
    for at, cost in costs.items():
        site = sites[at]
        home: Home = (site.lon, site.lat) if site.building_id is None else site.building_id
        best[home] = min(best[home], (cost, at))
    return dict(best)


def _denial(way: Homes) -> float:
    """Return what a home costs more that this way of reading the text does not lead to."""
    best = min(way.values(), default=(_DOOR_UNKNOWN, 0))[0]
    return next((denial for below, denial in _DENIALS if best < below), 0.0)


def _denied(way: Homes, denial: float, home: Home) -> float:
    return 0.0 if home in way and way[home][0] < _DOOR_UNKNOWN else denial
