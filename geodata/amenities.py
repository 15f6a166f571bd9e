"""Public facilities of a synthetic town: schools, shelters, stations, cameras, drains, gauges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.ground import random
from geodata.nets import town_part
from geodata.rosters import STATIONS
from geodata.scene import Scene
from geodata.streets import RIVER, WIDTH_M, Shapes

CAMERAS, KINDERGARTENS, RIVER_GAUGES, STREET_GAUGES = 420, 22, 6, 12
INLET_EVERY_M = 120.0
Table = tuple[pd.DataFrame, Shapes]


def make_facilities(scene: Scene) -> Table:
    """Give every facility its class, name, attributes and place."""
    makers: tuple[Callable[[Scene], Table], ...] = (
        _schools,
        _kindergartens,
        _health_stations,
        _stations,
        _shelters,
        _cameras,
        _inlets,
        _gauges,
    )
    tables = [make(scene) for make in makers]
    rows = pd.concat([rows for rows, _ in tables], ignore_index=True)
    shapes = np.concatenate([shapes for _, shapes in tables])
    own = shapely.covers(scene.plan.outline, shapes)  # not the far kerb of a road on the boundary
    rows = rows[own].reset_index(drop=True)
    rows.insert(0, "code", scene.codes("F", len(rows)))
    return rows, shapes[own]


def _rows(kind: str, names: list[str], attributes: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({"name": names, "class": kind, "attributes": attributes})


def _campus(scene: Scene, use: str) -> tuple[list[str], Shapes]:
    """Give names and grounds of the blocks with one use."""
    blocks, at = np.unique(scene.prints.block[scene.prints.use == use], return_index=True)
    rows = np.flatnonzero(scene.prints.use == use)[at]
    names = [str(name).removesuffix("1号楼") for name in scene.houses["name"].iloc[rows]]
    return names, shapely.buffer(scene.plan.blocks[blocks], -9, join_style="mitre")


def _schools(scene: Scene) -> Table:
    rng = random(scene.seed, "schools")
    names, grounds = _campus(scene, "school")
    schools = _rows(
        "school",
        names,
        [
            {"stage": "中学" if "中学" in name else "小学", "pupils": int(rng.integers(600, 2400))}
            for name in names
        ],
    )
    hospital, ground = _campus(scene, "hospital")
    beds = _rows("hospital", hospital, [{"beds": 420, "emergency": True} for _ in hospital])
    return pd.concat([schools, beds], ignore_index=True), np.concatenate((grounds, ground))


def _in_buildings(
    scene: Scene, kinds: tuple[str, ...], count: int, stage: str
) -> NDArray[np.int64]:
    """Choose buildings of some kinds."""
    fit = np.flatnonzero(scene.houses["kind"].isin(kinds))
    chosen: NDArray[np.int64] = np.sort(random(scene.seed, stage).choice(fit, count, replace=False))
    return chosen


def _village_names(scene: Scene, row: NDArray[np.int64]) -> list[str]:
    names = scene.nets.villages["name"].to_numpy()[scene.nets.village[scene.prints.block[row]]]
    return [town_part(str(name)) for name in names]


def _kindergartens(scene: Scene) -> Table:
    rows = _in_buildings(scene, ("shophouse", "house"), KINDERGARTENS, "kindergartens")
    pupils = random(scene.seed, "pupils").integers(60, 360, len(rows)).tolist()
    lucky = ("启明", "童心", "阳光", "小天使", "金色", "蓝天", "春蕾", "爱心")
    names = [
        f"{village}{lucky[n % len(lucky)]}幼儿园"
        for n, village in enumerate(_village_names(scene, rows))
    ]
    attributes = [{"pupils": many} for many in pupils]
    return _rows("kindergarten", names, attributes), shapely.centroid(scene.prints.shape[rows])


def _health_stations(scene: Scene) -> Table:
    names = [f"{name}卫生服务站" for name in scene.nets.villages["name"]]
    places = _near(scene, scene.plan.cores)
    return _rows("health_station", names, [{} for _ in names]), places


def _near(scene: Scene, xy: NDArray[np.float64]) -> Shapes:
    """Give the middle of the building nearest to each point."""
    tree = shapely.STRtree(scene.prints.shape)
    _, row = tree.query_nearest(shapely.points(xy), all_matches=False)
    near: Shapes = shapely.point_on_surface(scene.prints.shape[row])
    return near


def _stations(scene: Scene) -> Table:
    town = town_part(scene.settings.name)
    rows = _in_buildings(scene, ("shophouse",), len(STATIONS), "stations")
    kinds = [f"{kind}_station" for kind in STATIONS]
    frame = _rows("", [town + name for name in STATIONS.values()], [{} for _ in kinds])
    frame["class"] = kinds
    small = [f"{name}微型消防站" for name in scene.nets.villages["name"]]
    posts = _rows("fire_post", small, [{"crew": 6} for _ in small])
    places = (shapely.centroid(scene.prints.shape[rows]), _near(scene, scene.plan.cores + 40))
    return pd.concat([frame, posts], ignore_index=True), np.concatenate(places)


def _shelters(scene: Scene) -> Table:
    """Make shelters of school grounds and of a green block of most villages."""
    schools, grounds = _campus(scene, "school")
    green = pd.Series(scene.nets.village)[scene.plan.use == "green"].drop_duplicates()
    villages = scene.nets.villages["name"].to_numpy()[green]
    names = [f"{name}应急避难场所" for name in schools + [f"{v}公园" for v in villages]]
    shapes = np.concatenate(
        (grounds, shapely.buffer(shapely.point_on_surface(scene.plan.blocks[green.index]), 32))
    )
    room = (shapely.area(shapes) / 2.5).round(-1).astype(int).tolist()
    return _rows("shelter", names, [{"capacity": many} for many in room]), shapes


def _cameras(scene: Scene) -> Table:
    """Put cameras at crossings, the widest streets first."""
    edges, street = scene.streets.edges, scene.streets.edge_street
    lines, owner = shapely.get_parts(edges, return_index=True)
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, n)) for n in (0, -1)])
    width = np.array([WIDTH_M[c] for c in scene.streets.street_class[street[owner]].tolist()])
    nodes, back, count = np.unique(ends.round(2), axis=0, return_inverse=True, return_counts=True)
    widest = np.zeros(len(nodes))
    np.maximum.at(widest, back.ravel(), np.tile(width, 2))
    widest[count < 3] = 0
    jitter = random(scene.seed, "cameras").random(len(nodes))
    chosen = np.sort(np.argsort(-widest - jitter, kind="stable")[:CAMERAS])
    names = [f"路口摄像头{n:03}" for n in range(1, len(chosen) + 1)]
    attributes = [{"height_m": 6.5, "video_ai": bool(w > 15)} for w in widest[chosen].tolist()]
    return _rows("camera", names, attributes), shapely.points(nodes[chosen] + 4.0)


def _inlets(scene: Scene) -> Table:
    """Put drain inlets along the kerb of every street but lanes."""
    rng = random(scene.seed, "inlets")
    wide = scene.streets.street_class[scene.streets.edge_street] != "lane"
    edges, owner = shapely.get_parts(scene.streets.edges[wide], return_index=True)
    street = scene.streets.edge_street[wide][owner]
    many = np.maximum(1, (shapely.length(edges) / INLET_EVERY_M).astype(int))
    line = np.repeat(np.arange(len(edges)), many)
    share = (np.r_[0 : len(line)] - np.repeat(np.cumsum(many) - many, many) + 0.5) / many[line]
    kerb = np.array([WIDTH_M[c] for c in scene.streets.street_class[street].tolist()]) / 2 - 0.8
    side = np.where(rng.random(len(line)) < 0.5, 1, -1) * kerb[line]
    places = _beside(edges[line], share, side)
    names = [f"{scene.streets.name[s]}雨水口" for s in street[line].tolist()]
    depth = rng.uniform(0.7, 1.6, len(line)).round(2).tolist()
    return _rows("drain_inlet", names, [{"depth_m": deep} for deep in depth]), places


def _beside(lines: Shapes, share: NDArray[np.float64], off_m: NDArray[np.float64]) -> Shapes:
    """Give points at a share of each line's length, so many metres to its left."""
    at = share * shapely.length(lines)
    here = shapely.get_coordinates(shapely.line_interpolate_point(lines, at))
    back = shapely.get_coordinates(shapely.line_interpolate_point(lines, (at - 1).clip(0)))
    way = here - back
    length = np.hypot(*way.T).clip(1e-9)
    left = np.column_stack((-way[:, 1], way[:, 0])) / length[:, None]
    beside: Shapes = shapely.points(here + left * off_m[:, None])
    return beside


