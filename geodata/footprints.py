"""The buildings of a synthetic town: footprints laid out inside its blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.ground import RIVER_HALF_WIDTH_M, random
from geodata.streets import WIDTH_M, Plan, Shapes

Floats = NDArray[np.float64]
SCHOOLS = 14
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
    "centre": Layout((15, 29), (12, 17), (2, 6), 7.5, 0.92, (3, 9), 3.3),
    "mixed": Layout((12, 19), (11, 15), (4.5, 10), 9, 0.68, (2, 7)),
    "estate": Layout((30, 52), (13, 15.5), (9, 24), 12, 0.92, (6, 18), 3.0),
    "tower": Layout((24, 32), (18, 23), (18, 34), 16, 0.9, (18, 32), 3.0),
    "industry": Layout((36, 84), (22, 44), (9, 11), 12, 0.88, (1, 5), 4.6),
    "school": Layout((34, 58), (12, 16), (12, 22), 13, 0.62, (3, 6), 3.6),
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


def make_footprints(plan: Plan, seed: int, ponds: Shapes) -> Footprints:
    """Lay out the buildings of every block by its use; none touches a street or the water."""
    rng = random(seed, "footprints")
    use = _detailed_use(plan, rng)
    sites = _sites(plan, use)
    wet = shapely.union_all(shapely.buffer(ponds, 6))
    for number in np.unique(shapely.STRtree(sites).query(ponds, predicate="intersects")[1]):
        sites[number] = sites[number].difference(wet)
    shapes, block = [], []
    for number, site in enumerate(sites):
        built = lay_out(site, LAYOUTS[str(use[number])], _turn(site, str(use[number]), rng), rng)
        shapes.append(built)
        block.append(np.full(len(built), number))
    where = np.concatenate(block)
    floors = _floors(use[where], where, rng)
    storey = np.array([LAYOUTS[u].storey_m for u in use[where].tolist()])
    return Footprints(
        np.concatenate(shapes), where, use[where], floors, np.round(floors * storey + 0.6, 1)
    )


def _detailed_use(plan: Plan, rng: np.random.Generator) -> NDArray[np.str_]:
    """Set blocks aside for schools and the hospital, and some estates for towers."""
    use = plan.use.astype("<U12")
    estates = np.flatnonzero(use == "estate")
    use[estates[rng.random(len(estates)) < 0.2]] = "tower"
    size = shapely.area(plan.blocks)
    fit = np.flatnonzero(np.isin(use, ("mixed", "estate")) & (size > 14_000) & (size < 45_000))
    chosen = rng.permutation(fit)[: SCHOOLS + 1]
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


def lay_out(
    site: shapely.Geometry, layout: Layout, turn: float, rng: np.random.Generator
) -> Shapes:
    """Fill a site with rows of rectangles turned by ``turn`` radians; all lie inside."""
    if site.area < layout.width_m[0] * layout.depth_m[0]:
        return np.array([], dtype=object)
    level = shapely.transform(site, lambda xy: _turned(xy, -turn))
    low, high = _rows(level, layout, rng)
    west, east = _reach(level, low, high)
    columns = int(np.nanmax(np.r_[east - west, 0.0]) / (layout.width_m[0] + layout.gap_m[0])) + 1
    width = rng.uniform(*layout.width_m, (len(low), columns))
    right = np.cumsum(width + layout.gap_m[0], axis=1) - layout.gap_m[0]
    fits = right <= (east - west)[:, None]
    # What is left over at the end of a row is shared out, so that both ends stand in line.
    spare = (east - west) - np.where(fits, right, 0).max(axis=1)
    right += spare[:, None] * (np.arange(columns) + 0.5) / np.maximum(fits.sum(axis=1), 1)[:, None]
    right += west[:, None]
    deep = (high - low)[:, None] * rng.uniform(0.84, 1.0, width.shape)
    kept = (fits & (rng.random(width.shape) < layout.built)).ravel()
    corners = np.stack((right - width, low[:, None] + 0 * deep, right, low[:, None] + deep))
    boxes = _boxes(corners.reshape(4, -1)[:, kept], rng.random(kept.sum()))
    shapely.prepare(level)
    built: Shapes = boxes[shapely.covers(level, boxes)]
    return np.asarray(shapely.transform(built, lambda xy: _turned(xy, turn)))


def _rows(
    level: shapely.Geometry, layout: Layout, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Give where each row begins and ends, from south to north, filling the height."""
    _, south, _, north = level.bounds
    mean = sum(layout.depth_m) / 2 + layout.gap_m[1]
    count = max(1, int((north - south + layout.gap_m[1]) / mean))
    depth = rng.uniform(*layout.depth_m, count)
    free = north - south - depth.sum() - layout.gap_m[1] * (count - 1)
    gap = layout.gap_m[1] + max(free, 0.0) / count
    low = south + np.cumsum(depth + gap) - depth - gap
    return low, low + depth


def _reach(level: shapely.Geometry, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Give the west and east end of each row: where both its sides are on the site."""
    far_west, _, far_east, _ = level.bounds
    ends = []
    for y in (low + 0.02, high - 0.02):
        ways = np.stack(
            (np.column_stack((0 * y + far_west, y)), np.column_stack((0 * y + far_east, y))), 1
        )
        ends.append(shapely.bounds(shapely.intersection(level, shapely.linestrings(ways))))
    west = np.fmax(ends[0][:, 0], ends[1][:, 0]) + 0.05
    east = np.fmin(ends[0][:, 2], ends[1][:, 2]) - 0.05
    missing = np.isnan(ends[0][:, 0]) | np.isnan(ends[1][:, 0]) | (east < west)
    return np.where(missing, far_west, west), np.where(missing, far_west, east)


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
