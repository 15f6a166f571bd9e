"""The villages, grids and micro-grids of a synthetic town, numbered by the standards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.divide import Mesh, grow, reading_order, share_out, split
from geodata.ground import Xy
from geodata.regions import TownSettings, Village
from geodata.streets import Plan

VALID_FROM = pd.Timestamp("2024-01-01", tz="Asia/Shanghai").tz_convert("UTC")
TOWN_LEVEL, VILLAGE_LEVEL = 2, 3
GROWTHS = 4


@dataclass(frozen=True)
class Nets:
    """Which village, grid and micro-grid each block belongs to.

    ``village``, ``grid`` and ``micro`` hold for each block a row number of the tables of the same
    names; the tables have ``code``, ``name`` and the row number of the ``parent``.
    """

    village: NDArray[np.int64]
    grid: NDArray[np.int64]
    micro: NDArray[np.int64]
    villages: pd.DataFrame
    grids: pd.DataFrame
    micros: pd.DataFrame


def make_nets(plan: Plan, mesh: Mesh, work: Mesh, settings: TownSettings) -> Nets:
    """Divide the blocks into villages, grids and micro-grids.

    Args:
        plan: the blocks.
        mesh: the blocks weighed by what grids are to share evenly: households.
        work: the blocks weighed by what micro-grids are to share evenly: all that is to look after.
        settings: how many grids and micro-grids there are.
    """
    names = _by_closeness(settings)
    village = _grow_villages(mesh, plan.cores)
    of_village = np.maximum(np.bincount(village, mesh.weight), 1.0)
    grids_of_village = share_out(of_village, settings.grids, 1, np.bincount(village))
    grid, grid_parent = _divide(mesh, village, grids_of_village)
    of_grid = np.maximum(np.bincount(grid, work.weight), 1.0)
    micros_of_grid = share_out(of_grid, settings.micro_grids, 1, np.bincount(grid))
    micro, micro_parent = _divide(work, grid, micros_of_grid)
    villages = pd.DataFrame({"code": [v.code for v in names], "name": [v.name for v in names]})
    grids = _named(villages, grid_parent, "{:03}", "{}第{}网格")
    micros = _named(grids, micro_parent, "{:02}", "")
    micros["name"] = _micro_names(villages, grids, micros)
    return Nets(village, grid, micro, villages, grids, micros)


def _grow_villages(mesh: Mesh, cores: Xy) -> NDArray[np.int64]:
    """Grow the villages from their cores, and let those with few households reach further."""
    reach = np.ones(len(cores))
    for _ in range(GROWTHS):
        village = grow(mesh, cores, reach)
        share = np.bincount(village, mesh.weight, len(cores)) / mesh.weight.sum() * len(cores)
        reach = np.clip(reach * np.clip(share, 0.1, 10) ** -0.25, 0.6, 1.7)
    return village


def town_part(name: str) -> str:
    """Give a name without its administrative ending: 黄屋 of 黄屋村, 草塘 of 草塘社区."""
    short = name.removesuffix("社区").removesuffix("村").removesuffix("镇")
    return short or name


def _by_closeness(settings: TownSettings) -> list[Village]:
    """Order the villages as the cores are: communities and the town's own village in the middle."""
    own = town_part(settings.name)
    return sorted(
        settings.villages,
        key=lambda v: (town_part(v.name) != own, int(v.code[9:]) >= 200, v.code),
    )


