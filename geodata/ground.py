"""The ground a synthetic town stands on: its outline, river, main roads and land use."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.regions import TownSettings

Xy = NDArray[np.float64]

TOWN_M2 = 27.5e6  # the area that the numbers of roads and factories below belong to
USES = ("village", "centre", "mixed", "estate", "industry", "green")
RIVER_HALF_WIDTH_M = 26.0


@dataclass(frozen=True)
class Ground:
    """What is there before the streets, in metres around the town's centre, not yet warped.

    ``cores`` are the old villages' centres (n, 2), one per village, with ``core_radius_m``;
    ``coarse`` multiplies the size of blocks.
    """

    seed: int
    outline: shapely.Polygon
    river: shapely.LineString
    roads: tuple[shapely.LineString, ...]
    cores: Xy
    core_radius_m: NDArray[np.float64]
    industry: Xy
    coarse: float

    @property
    def radius_m(self) -> float:
        """Give the radius of a circle of the same area."""
        return float(np.sqrt(self.outline.area / np.pi))


def random(seed: int, stage: str) -> np.random.Generator:
    """Give the random numbers of one stage, the same for the same seed and stage."""
    return np.random.default_rng([seed, crc32(stage.encode())])


def make_ground(seed: int, settings: TownSettings, coarse: float = 1.0) -> Ground:
    """Lay out outline, river, main roads, village cores and industrial areas of a town."""
    rng = random(seed, "ground")
    radius = float(np.sqrt(settings.area_km2 * 1e6 / np.pi))
    outline = _outline(rng, radius)
    cores = _spread(rng, outline.buffer(-0.13 * radius), len(settings.villages))
    factories = max(3, round(9 * outline.area / TOWN_M2 / coarse))
    return Ground(
        seed=seed,
        outline=outline,
        river=_river(rng, radius),
        roads=_roads(rng, radius, coarse),
        cores=cores[np.argsort(np.hypot(*cores.T), kind="stable")],
        core_radius_m=rng.uniform(130, 240, len(cores)) * np.sqrt(coarse),
        industry=_spread(rng, outline.buffer(-0.05 * radius), factories),
        coarse=coarse,
    )


def land_use(ground: Ground, xy: Xy) -> NDArray[np.str_]:
    """Give the use of the land at points (n, 2): one of ``USES``."""
    out_m = np.hypot(*xy.T) / ground.radius_m
    core_m, core = _nearest(xy, ground.cores)
    industry_m, _ = _nearest(xy, ground.industry)
    river_m = shapely.distance(ground.river, shapely.points(xy))
    wild = _noise(ground.seed, xy, 1700.0 * np.sqrt(ground.coarse))
    wobble = 1 + 0.35 * _noise(ground.seed + 1, xy, 500.0)
    scale = np.sqrt(ground.coarse)
    return np.select(
        [
            core_m < ground.core_radius_m[core] * wobble,
            out_m * wobble < 0.24,
            industry_m < 520 * scale * wobble,
            (river_m < 90) | (wild + 0.9 * out_m > 1.2),
            wild < -0.55,
        ],
        ["village", "centre", "industry", "green", "estate"],
        "mixed",
    )


def warp(ground: Ground, xy: Xy) -> Xy:
    """Bend the plane smoothly, so that no street stays straight; the order of points is kept."""
    rng = random(ground.seed, "warp")
    bent = xy.copy()
    for wave_m, shift_m in ((3100.0, 105.0), (1300.0, 34.0), (520.0, 7.0)):
        angle, phase = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi, 2)
        cos, sin = np.cos(angle), np.sin(angle)
        turns = 2 * np.pi / wave_m
        along = shift_m * np.sin(turns * (xy[:, 1] * cos - xy[:, 0] * sin) + phase[0])
        across = shift_m * np.sin(turns * (xy[:, 0] * cos + xy[:, 1] * sin) + phase[1])
        bent += np.column_stack((along * cos - across * sin, along * sin + across * cos))
    # To the millimetre, so that equal points stay equal however they are batched.
    rounded: Xy = np.round(bent, 3)
    return rounded


def _outline(rng: np.random.Generator, radius: float) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, 73)[:-1]
    reach = np.ones_like(turn)
    for k, swing in ((2, 0.13), (3, 0.09), (4, 0.05), (5, 0.04), (7, 0.03)):
        reach += swing * np.cos(k * turn + rng.uniform(0, 2 * np.pi))
    ring = shapely.Polygon(np.column_stack((np.cos(turn), np.sin(turn))) * reach[:, None])
    return shapely.transform(ring, lambda xy: xy * radius * np.sqrt(np.pi / ring.area))


def _curve(axis: Xy, start: Xy, along_m: Xy, swings: tuple[tuple[float, float, float], ...]) -> Xy:
    across = np.array([-axis[1], axis[0]])
    off = sum(
        (s * np.sin(2 * np.pi * along_m / wave + phase) for s, wave, phase in swings),
        np.zeros_like(along_m),
    )
    line: Xy = start + np.outer(along_m, axis) + np.outer(off, across)
    return line


def _river(rng: np.random.Generator, radius: float) -> shapely.LineString:
    angle = np.deg2rad(rng.uniform(48, 60))
    axis = np.array([np.cos(angle), np.sin(angle)])
    along = np.arange(-1.8 * radius, 1.8 * radius, 50.0)
    start = np.array([-axis[1], axis[0]]) * 0.42 * radius
    swings = tuple((s, w, rng.uniform(0, 6.28)) for s, w in ((210.0, 2700.0), (70.0, 950.0)))
    return shapely.LineString(_curve(axis, start, along, swings))


def _roads(
    rng: np.random.Generator, radius: float, coarse: float
) -> tuple[shapely.LineString, ...]:
    number = max(3, round(radius / 850 / np.sqrt(coarse)))
    along = np.arange(-1.8 * radius, 1.8 * radius, 60.0)
    roads = []
    for angle in (rng.uniform(-0.16, -0.06), np.pi / 2 + rng.uniform(0.02, 0.14)):
        for i in range(number):
            place = ((i + 0.5 + rng.uniform(-0.22, 0.22)) / number - 0.5) * 2 * radius
            tilt = angle + rng.uniform(-0.07, 0.07)
            axis = np.array([np.cos(tilt), np.sin(tilt)])
            start = np.array([-np.sin(angle), np.cos(angle)]) * place
            swing = (rng.uniform(40, 110), rng.uniform(2500, 4200), rng.uniform(0, 6.28))
            roads.append(shapely.LineString(_curve(axis, start, along, (swing,))))
    return tuple(roads)


def _spread(rng: np.random.Generator, inside: shapely.Polygon, number: int) -> Xy:
    """Pick points far from each other: each the farthest of some random candidates."""
    west, south, east, north = inside.bounds
    chosen: list[NDArray[np.float64]] = []
    while len(chosen) < number:
        tries = rng.uniform((west, south), (east, north), (40, 2))
        tries = tries[shapely.contains_xy(inside, tries)]
        far, _ = _nearest(tries, np.array(chosen) if chosen else np.full((1, 2), 1e6))
        if len(tries):
            chosen.append(tries[np.argmax(far)])
    return np.array(chosen)


def _nearest(xy: Xy, places: Xy) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    tree = shapely.STRtree(shapely.points(places))
    (_, found), far = tree.query_nearest(
        shapely.points(xy), return_distance=True, all_matches=False
    )
    return far, found


def _noise(seed: int, xy: Xy, wave_m: float) -> NDArray[np.float64]:
    """Give smooth random values between about -1 and 1, with hills about ``wave_m`` apart."""
    rng = random(seed, "noise")
    value = np.zeros(len(xy))
    for _ in range(5):
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        length = wave_m * rng.uniform(0.7, 1.6)
        value += np.sin(
            2 * np.pi * (xy @ np.array([np.cos(angle), np.sin(angle)])) / length + phase
        )
    return value / 2.2
