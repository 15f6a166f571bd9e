"""The buildings of a synthetic town: footprints laid out inside its blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.ground import RIVER_HALF_WIDTH_M, random
from geodata.streets import WIDTH_M, Plan, Shapes

Floats = NDArray[np.float64]
BANK_M = 18.0  # from the water to the first house, with the road along the river


@dataclass(frozen=True)
class Layout:
    """How the buildings of one kind of block stand: metres, floors and the share that is built."""

    width_m: tuple[float, float]
    depth_m: tuple[float, float]
    gap_m: tuple[float, float]
    setback_m: float
    built: float
    floors: tuple[int, int]
    storey_m: float = 3.1


LAYOUTS = {
    "village": Layout((9.5, 14), (10.5, 14.5), (1.8, 3.0), 4, 0.93, (2, 6)),
    "centre": Layout((16, 30), (13, 18), (3, 10), 9, 0.9, (3, 9), 3.3),
    "mixed": Layout((13, 20), (11.5, 15), (5, 13), 9, 0.66, (2, 7)),
    "estate": Layout((34, 58), (13, 15.5), (12, 27), 15, 0.88, (6, 18), 3.0),
    "tower": Layout((24, 32), (18, 23), (18, 34), 16, 0.9, (18, 32), 3.0),
    "industry": Layout((46, 96), (28, 50), (12, 15), 13, 0.85, (1, 5), 4.6),
    "school": Layout((38, 66), (12, 16), (16, 24), 14, 0.62, (3, 6), 3.6),
    "hospital": Layout((40, 70), (18, 24), (16, 20), 14, 0.9, (5, 12), 3.8),
    "green": Layout((10, 22), (8, 13), (55, 75), 18, 0.16, (1, 2), 3.2),
}


@dataclass(frozen=True)
class Footprints:
    """Buildings in metres around the town's centre: shape, block, kind of block and floors."""

    shape: Shapes
    block: NDArray[np.int64]
    use: NDArray[np.str_]
    floors: NDArray[np.int64]
    height_m: Floats


def make_footprints(plan: Plan, seed: int, schools: int = 14) -> Footprints:
    """Lay out the buildings of every block by its use; none touches a street or the water."""
    rng = random(seed, "footprints")
    use = _detailed_use(plan, rng, schools)
    sites = _sites(plan, use)
    shapes, block = [], []
    for number, site in enumerate(sites):
        built = _lay_out(site, LAYOUTS[str(use[number])], _turn(site, str(use[number]), rng), rng)
        shapes.append(built)
        block.append(np.full(len(built), number))
    where = np.concatenate(block)
    floors = _floors(use[where], where, rng)
    storey = np.array([LAYOUTS[u].storey_m for u in use[where].tolist()])
    return Footprints(
        np.concatenate(shapes), where, use[where], floors, np.round(floors * storey + 0.6, 1)
    )


def _detailed_use(plan: Plan, rng: np.random.Generator, schools: int) -> NDArray[np.str_]:
    """Set blocks aside for schools and the hospital, and some estates for towers."""
    use = plan.use.astype("<U12")
    estates = np.flatnonzero(use == "estate")
    use[estates[rng.random(len(estates)) < 0.2]] = "tower"
    size = shapely.area(plan.blocks)
    fit = np.flatnonzero(np.isin(use, ("mixed", "estate")) & (size > 14_000))
    chosen = rng.permutation(fit)[: schools + 1]
    use[chosen] = "school"
    use[chosen[:1]] = "hospital"
    return use


def _sites(plan: Plan, use: NDArray[np.str_]) -> Shapes:
    """Give what may be built on of each block: set back from streets and the river."""
    half = {name: width / 2 + 3 for name, width in WIDTH_M.items()}
    half |= {"river": RIVER_HALF_WIDTH_M + BANK_M, "outline": 6.0}
    edge_class = plan.line_class[plan.line]
    wide = np.flatnonzero(np.isin(edge_class, ("trunk", "primary", "secondary", "river")))
    room = shapely.buffer(plan.edges[wide], [half[c] for c in edge_class[wide].tolist()])
    block, taken = shapely.STRtree(room).query(plan.blocks, predicate="intersects")
    sites: Shapes = shapely.buffer(plan.blocks, [-LAYOUTS[u].setback_m for u in use.tolist()])
    for number in np.unique(block):
        sites[number] = sites[number].difference(shapely.union_all(room[taken[block == number]]))
    return sites


