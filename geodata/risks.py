"""Risk points and defects of a synthetic town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.amenities import river_distance_m
from geodata.ground import random
from geodata.scene import Scene
from geodata.streets import Shapes

# Likelihood, exposure and consequence that a risk point of a kind may be given.
LEC = {
    "fire": ((0.5, 1, 3, 6), (2, 3, 6), (3, 7, 15, 40)),
    "machinery": ((0.5, 1, 3), (3, 6), (3, 7, 15)),
    "chemical": ((0.2, 0.5, 1, 3), (3, 6), (15, 40, 100)),
    "gas": ((0.2, 0.5, 1, 3), (3, 6, 10), (7, 15, 40)),
    "electric": ((0.5, 1, 3), (6, 10), (3, 7, 15)),
    "old_building": ((0.5, 1, 3, 6), (6, 10), (7, 15, 40)),
    "waterlogging": ((1, 3, 6), (0.5, 1, 2), (1, 3, 7, 15)),
    "landslide": ((0.2, 0.5, 1), (0.5, 1, 2), (15, 40)),
    "traffic": ((1, 3), (6, 10), (3, 7, 15)),
}
TITLES = {
    "fire": ("火灾风险", ("安全出口堵塞", "灭火器过期", "消防通道被占", "违规住人")),
    "machinery": ("机械伤害风险", ("冲床无防护罩", "设备未接地", "无操作规程")),
    "chemical": ("危化品风险", ("危化品超量存放", "无通风设施", "标签缺失")),
    "gas": ("燃气风险", ("软管老化", "气瓶间不合规", "无报警器")),
    "electric": ("用电风险", ("电线私拉乱接", "楼道充电", "无漏电保护")),
    "old_building": ("老旧房屋风险", ("墙体开裂", "屋面渗漏", "构件松动")),
    "waterlogging": ("内涝风险", ("雨水口堵塞", "排水管淤积")),
    "landslide": ("边坡风险", ("坡面裂缝", "挡墙渗水")),
    "traffic": ("交通风险", ("标线不清", "视线遮挡", "护栏损坏")),
}
STATES = {"written_off": 0.74, "rechecked": 0.05, "rectified": 0.07, "open": 0.14}
DEFECTS = 860
MAJOR_SHARE = 0.06


@dataclass(frozen=True)
class Spots:
    """Where risk points of one kind lie, what place they belong to and under which address."""

    kind: str
    geom: Shapes
    place_code: NDArray[np.object_]
    address: NDArray[np.object_]


def make_hazards(
    scene: Scene, firms: pd.DataFrame, firm_points: Shapes
) -> tuple[pd.DataFrame, Shapes]:
    """Give risk points with L, E and C, and the defects found at them with their deadlines."""
    rng = random(scene.seed, "hazards")
    spots = [*_of_firms(firms, firm_points, rng), *_of_ground(scene, rng)]
    points = pd.concat([_risk_points(group, rng) for group in spots], ignore_index=True)
    points["code"] = scene.codes("R", len(points))
    geom = np.concatenate([group.geom for group in spots])
    row = rng.integers(0, len(points), DEFECTS)
    defects = _defects(points.iloc[row].reset_index(drop=True), scene, rng)
    frame = pd.concat([points, defects], ignore_index=True)
    columns = "code name nature kind l e c grade state deadline parent_code place_code address"
    where = np.concatenate((geom, shapely.point_on_surface(geom[row])))
    return frame[columns.split()], where


def _of_firms(firms: pd.DataFrame, points: Shapes, rng: np.random.Generator) -> list[Spots]:
    """Choose the firms whose kind of work is a standing risk."""
    kind = firms["class"]
    chance = {
        "machinery": 0.16 * (kind == "factory"),
        "fire": 0.05 * (kind == "factory")
        + 0.2 * kind.isin(("workshop", "entertainment", "hotel")),
        "chemical": 0.5 * (firms["fire_class"] == "乙") + 0.9 * (kind == "flammables"),
        "gas": 0.22 * (kind == "restaurant"),
    }
    found = []
    for name, likely in chance.items():
        row = np.flatnonzero(rng.random(len(firms)) < likely.to_numpy(dtype=float))
        codes, addresses = firms["code"].to_numpy(object), firms["address"].to_numpy(object)
        found.append(Spots(name, points[row], codes[row], addresses[row]))
    return found


def _of_ground(scene: Scene, rng: np.random.Generator) -> list[Spots]:
    """Choose old houses, crowded rentals, low streets by the river, slopes and crossings."""
    houses = scene.houses
    old = np.flatnonzero(houses["danger_grade"].isin(("C", "D")))
    let = np.flatnonzero(houses["rental"] & (houses["floating"] > 18))
    let = np.sort(rng.choice(let, min(90, len(let)), replace=False))
    return [
        _at_houses(scene, "old_building", old),
        _at_houses(scene, "electric", let),
        _low_streets(scene, rng),
        _slopes(scene, rng),
        _accident_spots(scene, rng),
    ]


def _at_houses(scene: Scene, kind: str, row: NDArray[np.int64]) -> Spots:
    houses = scene.houses.iloc[row]
    where = shapely.point_on_surface(scene.prints.shape[row])
    return Spots(kind, where, houses["code"].to_numpy(object), houses["address"].to_numpy(object))


def _low_streets(scene: Scene, rng: np.random.Generator) -> Spots:
    near = np.flatnonzero(river_distance_m(scene) < 160)
    near = np.sort(rng.choice(near, min(18, len(near)), replace=False))
    puddles = shapely.buffer(scene.streets.edges[near], 9)
    puddles = shapely.intersection(puddles, scene.plan.outline)
    return Spots("waterlogging", puddles, _nothing(near), _street_names(scene, near))


def _slopes(scene: Scene, rng: np.random.Generator) -> Spots:
    """Make slopes at the edge of green blocks away from the river, one of them behind a school."""
    green = np.flatnonzero(scene.plan.use == "green")
    dry = green[shapely.distance(scene.plan.blocks[green], scene.plan.river) > 300]
    schools = shapely.union_all(scene.plan.blocks[_school_blocks(scene)])
    far = shapely.distance(scene.plan.blocks[dry], schools)
    chosen = dry[np.argsort(far + rng.uniform(0, 500, len(dry)) * (far > 0), kind="stable")[:7]]
    rings = shapely.boundary(scene.plan.blocks[chosen])
    start = shapely.line_locate_point(rings, shapely.Point(*scene.plan.cores[0]))
    foot = [shapely.ops.substring(r, s, s + 120) for r, s in zip(rings, start, strict=True)]
    slopes = shapely.intersection(shapely.buffer(foot, 34), scene.plan.blocks[chosen])
    villages = scene.nets.villages["name"].to_numpy(object)[scene.nets.village[chosen]]
    return Spots("landslide", slopes, _nothing(chosen), scene.settings.name + villages + "山坡")


def _school_blocks(scene: Scene) -> NDArray[np.int64]:
    blocks: NDArray[np.int64] = np.unique(scene.prints.block[scene.prints.use == "school"])
    return blocks


def _accident_spots(scene: Scene, rng: np.random.Generator) -> Spots:
    busy = np.isin(scene.streets.street_class[scene.streets.edge_street], ("trunk", "primary"))
    chosen = np.sort(rng.choice(np.flatnonzero(busy), 24, replace=False))
    where = shapely.line_interpolate_point(scene.streets.edges[chosen], 0.02, normalized=True)
    return Spots("traffic", where, _nothing(chosen), _street_names(scene, chosen))


def _nothing(rows: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.full(len(rows), None, dtype=object)


def _street_names(scene: Scene, edge: NDArray[np.int64]) -> NDArray[np.object_]:
    names: NDArray[np.object_] = (
        scene.settings.name + scene.streets.name[scene.streets.edge_street[edge]]
    )
    return names


def _risk_points(spots: Spots, rng: np.random.Generator) -> pd.DataFrame:
    many = len(spots.geom)
    figures = {
        letter: rng.choice(values, many)
        for letter, values in zip("lec", LEC[spots.kind], strict=True)
    }
    frame = pd.DataFrame({"name": TITLES[spots.kind][0], "kind": spots.kind, **figures})
    frame = frame if many else frame.iloc[:0]
    return frame.assign(
        nature="risk_point",
        grade=None,
        state="open",
        deadline=pd.NaT,
        parent_code=None,
        place_code=spots.place_code,
        address=spots.address,
    )


def _defects(parents: pd.DataFrame, scene: Scene, rng: np.random.Generator) -> pd.DataFrame:
    """Find one defect at each risk point given; a third of the open ones are past the deadline."""
    many = len(parents)
    state = rng.choice(list(STATES), many, p=list(STATES.values()))
    days = np.where(state == "open", rng.integers(-10, 21, many), rng.integers(-300, -12, many))
    names = [str(rng.choice(TITLES[kind][1])) for kind in parents["kind"]]
    deadlines: list[Any] = [scene.now + timedelta(days=int(day)) for day in days]
    return parents.assign(
        code=scene.codes("Y", many),
        name=names,
        nature="defect",
        grade=np.where(rng.random(many) < MAJOR_SHARE, "major", "general"),
        state=state,
        deadline=pd.to_datetime(pd.Series(deadlines), utc=True),
        parent_code=parents["code"].to_numpy(object),
    )
