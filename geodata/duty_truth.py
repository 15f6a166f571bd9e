"""Who really handled each report of a synthetic town: the truth that proposals are held against.

It is written from the town's fabric, its own way: the micro-grid of the true place, its roster as
a list of people, what stands in the true building. A small share does not follow any rule, as in
life: neighbours swap, a department takes a case over, a village keeps a matter to itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import shapely

from geodata.ground import random
from geodata.reports import Told
from geodata.town import Town

# What a department handles itself, wherever it happens, or in buildings with such a place only.
ANYWHERE = frozenset({"101", "104", "108", "109", "407"})
INSIDE = {
    "102": {"school", "kindergarten", "hospital", "hotel", "entertainment"},
    "105": {"school", "hospital"},
    "106": {"flammables"},
    "107": {"factory"},
    "203": {"factory"},
    "208": {"clinic", "hospital"},
    "305": {"factory"},
    "306": {"factory"},
}
SWAPPED, TAKEN_OVER = 0.006, 0.006
# A matter that some villages keep to their secretary, whatever the rule says.
KEPT_ITEM, KEEPING_VILLAGES = "206", 5


@dataclass(frozen=True)
class Handled:
    """Who handled a report: codes of the organisation and the post, and why it was they.

    ``why`` is grid or department where a rule was followed, else swapped, taken_over or kept.
    """

    unit: str
    post: str
    why: str


def who_handled(town: Town, reports: Sequence[Told], seed: int = 0) -> list[Handled]:
    """Tell who handled each report."""
    rng = random(seed, "duty truth")
    people = _People(town)
    micros = true_grids(town, reports)
    keep = _keeping(town, seed)
    found = []
    for report, micro, chance in zip(reports, micros, rng.random(len(reports)), strict=True):
        item = report.feature["properties"]["category"]
        if item in ANYWHERE or people.stands(report.building, INSIDE.get(item, set())):
            found.append(people.desk(item, "department"))
        elif item == KEPT_ITEM and micro[:12] in keep:
            found.append(people.secretary(micro[:12]))
        elif chance < SWAPPED:
            found.append(people.leader(people.neighbour(micro), "swapped"))
        elif chance < SWAPPED + TAKEN_OVER:
            found.append(people.desk(item, "taken_over"))
        else:
            found.append(people.leader(micro, "grid"))
    return found


def true_grids(town: Town, reports: Sequence[Told]) -> list[str]:
    """Find the micro-grid of each true place; the nearest for one outside them all."""
    grids = town.frames["grids"].query("level == 2").sort_values("code").reset_index(drop=True)
    points = shapely.points([(report.lon, report.lat) for report in reports])
    at, grid = shapely.STRtree(grids["geom"].to_numpy()).query_nearest(points)
    first = pd.Series(grid).groupby(at).min()
    return [str(code) for code in grids["code"].iloc[first]]


def _keeping(town: Town, seed: int) -> frozenset[str]:
    villages = sorted({village.code for village in town.settings.villages})
    chosen = random(seed, "keeping villages").choice(villages, KEEPING_VILLAGES, replace=False)
    return frozenset(chosen.tolist())


class _People:
    """The town's roster as lists of who comes first, and what stands in which building."""

    def __init__(self, town: Town) -> None:
        duties = town.frames["duties"]
        held = duties[duties["holder"] != ""]
        self._unit = held.set_index("code")["organisation_code"].to_dict()
        leaders = held[held["post"].isin(["micro_leader", "group_leader"])]
        order = leaders.assign(turn=leaders["rank"] + 2 * (leaders["post"] == "group_leader"))
        first = order.sort_values("turn").drop_duplicates("grid_code")
        self._leader = first.set_index("grid_code")["code"].to_dict()
        desks = held[held["post"] == "desk"]
        self._desk = desks.set_index("category")["code"].to_dict()
        heads = held[(held["post"] == "village_secretary") & (held["rank"] == 0)]
        self._secretary = heads.set_index("organisation_code")["code"].to_dict()
        self._codes = sorted(self._leader)
        self._inside = _standing(town)

    def stands(self, building: str | None, classes: set[str]) -> bool:
        """Tell whether a place of one of some classes is in a building."""
        return bool(building and classes & self._inside.get(building, set()))

    def leader(self, micro: str, why: str) -> Handled:
        """Give who leads a micro-grid, or stands in."""
        return self._of(self._leader[micro], why)

    def desk(self, item: str, why: str) -> Handled:
        """Give the desk of the department that an item belongs to."""
        return self._of(self._desk[item], why)

    def secretary(self, village: str) -> Handled:
        """Give the secretary of a village."""
        return self._of(self._secretary[village], "kept")

    def neighbour(self, micro: str) -> str:
        """Give the next micro-grid by number."""
        codes: list[str] = self._codes
        return codes[(codes.index(micro) + 1) % len(codes)]

    def _of(self, post: str, why: str) -> Handled:
        return Handled(str(self._unit[post]), post, why)


def _standing(town: Town) -> dict[str, set[str]]:
    """Tell the classes of what is in each building: its enterprises, and facilities on it."""
    firms = town.frames["enterprises"]
    found: dict[str, set[str]] = firms.groupby("building_code")["class"].agg(set).to_dict()
    buildings, facilities = town.frames["buildings"], town.frames["facilities"]
    tree = shapely.STRtree(buildings["geom"].to_numpy())
    facility, building = tree.query(facilities["geom"].to_numpy(), predicate="intersects")
    rows = zip(facilities["class"].iloc[facility], buildings["code"].iloc[building], strict=True)
    for kind, code in rows:
        found.setdefault(code, set()).add(kind)
    return found
