"""Who lives in the buildings of a synthetic town: households, residents, tenants, age, danger."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.divide import share_out
from geodata.footprints import Footprints
from geodata.ground import random
from geodata.regions import TownSettings

KIND = {
    "village": "house",
    "centre": "shophouse",
    "mixed": "house",
    "estate": "apartment",
    "tower": "apartment",
    "industry": "factory",
    "school": "school",
    "hospital": "hospital",
    "green": "other",
}
# Homes a floor of 100 m², tenants a floor of 100 m² and first year of building, by use of land.
HOMES = {"village": 0.34, "centre": 0.42, "mixed": 0.3, "estate": 0.5, "tower": 0.5}
TENANTS = {"village": 2.6, "centre": 1.4, "mixed": 2.2, "estate": 0.5, "tower": 0.5}
DORMITORY_TENANTS = 4.5
BUILT_SINCE = {"village": 1972, "centre": 1988, "mixed": 1990, "estate": 2001, "tower": 2010}
NOW_YEAR = 2025


def make_dwellings(prints: Footprints, settings: TownSettings, seed: int) -> pd.DataFrame:
    """Give each building its kind, counts of people, floors, year and danger grade.

    Households, residents and floating population add up to the settings' totals.
    """
    rng = random(seed, "dwellings")
    kind = np.array([KIND[u] for u in prints.use.tolist()], dtype="<U10")
    kind[(kind == "factory") & (rng.random(len(kind)) < 0.22)] = "dormitory"
    frame = pd.DataFrame({"kind": kind, "floors": prints.floors, "height_m": prints.height_m})
    floor_m2 = shapely.area(prints.shape) * prints.floors / 100
    homes = _per_use(HOMES, prints.use) * floor_m2 * rng.uniform(0.6, 1.4, len(kind))
    rental = _rental(kind, prints.use, rng)
    tenants = _per_use(TENANTS, prints.use) * floor_m2 * rental * rng.uniform(0.4, 1.4, len(kind))
    tenants += DORMITORY_TENANTS * floor_m2 * (kind == "dormitory")
    frame["households"] = share_out(homes, settings.households)
    people = frame["households"].to_numpy() * rng.normal(3.1, 0.35, len(kind)).clip(2, 4.5)
    frame["residents"] = share_out(people, settings.residents)
    frame["floating"] = share_out(tenants, settings.floating)
    frame["rental"] = rental
    frame["year"] = _year(prints.use, rng)
    frame["danger_grade"] = _danger(frame["year"].to_numpy(), rng)
    return frame


def _per_use(table: dict[str, float], use: NDArray[np.str_]) -> NDArray[np.float64]:
    return np.array([table.get(u, 0.0) for u in use.tolist()])


def _rental(
    kind: NDArray[np.str_], use: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.bool_]:
    chance = np.select([use == "village", kind == "house", kind == "shophouse"], [0.6, 0.5, 0.4], 0)
    chance = np.where(kind == "apartment", 0.3, chance)
    let: NDArray[np.bool_] = rng.random(len(kind)) < chance
    return let


def _year(use: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.int64]:
    since = np.array([BUILT_SINCE.get(u, 1995) for u in use.tolist()])
    years: NDArray[np.int64] = (since + rng.beta(2, 1.8, len(use)) * (NOW_YEAR - since)).astype(int)
    return years


def _danger(year: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.str_]:
    """Grade by age: A sound, B with faults, C partly dangerous, D dangerous as a whole."""
    age, draw = NOW_YEAR - year, rng.random(len(year))
    return np.select(
        [draw < 0.00022 * age - 0.004, draw < 0.0011 * age - 0.012, draw < 0.006 * age],
        ["D", "C", "B"],
        "A",
    )