def _turn(site: shapely.Geometry, use: str, rng: np.random.Generator) -> float:
    """Choose the direction of the rows: along the block; estates face south."""
    if site.is_empty:
        return 0.0
    if use in ("estate", "tower", "school"):
        return float(rng.normal(0, 0.09))
    box = shapely.get_coordinates(shapely.oriented_envelope(site))
    side = max(box[1] - box[0], box[2] - box[1], key=lambda v: float(np.hypot(*v)))
    return float(np.arctan2(side[1], side[0]) + rng.normal(0, 0.015))


def _lay_out(
    site: shapely.Geometry, layout: Layout, turn: float, rng: np.random.Generator
) -> Shapes:
    """Fill a site with rows of rectangles, and keep those that lie wholly inside."""
    if site.area < layout.width_m[0] * layout.depth_m[0]:
        return np.array([], dtype=object)
    level = shapely.transform(site, lambda xy: _turned(xy, -turn))
    west, south, east, north = level.bounds
    rows = int((north - south) / (layout.depth_m[0] + layout.gap_m[1])) + 1
    columns = int((east - west) / (layout.width_m[0] + layout.gap_m[0])) + 1
    depth = rng.uniform(*layout.depth_m, (rows, 1))
    width = rng.uniform(*layout.width_m, (rows, columns))
    right = west + np.cumsum(width + layout.gap_m[0], axis=1) - rng.uniform(0, 3, (rows, 1))
    bottom = south + np.cumsum(depth + layout.gap_m[1], axis=0) - depth - layout.gap_m[1]
    low = bottom + rng.uniform(0, 0.3 * layout.gap_m[1], (rows, columns))
    deep = depth * rng.uniform(0.86, 1.0, (rows, columns))
    kept = (rng.random((rows, columns)) < layout.built).ravel()
    left = right - width - layout.gap_m[0]
    corners = np.stack((left, low, right - layout.gap_m[0], low + deep)).reshape(4, -1)[:, kept]
    boxes = _boxes(corners, rng.random(kept.sum()))
    shapely.prepare(level)
    inside = boxes[shapely.covers(level, boxes)]
    built: Shapes = shapely.transform(inside, lambda xy: _turned(xy, turn))
    return built


def _boxes(corners: Floats, draw: Floats) -> Shapes:
    """Draw rectangles (west, south, east, north), and of every fifth leave a corner out."""
    west, south, east, north = corners
    notch = np.where(draw < 0.2, 0.45, 0.0)
    x, y = east - (east - west) * notch, north - (north - south) * notch
    rings = np.stack(
        [
            np.stack(pair, axis=1)
            for pair in ((west, south), (east, south), (east, y), (x, y), (x, north), (west, north))
        ],
        axis=1,
    )
    boxes: Shapes = shapely.polygons(rings)
    plain = notch == 0
    boxes[plain] = shapely.box(west[plain], south[plain], east[plain], north[plain])
    return boxes


def _turned(xy: Floats, angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.column_stack((xy[:, 0] * cos - xy[:, 1] * sin, xy[:, 0] * sin + xy[:, 1] * cos))


def _floors(
    use: NDArray[np.str_], block: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw floors; the buildings of one estate are alike."""
    low, high = np.array([LAYOUTS[u].floors for u in use.tolist()]).T
    alike = rng.random(int(block.max()) + 1)[block]
    draw = np.where(np.isin(use, ("estate", "tower")), alike, rng.beta(2, 2, len(use)))
    floors: NDArray[np.int64] = (low + np.floor(draw * (high - low + 1))).astype(np.int64)
    return floors
