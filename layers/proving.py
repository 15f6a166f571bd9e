"""What is wrong with ground that grids cover: nobody answers for it, or more than one.

All nets are overlaid into atomic faces. Ground that the general net leaves out, ground that two
grids of one net and level claim, and ground for which nobody is on duty are listed with their
place. Slivers of less than 1 m² are rounding and are not reported.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.overlay import Faces, inside, joined, overlay
from layers.answers import Ground, Roster

GENERAL, DEDICATED = "general", "dedicated"
REASONS = {
    "gap": ("no grid of this level", "该层级网格空缺"),
    "overlap": ("grids of one net and level overlap", "同网同级网格重叠"),
    "dedicated": ("two dedicated grids claim it", "两个专属网格重叠"),
    "parent": ("the grid above is another one than it says", "与上级网格不符"),
    "nobody": ("nobody answers here", "无人负责"),
    "two_posts": ("two hold the leading post at once", "同岗两人"),
}
ORPHANS = frozenset({"gap", "nobody"})
MOSTLY = 0.5  # a level that more than this share of the grids above have is expected of all


class Net(NamedTuple):
    """The grids that are overlaid, column by column; ``shape`` is in EPSG:4326."""

    code: NDArray[np.object_]
    net: NDArray[np.object_]
    kind: NDArray[np.object_]
    level: NDArray[np.int64]
    parent: NDArray[np.object_]
    village: NDArray[np.object_]
    shape: NDArray[np.object_]


def net_of(grids: pd.DataFrame) -> Net:
    """Read the columns of grids; their shapes, in EPSG:4326, are in ``geom``."""
    names = ("code", "net", "kind", "level", "parent_code", "village_code")
    columns = [grids[name].astype(object).where(grids[name].notna(), None) for name in names]
    code, net, kind, level, parent, village = (column.to_numpy() for column in columns)
    shapes = np.array(grids["geom"].tolist(), dtype=object)
    return Net(code, net, kind, level.astype(np.int64), parent, village, shapes)


@dataclass(frozen=True)
class Flaw:
    """Ground that nobody answers for, or more than one; ``items`` is empty when it is all items.

    ``lon`` and ``lat`` are a point inside, in degrees of EPSG:4326.
    """

    reason: str
    level: int | None
    grids: tuple[str, ...]
    items: tuple[str, ...]
    lon: float
    lat: float
    area_m2: float


@dataclass(frozen=True)
class Proof:
    """What the overlay showed: how much was checked, and every flaw, largest first."""

    faces: int
    grids: int
    items: int
    area_m2: float
    seconds: float
    flaws: tuple[Flaw, ...]

    @property
    def orphans(self) -> list[Flaw]:
        """Ground without a body."""
        return [flaw for flaw in self.flaws if flaw.reason in ORPHANS]

    @property
    def doubles(self) -> list[Flaw]:
        """Ground with more than one."""
        return [flaw for flaw in self.flaws if flaw.reason not in ORPHANS]


Codes = tuple[str, ...]
Kind = tuple[str, int | None, Codes]  # reason, level and items of a flaw
Claim = tuple[Kind, Codes]


def prove(net: Net, outline: BaseGeometry | None, roster: Roster, items: Sequence[str]) -> Proof:
    """Show that each face and item has one body, or list where not.

    Args:
        net: the grids in force.
        outline: the ground that must be covered; None for what the grids enclose.
        roster: who is on duty.
        items: codes of all items.
    """
    started = time.monotonic()
    faces = overlay(net.shape, outline)
    found: dict[Kind, list[tuple[int, Codes]]] = defaultdict(list)
    check = _Check(net, roster, items)
    for face, grids in enumerate(_covering(faces)):
        for kind, codes in check.claims(tuple(grids)):
            found[kind].append((face, codes))
    flaws = [flaw for kind, places in found.items() for flaw in _listed(faces, kind, places)]
    flaws.sort(key=lambda flaw: -flaw.area_m2)
    total = round(float(faces.area_m2.sum()), 1)
    seconds = round(time.monotonic() - started, 3)
    return Proof(len(faces.shape), len(net.code), len(items), total, seconds, tuple(flaws))


def _covering(faces: Faces) -> list[list[int]]:
    """Give the numbers of the grids that cover each face."""
    found: list[list[int]] = [[] for _ in faces.shape]
    for face, grid in zip(faces.face.tolist(), faces.grid.tolist(), strict=True):
        found[face].append(grid)
    return found


def _listed(faces: Faces, kind: Kind, places: list[tuple[int, Codes]]) -> Iterator[Flaw]:
    """Join the faces of one kind of flaw that touch: each piece is one flaw of all its grids."""
    reason, level, items = kind
    own = faces.shape[[face for face, _ in places]]
    shapes, areas = joined(own)
    face, piece = shapely.STRtree(shapes).query(inside(own), predicate="within")
    codes: list[set[str]] = [set() for _ in shapes]
    for number, at in zip(face.tolist(), piece.tolist(), strict=True):
        codes[at].update(places[number][1])
    points = shapely.get_coordinates(inside(shapes)).round(7).tolist()
    for (lon, lat), metres, named in zip(points, areas.round(1).tolist(), codes, strict=True):
        yield Flaw(reason, level, tuple(sorted(named)), items, lon, lat, metres)


class _Check:
    """Say what is wrong with ground that some grids cover; the same grids are checked once."""

    def __init__(self, net: Net, roster: Roster, items: Sequence[str]) -> None:
        self._net, self._roster, self._items = net, roster, items
        self._number = {code: at for at, code in enumerate(net.code.tolist())}
        base = (net.net == GENERAL) & (net.kind != DEDICATED)
        self._base = set(np.flatnonzero(base).tolist())
        self._levels = np.unique(net.level[base]).tolist()
        self._divided = set(net.parent[base].tolist())
        self._expected = [_mostly(net, base, level, self._divided) for level in self._levels]
        named = roster.items_named()
        self._unlike = [item for item in items if item in named]
        self._alike = tuple(item for item in items if item not in named)
        self._known: dict[tuple[int, ...], list[Claim]] = {}

    def claims(self, grids: tuple[int, ...]) -> list[Claim]:
        """List what is wrong where these grids are."""
        if grids not in self._known:
            flaws = [*self._gaps(grids), *self._overlaps(grids)]
            flaws += [] if flaws else self._parents(grids)
            self._known[grids] = flaws + list(self._unanswered(grids))
        return self._known[grids]

    def _gaps(self, grids: tuple[int, ...]) -> Iterator[Claim]:
        """Find the highest level of the general net that is missing."""
        levels = {int(self._net.level[at]) for at in grids if at in self._base}
        above: list[str] = []
        for number, level in enumerate(self._levels):
            asked = number == 0 or self._expected[number - 1]
            if level not in levels and (asked or set(above) & self._divided):
                yield ("gap", level, ()), tuple(above)
                return
            above = [
                self._net.code[at]
                for at in grids
                if at in self._base and self._net.level[at] == level
            ]

    def _overlaps(self, grids: tuple[int, ...]) -> Iterator[Claim]:
        """Find grids of one net and level, and dedicated ones that claim the same items."""
        same: dict[tuple[str, int], list[str]] = defaultdict(list)
        for at in grids:
            if self._net.kind[at] != DEDICATED:
                same[self._net.net[at], int(self._net.level[at])].append(self._net.code[at])
        for (_, level), codes in same.items():
            if len(codes) > 1:
                yield ("overlap", level, ()), tuple(codes)
        codes = self._dedicated(grids)
        shared = [i for i in self._items if sum(self._roster.claims(c, i) for c in codes) > 1]
        if shared:
            every = len(shared) == len(self._items)
            yield ("dedicated", None, () if every else tuple(shared)), tuple(codes)

    def _parents(self, grids: tuple[int, ...]) -> Iterator[Claim]:
        """Find grids that lie in another grid than the one above them."""
        codes = {self._net.code[at] for at in grids}
        for at in grids:
            parent = self._net.parent[at]
            if parent in self._number and parent not in codes:
                yield ("parent", int(self._net.level[at]), ()), (self._net.code[at], parent)

    def _unanswered(self, grids: tuple[int, ...]) -> Iterator[Claim]:
        """Find the items that nobody answers for, or two who hold one post."""
        if not self._base.intersection(grids):
            return  # a gap, and told as one
        ground = self._ground(grids)
        wrong: dict[tuple[str, Codes], list[str]] = defaultdict(list)
        groups = [(item,) for item in self._unlike] + [self._alike] * bool(self._alike)
        for like in groups:
            bodies = self._roster.accountable(ground, like[0])
            if not bodies:
                wrong["nobody", tuple(self._net.code[at] for at in grids)] += like
            elif len(bodies) > 1:
                wrong["two_posts", (bodies[0].grid_code or "",)] += like
        for (reason, codes), items in wrong.items():
            every = len(items) == len(self._items)
            yield (reason, None, () if every else tuple(sorted(items))), codes

    def _ground(self, grids: tuple[int, ...]) -> Ground:
        """Tell the rule what it needs to know of the ground: whoever answers there first."""
        base = [at for at in grids if at in self._base]
        deepest = min(base, key=lambda at: (-self._net.level[at], at))
        village = self._net.village[deepest]
        return Ground(tuple(self._dedicated(grids)), tuple(self._tree(deepest)), village)

    def _tree(self, at: int | None) -> Iterator[str]:
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            yield self._net.code[at]
            at = self._number.get(self._net.parent[at])

    def _dedicated(self, grids: tuple[int, ...]) -> list[str]:
        return [self._net.code[at] for at in grids if self._net.kind[at] == DEDICATED]


def _mostly(net: Net, base: NDArray[np.bool_], level: int, divided: set[str]) -> bool:
    """Tell whether most grids of a level are divided, so that all of them should be."""
    codes = net.code[base & (net.level == level)].tolist()
    return sum(code in divided for code in codes) > MOSTLY * len(codes)
