"""The street network of a synthetic town, and the blocks between the streets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.ground import RIVER_HALF_WIDTH_M, Ground, Xy, land_use, random, warp

Shapes = NDArray[np.object_]

BLOCK_M2 = {
    "village": 6_500,
    "centre": 15_000,
    "mixed": 24_000,
    "estate": 36_000,
    "industry": 62_000,
    "green": 120_000,
}
WIDTH_M = {"trunk": 38.0, "primary": 28.0, "secondary": 20.0, "residential": 12.0, "lane": 5.0}
OUTLINE, RIVER = 0, 1  # the first two lines of a plan are no streets
NODE_GRID_M = 0.01
LONGER_M = 0.05
STEP_M = 28.0


@dataclass(frozen=True)
class Plan:
    """Blocks and the lines between them, in metres around the town's centre.

    Neighbouring blocks share all their vertices. ``use`` has the land use of each block,
    ``edges`` the noded pieces of all lines, ``line`` the line that each edge is part of and
    ``line_class`` the class of each line (``outline``, ``river`` or a street class).
    """

    blocks: Shapes
    use: NDArray[np.str_]
    edges: Shapes
    line: NDArray[np.int64]
    line_class: NDArray[np.str_]
    cores: Xy

    @cached_property
    def outline(self) -> shapely.Polygon:
        """Give the town's outline."""
        return shapely.coverage_union_all(self.blocks)

    @cached_property
    def river(self) -> shapely.Geometry:
        """Give the river's surface inside the town."""
        middle = shapely.line_merge(shapely.multilinestrings(self.edges[self.line == RIVER]))
        return middle.buffer(RIVER_HALF_WIDTH_M).intersection(self.outline)


def make_plan(ground: Ground) -> Plan:
    """Divide the ground into blocks by main roads, the river and ever smaller streets."""
    lines, classes = _main_lines(ground)
    cuts, cut_classes = _subdivide(ground, _faces(lines))
    lines = np.concatenate((lines, cuts))
    edges = shapely.get_parts(shapely.union_all(lines, grid_size=NODE_GRID_M))
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    _, line = shapely.STRtree(lines).query_nearest(middles, all_matches=False)
    edges = shapely.segmentize(edges, STEP_M)
    blocks = shapely.get_parts(shapely.polygonize(edges))
    between = ~_stubs(middles, blocks)
    edges, line = edges[between], line[between]
    inside = shapely.get_coordinates(shapely.point_on_surface(blocks))
    return Plan(
        blocks=_bend(ground, blocks),
        use=_settled_use(ground, blocks, inside),
        edges=_bend(ground, edges),
        line=line,
        line_class=np.concatenate((classes, cut_classes)),
        cores=warp(ground, ground.cores),
    )


def _settled_use(ground: Ground, blocks: Shapes, inside: Xy) -> NDArray[np.str_]:
    """Give the land use of each block; what was left much too large for it stays green."""
    use = land_use(ground, inside)
    most = np.array([BLOCK_M2[u] for u in use.tolist()]) * ground.coarse
    return np.where(shapely.area(blocks) > 2 * most, "green", use)


def _stubs(middles: Shapes, blocks: Shapes) -> NDArray[np.bool_]:
    """Find the edges that end inside a block: what sticks out where a line was made longer."""
    edge, block = shapely.STRtree(blocks).query(middles, predicate="within")
    deep = shapely.distance(middles[edge], shapely.boundary(blocks[block])) > NODE_GRID_M
    stub = np.zeros(len(middles), dtype=bool)
    stub[edge[deep]] = True
    return stub


def _bend(ground: Ground, shapes: Shapes) -> Shapes:
    bent: Shapes = shapely.transform(shapes, lambda xy: warp(ground, xy))
    return bent


