"""Divide the blocks of a town into villages, grids and micro-grids of like weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.streets import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DIRECTIONS = 6
ANY_NUMBER = int(np.iinfo(np.int64).max)
EASE = {"river": 0.15, "trunk": 0.25, "primary": 0.35, "secondary": 0.6, "residential": 0.9}


@dataclass(frozen=True)
class Mesh:
    """Blocks as a graph: which touch, over what length, and where they are.

    ``fronts[i][j]`` is the length in m of the boundary of blocks i and j; wide roads and the
    river count for less, so that divisions follow them. ``ease[i][j]`` is 1 for a boundary that
    is easy to cross and less for wide roads and the river. ``xy`` are points inside the blocks.
    """

    fronts: tuple[dict[int, float], ...]
    ease: tuple[dict[int, float], ...]
    xy: Floats
    weight: Floats


def make_mesh(plan: Plan, weight: Floats) -> Mesh:
    """Find the boundaries that the blocks of a plan share.

    Args:
        plan: the blocks and the lines between them.
        weight: what is to be divided evenly, such as the households of each block.
    """
    a, b, segments = shared_segments(plan.blocks)
    ease = _ease(plan, segments)
    length = np.hypot(*(segments[:, 0] - segments[:, 1]).T)
    whole: tuple[dict[int, float], ...] = tuple({} for _ in plan.blocks)
    eased: tuple[dict[int, float], ...] = tuple({} for _ in plan.blocks)
    rows = zip(a.tolist(), b.tolist(), length.tolist(), (length * ease).tolist(), strict=True)
    for i, j, metres, easy in rows:
        whole[i][j] = whole[j][i] = whole[i].get(j, 0.0) + metres
        eased[i][j] = eased[j][i] = eased[i].get(j, 0.0) + easy
    share = tuple(
        {j: easy / whole[i][j] for j, easy in near.items()} for i, near in enumerate(eased)
    )
    xy = shapely.get_coordinates(shapely.point_on_surface(plan.blocks))
    return Mesh(eased, share, xy, weight)


def _ease(plan: Plan, segments: Floats) -> Floats:
    middles = shapely.points(segments.mean(axis=1))
    _, edge = shapely.STRtree(plan.edges).query_nearest(middles, all_matches=False)
    kinds = plan.line_class[plan.line[edge]]
    return np.array([EASE.get(kind, 1.0) for kind in kinds.tolist()])


def shared_segments(blocks: NDArray[np.object_]) -> tuple[Ints, Ints, Floats]:
    """Give each segment (n, 2, 2) between two blocks, with the numbers of the two."""
    rings, ring_block = shapely.get_parts(shapely.boundary(blocks), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    pairs = np.stack((xy[:-1][same], xy[1:][same]), axis=1)
    block = ring_block[ring[1:][same]]
    swap = (pairs[:, 0, 0] > pairs[:, 1, 0]) | (
        (pairs[:, 0, 0] == pairs[:, 1, 0]) & (pairs[:, 0, 1] > pairs[:, 1, 1])
    )
    pairs[swap] = pairs[swap][:, ::-1]
    keys = pairs.reshape(-1, 4)
    order = np.lexsort(keys.T)
    twice = np.flatnonzero((keys[order][1:] == keys[order][:-1]).all(axis=1))
    first, second = order[twice], order[twice + 1]
    return block[first], block[second], pairs[first]


def grow(mesh: Mesh, seeds: Floats, reach: Floats) -> Ints:
    """Give every block the seed it is least far from along the blocks, each part in one piece.

    Args:
        mesh: the blocks.
        seeds: points (n, 2) in m.
        reach: of each seed; distances are divided by it.
    """
    starts = np.argmin(np.hypot(*(mesh.xy[:, None] - seeds[None]).transpose(2, 0, 1)), axis=0)
    part = np.full(len(mesh.xy), -1)
    queue = [(0.0, int(block), number) for number, block in enumerate(starts)]
    while queue:
        far, block, number = heappop(queue)
        if part[block] >= 0:
            continue
        part[block] = number
        for other in mesh.fronts[block]:
            if part[other] < 0:
                step = float(np.hypot(*(mesh.xy[block] - mesh.xy[other])))
                cross = 6.0 - 5.0 * mesh.ease[block][other]
                heappush(queue, (far + step * cross / float(reach[number]), other, number))
    return part


def split(mesh: Mesh, members: Sequence[int], parts: int) -> list[list[int]]:
    """Divide connected blocks into connected parts of like weight, by halving again and again.

    Raises:
        ValueError: if there are fewer blocks than parts.
    """
    if parts == 1:
        return [list(members)]
    if len(members) < parts:
        raise ValueError(f"{len(members)} blocks cannot make {parts} parts")
    few = parts // 2
    tries = (_bisect(mesh, members, parts, turn) for turn in range(DIRECTIONS))
    cost, one, two = min(tries, key=lambda found: found[0])
    if cost == float("inf"):
        few, (one, two) = 1, _peel(mesh, members)
    return split(mesh, one, few) + split(mesh, two, parts - few)


def _peel(mesh: Mesh, members: Sequence[int]) -> tuple[list[int], list[int]]:
    """Take off one block so that the rest stays in one piece; there always is one."""
    cut = (([one], [block for block in members if block != one]) for one in members)
    return next((one, rest) for one, rest in cut if len(_pieces(mesh, rest)) == 1)


def _bisect(
    mesh: Mesh, members: Sequence[int], parts: int, turn: int
) -> tuple[float, list[int], list[int]]:
    """Cut across one direction; give the cost, the side for half of the parts and the other."""
    few = parts // 2
    angle = np.pi * turn / DIRECTIONS
    blocks = np.array(members)
    order = blocks[
        np.argsort(mesh.xy[blocks] @ np.array([np.cos(angle), np.sin(angle)]), kind="stable")
    ]
    total = np.cumsum(mesh.weight[order])
    cut = int(np.searchsorted(total - mesh.weight[order] / 2, total[-1] * few / parts))
    cut = min(max(cut, few), len(order) - (parts - few))
    one, two = _tidy(mesh, order[:cut].tolist(), order[cut:].tolist())
    if len(one) < few or len(two) < parts - few:
        return float("inf"), one, two
    share = mesh.weight[one].sum() / max(float(total[-1]), 1e-9)
    uneven = abs(share - few / parts) * parts
    return _front(mesh, one, two) / _size_m(mesh, order) + 6 * uneven**2, one, two


def _tidy(mesh: Mesh, one: list[int], two: list[int]) -> tuple[list[int], list[int]]:
    """Move stray pieces to the other side, so that both sides are in one piece."""
    pieces = sorted(_pieces(mesh, one), key=len)
    two = two + [block for piece in pieces[:-1] for block in piece]
    rest = sorted(_pieces(mesh, two), key=len)
    return pieces[-1] + [block for piece in rest[:-1] for block in piece], rest[-1]


def _pieces(mesh: Mesh, members: Sequence[int]) -> list[list[int]]:
    left = set(members)
    pieces = []
    for start in members:
        if start not in left:
            continue
        left.remove(start)
        piece, at = [start], 0
        while at < len(piece):
            near = [block for block in mesh.fronts[piece[at]] if block in left]
            left.difference_update(near)
            piece += near
            at += 1
        pieces.append(piece)
    return pieces


def _front(mesh: Mesh, one: Sequence[int], two: Sequence[int]) -> float:
    other = set(two)
    return sum(m for block in one for near, m in mesh.fronts[block].items() if near in other)


def _size_m(mesh: Mesh, blocks: Ints) -> float:
    spread: float = np.hypot(*mesh.xy[blocks].std(axis=0))
    return max(4 * spread, 1.0)


def share_out(weights: Floats, total: int, least: int = 0, most: Ints | int = ANY_NUMBER) -> Ints:
    """Share whole units by weight (largest remainders), each part getting ``least`` to ``most``.

    Raises:
        ValueError: if the total is out of reach.
    """
    if not least * len(weights) <= total <= np.broadcast_to(most, weights.shape).sum(dtype=float):
        raise ValueError(f"{total} units cannot be shared by {len(weights)} parts")
    exact = weights / weights.sum() * total
    share: Ints = np.clip(np.floor(exact).astype(np.int64), least, most)
    while missing := int(total - share.sum()):
        order = np.argsort(share - exact if missing > 0 else exact - share, kind="stable")
        free = share < most if missing > 0 else share > least
        share[order[free[order]][: abs(missing)]] += 1 if missing > 0 else -1
    return share


def reading_order(xy: Floats) -> Ints:
    """Order points west to east, then north to south where they lie on one meridian."""
    order: Ints = np.lexsort((-xy[:, 1], xy[:, 0]))
    return order
