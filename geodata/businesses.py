"""Factories, shops and small places of a synthetic town, on both sides of every limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.ground import random
from geodata.nets import town_part
from geodata.places import classify_places
from geodata.regions import PlaceRule, place_rules, words
from geodata.scene import Scene
from geodata.streets import Shapes

Floats = NDArray[np.float64]
Random = np.random.Generator

COLUMNS = [
    *("code", "name", "credit_code", "class", "place", "area_m2", "staff", "seats", "beds"),
    *("pupils", "height_m", "floor_m2", "fire_class", "parent_code", "control_tier"),
    *("department", "building_code", "address"),
]
COUNTS = ("staff", "seats", "beds", "pupils")
FIRE_CLASSES = ("乙", "丙", "丁", "戊")
SUBLET_SHARE = 0.35
OVER = {"m2": 0.5, "m": 0.1}  # just over a limit; one more of anything that is counted


@dataclass(frozen=True)
class Trade:
    """One class of enterprise: for how many buildings of which kinds there is one, and whose it is.

    ``share`` is the number of enterprises for each building of ``hosts``; ``area_m2`` is the
    median; ``tier`` is the control tier, A the strictest.
    """

    share: float
    hosts: tuple[str, ...]
    area_m2: float
    department: str
    tier: str


SHOPS = ("shophouse", "house")
TRADES = {
    "shop": Trade(0.34, SHOPS, 65, "市场监督管理分局", "D"),
    "workshop": Trade(0.06, SHOPS, 140, "消防救援大队", "C"),
    "restaurant": Trade(0.055, SHOPS, 110, "市场监督管理分局", "C"),
    "hotel": Trade(0.05, ("shophouse",), 480, "公安分局", "B"),
    "entertainment": Trade(0.045, ("shophouse",), 170, "公安分局", "B"),
    "leisure": Trade(0.06, ("shophouse",), 150, "公安分局", "C"),
    "clinic": Trade(0.04, ("shophouse",), 130, "卫生健康局", "C"),
    "school": Trade(0.03, ("shophouse",), 320, "消防救援大队", "B"),
    "flammables": Trade(0.004, SHOPS, 75, "应急管理分局", "A"),
    "other": Trade(0.3, ("dormitory", "other"), 700, "城市管理和综合执法分局", "D"),
}


def make_enterprises(scene: Scene) -> tuple[pd.DataFrame, Shapes]:
    """Give every enterprise its building, name and figures; its place by the city's rule table."""
    rng = random(scene.seed, "enterprises")
    rules = place_rules(scene.settings.district)
    trades = [_trade(scene, name, trade, rng) for name, trade in TRADES.items()]
    trades = [_at_limits(table, rules) for table in trades]
    frame = pd.concat([_factories(scene, rng), *trades], ignore_index=True)
    frame[list(COUNTS)] = frame[list(COUNTS)].round().astype("Int64")
    frame["place"] = classify_places(frame, rules)
    frame["code"] = scene.codes("E", len(frame))
    landlord = frame["landlord"].to_numpy(dtype=np.int64)
    parents = frame["code"].to_numpy(dtype=object)[landlord.clip(0)]
    frame["parent_code"] = np.where(landlord >= 0, parents, None)
    host = frame["host"].to_numpy(dtype=np.int64)
    frame["building_code"] = scene.houses["code"].to_numpy()[host]
    frame["address"] = scene.houses["address"].to_numpy()[host]
    frame["name"] = _names(scene, frame, host)
    # The letter O is in no real credit code.
    frame["credit_code"] = [f"91{scene.settings.district}DEMO{n:06}" for n in range(len(frame))]
    return frame[COLUMNS], _inside(scene.prints.shape[host], rng)


def _trade(scene: Scene, name: str, trade: Trade, rng: Random) -> pd.DataFrame:
    hosts = np.flatnonzero(scene.houses["kind"].isin(trade.hosts))
    host = np.sort(rng.choice(hosts, max(4, round(trade.share * len(hosts)))))
    area = (trade.area_m2 * rng.lognormal(0, 0.65, len(host))).clip(8).round(1)
    frame = pd.DataFrame({"class": name, "host": host, "landlord": -1, "area_m2": area})
    frame["staff"] = (area / rng.uniform(14, 40, len(host))).clip(1, 90)
    frame = frame.assign(seats=np.nan, beds=np.nan, pupils=np.nan, floor_m2=np.nan)
    frame = frame.assign(fire_class=None, control_tier=trade.tier, department=trade.department)
    frame["height_m"] = scene.houses["height_m"].to_numpy()[host]
    return FIGURES.get(name, _unchanged)(frame, rng)


def _unchanged(frame: pd.DataFrame, _: Random) -> pd.DataFrame:
    return frame


def _workshop(frame: pd.DataFrame, rng: Random) -> pd.DataFrame:
    floor = (frame["area_m2"] * rng.uniform(0.6, 1.0, len(frame))).round(1)
    fire = rng.choice(FIRE_CLASSES, len(frame), p=(0.05, 0.45, 0.3, 0.2))
    return frame.assign(floor_m2=floor, fire_class=fire, staff=rng.integers(2, 75, len(frame)))


