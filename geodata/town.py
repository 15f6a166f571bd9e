"""A synthetic twin of a real town, the same for the same seed and settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.amenities import make_facilities
from geodata.businesses import make_enterprises
from geodata.crs import SourceCrs
from geodata.divide import make_mesh
from geodata.doors import Words, make_streets
from geodata.dwellings import make_dwellings
from geodata.footprints import make_footprints
from geodata.ground import Xy, make_ground, random
from geodata.houses import Names, house_frame, make_houses
from geodata.nets import Nets, area_frame, grid_frame, layer, make_nets, town_part
from geodata.regions import TownSettings, Village, town_settings, words
from geodata.risks import make_hazards
from geodata.rosters import make_duties, make_organisations
from geodata.scene import Scene
from geodata.streets import Plan, Shapes, make_plan
from geodata.waters import WATER, make_ponds

DONGKENG = 441900
TENANTS_OF_A_HOUSEHOLD = 10  # floating people that are as much work as one household
BUILDING_WORK = 0.5  # households that a building is worth, so that factories count too
# Name → titles and look of what is published.
PUBLISHED = {"water": WATER}
DEFAULT_NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Town:
    """A town as frames by layer name, in EPSG:4326 with the geometry column ``geom``.

    What is in ``PUBLISHED`` is no layer of its own, but published as any dataset may be.
    ``outline`` is the town's boundary; ``settings`` is what it reproduces.
    """

    settings: TownSettings
    outline: shapely.MultiPolygon
    frames: dict[str, gpd.GeoDataFrame]

    def points(self, n: int, seed: int = 0) -> NDArray[np.float64]:
        """Draw places (n, 2) in degrees (lon, lat), evenly spread inside the outline."""
        rng = random(seed, "points")
        west, south, east, north = self.outline.bounds
        shapely.prepare(self.outline)
        found: list[NDArray[np.float64]] = []
        missing = n
        while missing > 0:
            tries = rng.uniform((west, south), (east, north), (int(missing * 1.5) + 16, 2))
            inside = tries[shapely.contains_xy(self.outline, tries)][:missing]
            found.append(inside)
            missing -= len(inside)
        return np.concatenate(found) if found else np.empty((0, 2))


def make_town(
    seed: int = 1, settings: TownSettings | None = None, now: datetime = DEFAULT_NOW
) -> Town:
    """Make a town whole: areas, grids, streets, buildings, places, posts and hazards.

    Args:
        seed: another seed makes another town with the same figures.
        settings: what to reproduce; the Dongkeng twin if None.
        now: the time that deadlines are relative to.
    """
    scene = make_scene(seed, settings or town_settings(DONGKENG), now)
    placed = _to_lonlat(scene.plan, scene.settings)
    frames = _ground_frames(scene.plan, scene.nets, scene.settings, placed)
    frames["water"] = _water_frame(scene, placed)
    frames["streets"] = _street_frame(scene, placed)
    frames["buildings"] = house_frame(scene.houses, placed(scene.prints.shape))
    firms, firm_points = make_enterprises(scene)
    frames["enterprises"] = layer(firms, placed(firm_points))
    for name, (rows, shapes) in {
        "organisations": make_organisations(scene),
        "facilities": make_facilities(scene),
        "hazards": make_hazards(scene, firms, firm_points),
    }.items():
        frames[name] = layer(rows, placed(shapes))
    duties = make_duties(scene)
    frames["duties"] = layer(duties, np.full(len(duties), None, dtype=object))
    return Town(scene.settings, frames["areas"]["geom"].iloc[0], frames)


def make_scene(seed: int, settings: TownSettings, now: datetime) -> Scene:
    """Lay out the ground, build on it and divide it by the households that live there."""
    plan = make_plan(make_ground(seed, settings))
    prints = make_footprints(plan, seed, make_ponds(plan, seed)[0])
    homes = make_dwellings(prints, settings, seed)
    mesh = make_mesh(plan, _by_block(prints.block, homes["households"], plan))
    work = homes["households"] + homes["floating"] / TENANTS_OF_A_HOUSEHOLD + BUILDING_WORK
    nets = make_nets(
        plan, mesh, replace(mesh, weight=_by_block(prints.block, work, plan)), settings
    )
    short = tuple(town_part(name) for name in nets.villages["name"])
    stock = words(settings.district)
    streets = make_streets(plan, Words(seed, stock, short, nets.village))
    houses = make_houses(prints, homes, nets, Names(streets, settings.name, stock, seed))
    return Scene(settings, seed, now, plan, nets, streets, prints, houses)


def make_district(grids: int = 2434, seed: int = 1) -> Town:
    """Make the areas and grids of a whole district, for benches.

    Args:
        grids: how many; every tenth makes a village, every hundredth a town.
        seed: another seed makes another district.
    """
    settings = _district_settings(grids)
    plan = make_plan(make_ground(seed, settings, coarse=3.0))
    mesh = make_mesh(plan, np.ones(len(plan.blocks)))
    nets = make_nets(plan, mesh, mesh, settings)
    placed = _to_lonlat(plan, settings)
    frames = _ground_frames(plan, nets, settings, placed)
    return Town(settings, shapely.union_all(frames["areas"]["geom"].to_numpy()), frames)


def _district_settings(grids: int) -> TownSettings:
    count = max(1, round(grids / 10))
    villages = tuple(
        Village(f"441302{100 + n // 10:03}{200 + n % 10:03}", f"第{n + 1}村") for n in range(count)
    )
    return replace(
        town_settings(DONGKENG),
        code="441302000000",
        name="惠城区",
        name_en="Huicheng District",
        center=(114.38, 23.08),
        area_km2=0.477 * grids,
        grids=grids,
        micro_grids=round(grids * 2.75),
        villages=villages,
    )


Place = Callable[[Shapes], Shapes]


def _to_lonlat(plan: Plan, settings: TownSettings) -> Place:
    """Give the way from metres around the centre to EPSG:4326, to 1e-7° (about 1 cm)."""
    crs = SourceCrs.parse(f"EPSG:{settings.metric_crs}")
    (middle,) = crs.from_wgs84(np.array([settings.center]))
    scale = np.sqrt(settings.area_km2 * 1e6 / plan.outline.area)

    def lonlat(xy: Xy) -> Xy:
        rounded: Xy = np.round(crs.to_wgs84(xy * scale + middle), 7)
        return rounded

    def place(shapes: Shapes) -> Shapes:
        moved: Shapes = shapely.transform(shapes, lonlat)
        return moved

    return place


def _by_block(block: NDArray[np.int64], values: pd.Series, plan: Plan) -> Xy:
    """Add up values of buildings by block; no block is quite empty, so that all count as ground."""
    return np.bincount(block, values, len(plan.blocks)).astype(np.float64) + 1e-3


def _ground_frames(
    plan: Plan, nets: Nets, settings: TownSettings, placed: Place
) -> dict[str, gpd.GeoDataFrame]:
    blocks = placed(plan.blocks)
    return {"areas": area_frame(nets, blocks, settings), "grids": grid_frame(nets, blocks)}


def _water_frame(scene: Scene, placed: Place) -> gpd.GeoDataFrame:
    ponds, names = make_ponds(scene.plan, scene.seed)
    river = shapely.get_parts(scene.plan.river)
    named = [(scene.settings.river, "river")] * len(river) + [(str(n), "pond") for n in names]
    rows = pd.DataFrame({"code": scene.codes("W", len(named))})
    rows[["name", "class"]] = named
    return layer(rows, placed(np.concatenate((river, ponds))))


def _street_frame(scene: Scene, placed: Place) -> gpd.GeoDataFrame:
    streets = scene.streets
    rows = pd.DataFrame({"code": scene.codes("S", len(streets.name)), "name": streets.name})
    return layer(rows.assign(**{"class": streets.street_class}), placed(streets.shape))