def _gauges(scene: Scene) -> Table:
    """Put water gauges along the river and on the streets nearest to it."""
    plan = scene.plan
    middle = shapely.line_merge(shapely.multilinestrings(plan.edges[plan.line == RIVER]))
    line = max(shapely.get_parts(middle), key=lambda part: float(part.length))
    along = (np.arange(RIVER_GAUGES) + 0.5) / RIVER_GAUGES
    river = shapely.line_interpolate_point(line, along, normalized=True)
    streets = scene.streets.edges[river_distance_m(scene) < 140]
    low = random(scene.seed, "gauges").choice(
        streets, min(STREET_GAUGES, len(streets)), replace=False
    )
    names = [f"{scene.settings.river}{n}号水位站" for n in range(1, len(river) + 1)]
    names += [f"道路积水{n}号监测点" for n in range(1, len(low) + 1)]
    attributes: list[dict[str, Any]] = [{"kind": "river", "warning_m": 3.2} for _ in river]
    attributes += [{"kind": "street", "warning_m": 0.15} for _ in low]
    places = np.concatenate((river, shapely.line_interpolate_point(low, 0.5, normalized=True)))
    return _rows("gauge", names, attributes), places


def river_distance_m(scene: Scene) -> NDArray[np.float64]:
    """Give the distance in m of each piece of street from the river."""
    far: NDArray[np.float64] = shapely.distance(scene.streets.edges, scene.plan.river)
    return far