def _main_lines(ground: Ground) -> tuple[Shapes, NDArray[np.str_]]:
    reach = ground.outline.buffer(LONGER_M)
    roads = shapely.intersection(np.array(ground.roads), reach)
    kept = shapely.length(roads) > 600
    river = ground.river.intersection(reach)
    lines = np.concatenate(([ground.outline.exterior, river], roads[kept]))
    middle = shapely.distance(roads, shapely.Point(0, 0)) < 0.45 * ground.radius_m
    return lines, np.concatenate((["outline", "river"], np.where(middle, "trunk", "primary")[kept]))


def _faces(lines: Shapes) -> Shapes:
    noded = shapely.union_all(lines, grid_size=NODE_GRID_M)
    faces: Shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return faces


def _subdivide(ground: Ground, faces: Shapes) -> tuple[Shapes, NDArray[np.str_]]:
    """Cut faces across their longer side until each has the block size of its land use."""
    rng = random(ground.seed, "subdivide")
    cuts, classes = [], []
    while len(faces):
        use = land_use(ground, shapely.get_coordinates(shapely.point_on_surface(faces)))
        most = (
            np.array([BLOCK_M2[u] for u in use]) * ground.coarse * rng.uniform(0.75, 1.3, len(use))
        )
        large = shapely.area(faces) > most
        faces, use = faces[large], use[large]
        chords, halves = _halve(rng, faces)
        chord_face = np.repeat(np.arange(len(faces)), shapely.get_num_geometries(chords))
        cuts.append(_longer(shapely.get_parts(chords)))
        classes.append(_street_class(shapely.area(faces) / ground.coarse, use)[chord_face])
        faces = halves
    return np.concatenate(cuts), np.concatenate(classes)


def _longer(chords: Shapes) -> Shapes:
    """Let straight lines reach a little over their ends, so that rounding leaves no gap there."""
    ends = shapely.get_coordinates(chords).reshape(-1, 2, 2)
    way = ends[:, 1] - ends[:, 0]
    way *= LONGER_M / np.hypot(*way.T)[:, None]
    longer: Shapes = shapely.linestrings(ends + np.stack((-way, way), axis=1))
    return longer


def _street_class(block_m2: NDArray[np.float64], use: NDArray[np.str_]) -> NDArray[np.str_]:
    return np.select(
        [block_m2 > 3.2e5, (use == "village") & (block_m2 < 26_000)],
        ["secondary", "lane"],
        "residential",
    )


def _halve(rng: np.random.Generator, faces: Shapes) -> tuple[Shapes, Shapes]:
    """Cut each face once, nearly at right angles to its longer side and not quite in the middle."""
    if not len(faces):
        return faces, faces
    box = shapely.get_coordinates(shapely.oriented_envelope(faces)).reshape(-1, 5, 2)
    side, other = box[:, 1] - box[:, 0], box[:, 2] - box[:, 1]
    longer = (np.hypot(*side.T) >= np.hypot(*other.T))[:, None]
    side = np.where(longer, side, other)
    start = np.where(longer, (box[:, 0] + box[:, 3]) / 2, (box[:, 0] + box[:, 1]) / 2)
    middle = start + side * rng.normal(0.5, 0.05, (len(faces), 1)).clip(0.36, 0.64)
    reach = np.hypot(*side.T) * 2
    angle = np.arctan2(side[:, 1], side[:, 0]) + np.pi / 2 + rng.normal(0, 0.09, len(faces))
    along = np.column_stack((np.cos(angle), np.sin(angle))) * reach[:, None]
    back = np.column_stack((-np.sin(angle), np.cos(angle))) * reach[:, None]
    one, two = middle - along, middle + along
    chords = shapely.intersection(shapely.linestrings(np.stack((one, two), axis=1)), faces)
    left = shapely.polygons(np.stack((one, two, two + back, one + back), axis=1))
    right = shapely.polygons(np.stack((one, two, two - back, one - back), axis=1))
    halves = np.concatenate((shapely.intersection(faces, left), shapely.intersection(faces, right)))
    parts = shapely.get_parts(halves)
    return chords, parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
