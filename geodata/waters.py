"""The standing waters of a synthetic town and the roads along its river."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.footprints import Layout, lay_out
from geodata.ground import RIVER_HALF_WIDTH_M, random
from geodata.streets import RIVER, Plan, Shapes

# How the waters are published: titles and look.
WATER: dict[str, Any] = {
    "title": "Water",
    "title_zh": "水系",
    "look": {
        "style": {"color": "#2b4a63", "weight": 1, "fillColor": "#1d3a52", "fillOpacity": 0.8},
        "order": 5,
        "minzoom": 8,
        "hidden": False,
    },
}
POND = Layout((55, 120), (36, 62), (9, 9), 26, 0.82, (1, 1))
POND_SHARE = 0.4
LAKE_M2 = 30_000
ROAD_FROM_WATER_M = 9.0
ROAD_PIECE_M = 150.0


def make_ponds(plan: Plan, seed: int) -> tuple[Shapes, NDArray[np.str_]]:
    """Give fish ponds in some green blocks and a lake in one near the middle, in m, with names."""
    rng = random(seed, "ponds")
    sites = shapely.buffer(plan.blocks, -POND.setback_m).tolist()
    green = np.flatnonzero(plan.use == "green")
    large = green[shapely.area(plan.blocks[green]) > LAKE_M2]
    lake = large[np.argmin(shapely.distance(plan.blocks[large], shapely.Point(0, 0)))]
    shore = plan.blocks[lake].buffer(-62).buffer(34)
    wet = green[(rng.random(len(green)) < POND_SHARE) & (green != lake)]
    river = plan.river.buffer(30)
    ponds = [lay_out(sites[b].difference(river), POND, rng.normal(0, 0.5), rng) for b in wet]
    shapes = np.concatenate(([shore], *ponds))
    shapes[1:] = shapely.buffer(shapely.buffer(shapes[1:], -7), 7)
    names = np.array(["东湖", *[f"鱼塘{n}" for n in range(1, len(shapes))]])
    drawn = ~shapely.is_empty(shapes)
    return shapes[drawn], names[drawn]


def make_embankments(plan: Plan) -> list[Shapes]:
    """Give the pieces of the road on each bank of the river, in m."""
    middle = shapely.line_merge(shapely.multilinestrings(plan.edges[plan.line == RIVER]))
    line = max(shapely.get_parts(middle), key=lambda part: float(part.length))
    off = RIVER_HALF_WIDTH_M + ROAD_FROM_WATER_M
    banks = shapely.offset_curve(line, np.array([off, -off]))
    banks = shapely.intersection(banks, plan.outline.buffer(-4))
    return [_pieces(bank) for bank in banks]


def _pieces(bank: shapely.Geometry) -> Shapes:
    """Cut a line into pieces of about equal length, none much longer than ``ROAD_PIECE_M``."""
    found = []
    for part in shapely.get_parts(bank):
        cuts = np.linspace(0, part.length, int(part.length / ROAD_PIECE_M) + 2)
        found += [shapely.ops.substring(part, a, b) for a, b in pairwise(cuts)]
    return np.array(found, dtype=object)
