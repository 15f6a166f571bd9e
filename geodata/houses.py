"""The register of buildings of a synthetic town: codes, names, addresses and who lives there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.divide import reading_order
from geodata.doors import StreetNet, number_doors, numeral
from geodata.footprints import Footprints
from geodata.ground import random
from geodata.nets import Nets, layer, town_part
from geodata.streets import Shapes

GROUPED = ("estate", "tower", "school", "hospital")
LEADER_FROM = 12  # households or, in rentals and dormitories, tens of tenants
COLUMNS = [
    "code",
    "name",
    "address",
    "road",
    "door",
    "estate",
    "village_code",
    "kind",
    "households",
    "residents",
    "floating",
    "rental",
    "height_m",
    "floors",
    "year",
    "danger_grade",
    "leader_post",
]


@dataclass(frozen=True)
class Names:
    """What buildings are called after: the town, its streets and the words for estates."""

    streets: StreetNet
    town: str
    words: dict[str, tuple[str, ...]]
    seed: int


def make_houses(prints: Footprints, homes: pd.DataFrame, nets: Nets, names: Names) -> pd.DataFrame:
    """Give every building its code, road, house number, name and address; all addresses differ."""
    grouped = np.isin(prints.use, GROUPED)
    doors = number_doors(names.streets, prints.shape, np.where(grouped, prints.block, -1))
    village = nets.village[prints.block]
    frame = homes.assign(
        code=_codes(prints, nets),
        village_code=nets.villages["code"].to_numpy()[village],
        road=doors["road"].to_numpy(),
        door=doors["door"].astype(str).to_numpy() + "号",
        **_group_names(prints, nets, names),
    )
    frame["address"] = names.town + nets.villages["name"].to_numpy()[village]
    frame["address"] += frame["road"] + frame["door"] + frame["name"].fillna("")
    frame["leader_post"] = _leaders(frame, nets.micros["name"].to_numpy()[nets.micro[prints.block]])
    return frame[COLUMNS]


def house_frame(houses: pd.DataFrame, shapes: Shapes) -> gpd.GeoDataFrame:
    """Give the layer of buildings; ``shapes`` are the footprints in EPSG:4326."""
    geom = np.array([shapely.MultiPolygon([shape]) for shape in shapes], dtype=object)
    return layer(houses, geom)


def _codes(prints: Footprints, nets: Nets) -> NDArray[np.object_]:
    """Number the buildings 00001… inside each grid, west to east."""
    grid = nets.grid[prints.block]
    order = reading_order(shapely.get_coordinates(shapely.centroid(prints.shape)))
    number = pd.Series(grid[order]).groupby(grid[order]).cumcount().to_numpy() + 1
    codes = np.empty(len(grid), dtype=object)
    table = nets.grids["code"].tolist()
    codes[order] = [f"{table[g]}{n:05}" for g, n in zip(grid[order], number, strict=True)]
    return codes


def _group_names(prints: Footprints, nets: Nets, names: Names) -> dict[str, NDArray[np.object_]]:
    """Name estates, schools and the hospital by block, and number the buildings inside."""
    block_name = _block_names(prints, nets, names)
    known = prints.block[np.isin(prints.use, GROUPED)]
    number = pd.Series(known).groupby(known).cumcount().to_numpy() + 1
    name = np.full(len(prints.block), None, dtype=object)
    estate = name.copy()
    rows = np.flatnonzero(np.isin(prints.use, GROUPED))
    for row, block, n in zip(rows.tolist(), known.tolist(), number.tolist(), strict=True):
        homes = prints.use[row] in ("estate", "tower")
        name[row] = f"{block_name[block]}{n}{'栋' if homes else '号楼'}"
        estate[row] = block_name[block] if homes else None
    return {"name": name, "estate": estate}


def _block_names(prints: Footprints, nets: Nets, names: Names) -> dict[int, str]:
    first, last = names.words["estate_first"], names.words["estate_last"]
    pairs = [a + b for a in first for b in last] + [a + b + "二期" for a in first for b in last]
    free = iter(random(names.seed, "estates").permutation(np.array(pairs)).tolist())
    used: dict[str, int] = {}
    found = {}
    blocks, at = np.unique(prints.block, return_index=True)
    for block, use in zip(blocks.tolist(), prints.use[at].tolist(), strict=True):
        short = town_part(str(nets.villages["name"].iloc[nets.village[block]]))
        if use in ("estate", "tower"):
            found[block] = next(free)
        elif use == "school":
            used[short] = used.get(short, 0) + 1
            found[block] = short + _school_name(used[short])
        elif use == "hospital":
            found[block] = town_part(names.town) + "医院"
    return found


def _school_name(number: int) -> str:
    """Name the first school of a village, the second (中学) and any further one."""
    return {1: "小学", 2: "中学"}.get(number, f"第{numeral(number - 1)}小学")


def _leaders(frame: pd.DataFrame, micro: NDArray[np.object_]) -> Any:
    """Name the building leader's post where enough people live."""
    led = frame["households"] + frame["floating"] / 10 >= LEADER_FROM
    label = pd.Series(micro) + frame["road"] + frame["door"] + "楼长"
    return label.where(led, None).to_numpy()