def _divide(
    mesh: Mesh, whole: NDArray[np.int64], parts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide each whole into its parts; number them in reading order inside the whole."""
    part = np.zeros(len(whole), dtype=np.int64)
    done = 0
    for number, many in enumerate(parts.tolist()):
        pieces = split(mesh, np.flatnonzero(whole == number).tolist(), many)
        centres = np.array([mesh.xy[piece].mean(axis=0) for piece in pieces])
        for place, at in enumerate(reading_order(centres).tolist()):
            part[pieces[at]] = done + place
        done += many
    return part, np.repeat(np.arange(len(parts)), parts)


def _named(above: pd.DataFrame, parent: NDArray[np.int64], digits: str, name: str) -> pd.DataFrame:
    frame = pd.DataFrame({"parent": parent})
    number = frame.groupby("parent").cumcount() + 1
    frame["code"] = [
        above["code"][p] + digits.format(n) for p, n in zip(parent, number, strict=True)
    ]
    frame["name"] = [name.format(above["name"][p], n) for p, n in zip(parent, number, strict=True)]
    return frame


def _micro_names(villages: pd.DataFrame, grids: pd.DataFrame, micros: pd.DataFrame) -> list[str]:
    """Name micro-grids by their number inside the village."""
    village = grids["parent"].to_numpy()[micros["parent"]]
    number = pd.Series(village).groupby(village).cumcount() + 1
    return [f"{villages['name'][v]}第{n}微网格" for v, n in zip(village, number, strict=True)]


def dissolve(shapes: NDArray[np.object_], part: NDArray[np.int64]) -> NDArray[np.object_]:
    """Join the blocks of each part, all vertices kept, as multipolygons."""
    order = np.argsort(part, kind="stable")
    groups = np.split(shapes[order], np.flatnonzero(np.diff(part[order])) + 1)
    return np.array([shapely.MultiPolygon(_polygons(group)) for group in groups], dtype=object)


def _polygons(group: NDArray[np.object_]) -> list[shapely.Polygon]:
    return list(shapely.get_parts(shapely.coverage_union_all(group)))


def grid_frame(nets: Nets, blocks: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Give the layer of grids and micro-grids.

    Args:
        nets: the division.
        blocks: the blocks in EPSG:4326, neighbours sharing their vertices.
    """
    village_codes = nets.villages["code"].to_numpy()
    grid_village = village_codes[nets.grids["parent"]]
    base = {"kind": "base", "level": 1, "parent_code": None, "village_code": grid_village}
    micro_parent = nets.micros["parent"].to_numpy()
    micro = {
        "kind": "micro",
        "level": 2,
        "parent_code": nets.grids["code"].to_numpy()[micro_parent],
        "village_code": grid_village[micro_parent],
    }
    rows = pd.concat([_grids(nets.grids, base), _grids(nets.micros, micro)], ignore_index=True)
    geom = np.concatenate((dissolve(blocks, nets.grid), dissolve(blocks, nets.micro)))
    return layer(rows, geom)


def _grids(table: pd.DataFrame, columns: dict[str, Any]) -> pd.DataFrame:
    named = table[["code", "name"]].assign(net="general", **columns)
    return named.assign(valid_from=VALID_FROM)


def area_frame(nets: Nets, blocks: NDArray[np.object_], settings: TownSettings) -> gpd.GeoDataFrame:
    """Give the layer of areas: the town (or towns) and their villages, in EPSG:4326."""
    villages = nets.villages.assign(level=VILLAGE_LEVEL, kind="village")
    villages["parent_code"] = villages["code"].str[:9] + "000"
    codes, town = np.unique(villages["parent_code"].to_numpy(dtype=str), return_inverse=True)
    towns = pd.DataFrame({"code": codes}).assign(level=TOWN_LEVEL, kind="town")
    towns["name"] = [
        settings.name if code == settings.code else f"第{n}镇" for n, code in enumerate(codes, 1)
    ]
    rows = pd.concat([towns.assign(parent_code=None), villages], ignore_index=True)
    rows.loc[rows["code"].str[9:].between("001", "199"), "kind"] = "community"
    geom = np.concatenate((dissolve(blocks, town[nets.village]), dissolve(blocks, nets.village)))
    rows["seat"] = shapely.point_on_surface(geom)
    return layer(rows.assign(valid_from=VALID_FROM, successor=None), geom)


def layer(rows: pd.DataFrame, geom: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Give rows their geometry column ``geom`` in EPSG:4326."""
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(geom, crs=4326), crs=4326).rename_geometry(
        "geom"
    )
