"""The names of streets and the house numbers along them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.ground import random
from geodata.streets import OUTLINE, RIVER, Plan, Shapes
from geodata.waters import make_embankments

DIGITS = "零一二三四五六七八九十"
NUMBERED = {"lane": "{}巷", "industry": "工业{}路", "green": "围{}路"}


@dataclass(frozen=True)
class StreetNet:
    """Named streets in metres, and which of them each edge of the plan belongs to (or -1)."""

    shape: Shapes
    name: NDArray[np.object_]
    street_class: NDArray[np.str_]
    edges: Shapes
    edge_street: NDArray[np.int64]


@dataclass(frozen=True)
class Words:
    """What street names are made of: words by kind, and the short name of each block's village."""

    seed: int
    by_kind: dict[str, tuple[str, ...]]
    villages: tuple[str, ...]
    block_village: NDArray[np.int64]


def numeral(number: int) -> str:
    """Write 1–99 in Chinese: 7 is 七, 12 is 十二, 40 is 四十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones or not tens else "")


def make_streets(plan: Plan, words: Words) -> StreetNet:
    """Join the edges of each line to a street, outside the water, name it; add the river roads."""
    usable = np.flatnonzero((plan.line != OUTLINE) & (plan.line != RIVER))
    edges, line = plan.edges[usable], plan.line[usable]
    wide = np.isin(plan.line_class[line], ("trunk", "primary", "secondary"))
    wet = ~wide & shapely.intersects(edges, plan.river)
    edges[wet] = shapely.difference(edges[wet], plan.river)
    dry = ~wet | (shapely.length(edges) > 4)
    edges, line = edges[dry], line[dry]
    numbers, street = np.unique(line, return_inverse=True)
    shape = np.array([_merged(edges[street == n]) for n in range(len(numbers))], dtype=object)
    kinds = plan.line_class[numbers]
    names = _names(plan, words, shape, kinds)
    banks = make_embankments(plan)
    of_bank = np.repeat(np.arange(len(banks)), [len(bank) for bank in banks]) + len(shape)
    return StreetNet(
        shape=np.concatenate((shape, [_merged(bank) for bank in banks])),
        name=np.concatenate((names, words.by_kind["bank"])),
        street_class=np.concatenate((kinds, ["residential"] * len(banks))),
        edges=np.concatenate((edges, *banks)),
        edge_street=np.concatenate((street, of_bank)),
    )


def _merged(edges: Shapes) -> shapely.MultiLineString:
    merged = shapely.line_merge(shapely.MultiLineString(list(shapely.get_parts(edges))))
    return shapely.MultiLineString(list(shapely.get_parts(merged)))


def _names(plan: Plan, words: Words, shape: Shapes, kinds: NDArray[np.str_]) -> NDArray[np.object_]:
    """Name lanes and industrial roads by village and number, other streets by a pair of words."""
    middles = shapely.line_interpolate_point(_longest(shape), 0.5, normalized=True)
    _, block = shapely.STRtree(plan.blocks).query_nearest(middles, all_matches=False)
    use, village = plan.use[block], words.block_village[block]
    free = _pairs(words)
    trunk = iter(words.by_kind["trunk"])
    used: dict[str, int] = {}
    names = []
    for kind, ground, place in zip(kinds.tolist(), use.tolist(), village.tolist(), strict=True):
        if kind in ("trunk", "primary"):
            names.append(next(trunk, "") or next(free) + "大道")
        elif stem := NUMBERED.get({"lane": "lane", "residential": ground}.get(kind, "")):
            stem = words.villages[place] + stem
            used[stem] = used.get(stem, 0) + 1
            names.append(stem.format(numeral(used[stem])))
        else:
            names.append(next(free) + ("路" if kind == "secondary" or ground == "estate" else "街"))
    return np.array(names, dtype=object)


def _longest(shape: Shapes) -> Shapes:
    longest = [max(s.geoms, key=lambda part: float(part.length)) for s in shape]
    return np.array(longest, dtype=object)


def _pairs(words: Words) -> Iterator[str]:
    """Give pairs of words in random order, each once; then the same with a number."""
    first, second = words.by_kind["street_first"], words.by_kind["street_second"]
    taken = {*words.villages, *(name.removesuffix("大道") for name in words.by_kind["trunk"])}
    pairs = [a + b for a in first for b in second if a != b and a + b not in taken]
    order = random(words.seed, "names").permutation(len(pairs)).tolist()
    for turn in range(1, 99):
        for at in order:
            yield pairs[at] + (numeral(turn) if turn > 1 else "")


def number_doors(streets: StreetNet, prints: Shapes, group: NDArray[np.int64]) -> pd.DataFrame:
    """Give each building its road and house number: odd on the left of the street, even right.

    Args:
        streets: the named streets.
        prints: footprints in the same metres.
        group: a number ≥ 0 shared by buildings that share one house number (an estate), else -1.

    Returns:
        ``road`` and ``door`` (an integer) of each building; a pair is used once, but by a group.
    """
    centres = shapely.centroid(prints)
    group = np.where(group < 0, group.max(initial=0) + 1 + np.arange(len(group)), group)
    head = pd.Series(np.arange(len(group))).groupby(group).transform("min").to_numpy()
    _, edge = shapely.STRtree(streets.edges).query_nearest(centres, all_matches=False)
    street = streets.edge_street[edge]
    along, left = _along(streets.shape[street], centres)
    one = head == np.arange(len(group))
    frame = pd.DataFrame({"street": street, "along": along, "left": left})[one]
    place = frame.sort_values("along", kind="stable").groupby(["street", "left"]).cumcount()
    number = 2 * place.reindex(frame.index) + np.where(frame["left"], 1, 2)
    return pd.DataFrame(
        {
            "road": streets.name[street[head]],
            "door": number.reindex(head).to_numpy(),
        }
    )


def _along(lines: Shapes, points: Shapes) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Measure how far along its street each point lies, and whether on the left of it."""
    part = np.array([_nearest_part(s, p) for s, p in zip(lines, points, strict=True)], dtype=object)
    along = shapely.line_locate_point(part, points)
    before = shapely.get_coordinates(shapely.line_interpolate_point(part, (along - 2).clip(0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(part, along + 2))
    xy = shapely.get_coordinates(points)
    way, off = after - before, xy - before
    left = way[:, 0] * off[:, 1] - way[:, 1] * off[:, 0] > 0
    start = shapely.get_coordinates(shapely.get_point(part, 0))
    return along + 1e-3 * start.sum(axis=1), left


def _nearest_part(street: shapely.MultiLineString, point: shapely.Point) -> shapely.LineString:
    parts = street.geoms
    return parts[0] if len(parts) == 1 else min(parts, key=lambda part: float(part.distance(point)))