def _restaurant(frame: pd.DataFrame, rng: Random) -> pd.DataFrame:
    return frame.assign(seats=frame["area_m2"] / rng.uniform(1.5, 2.6, len(frame)))


def _hotel(frame: pd.DataFrame, rng: Random) -> pd.DataFrame:
    return frame.assign(beds=frame["area_m2"] / rng.uniform(9, 16, len(frame)))


def _clinic(frame: pd.DataFrame, rng: Random) -> pd.DataFrame:
    return frame.assign(beds=(frame["area_m2"] / rng.uniform(8, 30, len(frame)) - 3).clip(0))


def _school(frame: pd.DataFrame, rng: Random) -> pd.DataFrame:
    boards = rng.random(len(frame)) < 0.25
    pupils = frame["area_m2"] / rng.uniform(1.6, 4, len(frame))
    return frame.assign(pupils=pupils, beds=np.where(boards, pupils * 0.4, 0))


FIGURES: dict[str, Callable[[pd.DataFrame, Random], pd.DataFrame]] = {
    "workshop": _workshop,
    "restaurant": _restaurant,
    "hotel": _hotel,
    "clinic": _clinic,
    "school": _school,
}


def _at_limits(frame: pd.DataFrame, rules: tuple[PlaceRule, ...]) -> pd.DataFrame:
    """Put two rows of the class on each of its limits: one exactly there, one just over it."""
    limits = {
        (rule.attribute, float(rule.limit)): OVER.get(rule.unit, 1.0)
        for rule in rules
        if rule.op == "<=" and rule.place_class == frame["class"].iloc[0]
    }
    for turn, ((attribute, limit), over) in enumerate(limits.items()):
        frame[attribute] = frame[attribute].astype(float)
        frame.loc[2 * turn, attribute] = limit
        frame.loc[2 * turn + 1, attribute] = limit + over
    return frame


def _factories(scene: Scene, rng: Random) -> pd.DataFrame:
    """Give each factory building one firm, or a landlord and the tenants it sublets floors to."""
    hosts = np.flatnonzero(scene.houses["kind"] == "factory")
    sublet = rng.random(len(hosts)) < SUBLET_SHARE
    tenants = np.where(sublet, rng.integers(2, 7, len(hosts)), 0)
    row = np.repeat(np.arange(len(hosts)), 1 + tenants)
    first = np.r_[0, np.cumsum(1 + tenants)[:-1]]
    tenant = np.arange(len(row)) != first[row]
    host = hosts[row]
    floor = shapely.area(scene.prints.shape[host]).round(1)
    whole = floor * scene.houses["floors"].to_numpy()[host]
    area = np.where(tenant, whole / (tenants[row] + 1), whole).round(1)
    people = area / rng.uniform(18, 60, len(row))
    fire = rng.choice(FIRE_CLASSES, len(row), p=(0.06, 0.5, 0.28, 0.16))
    return pd.DataFrame(
        {
            "class": "factory",
            "host": host,
            "landlord": np.where(tenant, first[row], -1),
            "area_m2": area,
            "staff": np.where(sublet[row] & ~tenant, 4, people.clip(3)),
            "seats": np.nan,
            "beds": np.nan,
            "pupils": np.nan,
            "height_m": scene.houses["height_m"].to_numpy()[host],
            "floor_m2": floor,
            "fire_class": fire,
            "control_tier": np.select([fire == "乙", sublet[row]], ["A", "B"], "C"),
            "department": "应急管理分局",
        }
    )


def _names(scene: Scene, frame: pd.DataFrame, host: NDArray[np.int64]) -> list[str]:
    """Name each enterprise after its village, a lucky word and its trade; no two alike."""
    by_kind = words(scene.settings.district)
    village = scene.nets.villages["name"].to_numpy()[scene.nets.village[scene.prints.block[host]]]
    lets = set(frame.index[frame["landlord"] >= 0].map(frame["landlord"]).astype(int))
    rng = random(scene.seed, "firms")
    pairs = {
        kind: rng.permutation(
            [a + b for a in by_kind["firm_first"] for b in by_kind[kind]]
        ).tolist()
        for kind in sorted(set(frame["class"]))
    }
    used: dict[tuple[str, str], int] = {}
    names = []
    for row, (kind, place) in enumerate(zip(frame["class"], village, strict=True)):
        turn = used[kind, place] = used.get((kind, place), -1) + 1
        again, at = divmod(turn, len(pairs[kind]))
        ending = ("物业租赁" if row in lets else "") + (f"{again + 1}店" if again else "")
        names.append(town_part(str(place)) + pairs[kind][at] + ending)
    return names


def _inside(shapes: Shapes, rng: Random) -> Shapes:
    """Draw a point inside each footprint."""
    west, south, east, north = shapely.bounds(shapes).T
    tries = shapely.points(
        west + (east - west) * rng.uniform(0.2, 0.8, len(shapes)),
        south + (north - south) * rng.uniform(0.2, 0.8, len(shapes)),
    )
    fits = shapely.contains_properly(shapely.buffer(shapes, -0.3), tries)
    inside: Shapes = np.where(fits, tries, shapely.point_on_surface(shapes))
    return inside
