"""How the cost of a call grows with the archive, measured on databases of all sizes in turns."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bench.client import Line, get_request
from bench.figure import Curve, Figure, Finding, at_most
from bench.intake.archive import fill
from bench.intake.reports import ITEMS, address, requests
from bench.rig import Rig, server
from geodata.tiles import Tile
from gis_server.config import Settings

SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 2_000, 4_000)
OPEN = 5_000
ROUNDS, WARM = 120, 10
GROWTH = 1.5


@dataclass
class Sizes:
    """Servers on databases of several sizes."""

    rig: Rig
    held: contextlib.ExitStack
    served: dict[int, Settings] = field(default_factory=dict)

    def add(self, total: int, opened: int) -> None:
        """Fill a database and serve it."""
        settings = self.held.enter_context(self.rig.database(workers=1))
        fill(self.rig, settings, total, opened)
        self.held.enter_context(server(settings))
        self.served[total] = settings

    def medians(self, calls: dict[str, list[bytes]], rounds: int) -> dict[str, dict[int, float]]:
        """Time every call on every size in turns: milliseconds by call and size."""
        took: dict[tuple[str, int], list[float]] = defaultdict(list)
        lines = {size: Line(address(settings)) for size, settings in self.served.items()}
        for i in range(rounds + WARM):
            for name, asked in calls.items():
                for size in np.roll(list(lines), i).tolist():
                    answer = lines[size].ask(asked[i % len(asked)])
                    assert answer.status in (200, 201, 204), (
                        name,
                        answer.status,
                        answer.body[:200],
                    )
                    if i >= WARM:
                        took[name, size].append(answer.took_ms)
        return {
            name: {size: float(np.median(took[name, size])) for size in lines} for name in calls
        }


def growth(rig: Rig) -> Iterator[Finding]:
    """Time the calls over the sizes; the live set is the same in all of them."""
    sizes, opened = (QUICK_SIZES, 500) if rig.quick else (SIZES, OPEN)
    rounds = 10 if rig.quick else ROUNDS
    rig.run("postgres", "CHECKPOINT")
    with contextlib.ExitStack() as held:
        served = Sizes(rig, held)
        for total in sizes:
            served.add(total, opened)
        rig.run("postgres", "CHECKPOINT")
        medians = served.medians(_calls(rig, rounds), rounds)
    yield from _told(medians, f"archive of {sizes[0]:,} to {sizes[-1]:,}, {opened:,} open")
    with contextlib.ExitStack() as held:
        served = Sizes(rig, held)
        for total in sizes[:2]:
            served.add(total, total)
        tile = {name: c for name, c in _calls(rig, rounds).items() if name.startswith("tile")}
        all_open = served.medians(tile, rounds // 4)
    for name, by_size in all_open.items():
        for size, took_ms in by_size.items():
            yield Figure(f"{name}, all {size:,} open", took_ms, "ms")
    lines = {name: list(by_size.items()) for name, by_size in medians.items()}
    yield Curve("incidents stored", "ms per call (median)", lines)


def _told(medians: dict[str, dict[int, float]], case: str) -> Iterator[Finding]:
    for name, by_size in medians.items():
        first = next(iter(by_size))
        peer = f"at {first:,}"
        worst = max(by_size.values())
        yield Figure(f"{name}, {case}", worst, "ms", at_most(by_size[first], peer, GROWTH))


def _calls(rig: Rig, rounds: int) -> dict[str, list[bytes]]:
    """Write the calls: a post, and what a wall and a caller ask, over places of the town."""
    places = rig.town.points(rounds + WARM, seed=5)
    half = 0.01
    return {
        "intake": requests(rig, rounds + WARM, seed=6),
        "locate": [get_request(f"/locate?lon={x}&lat={y}") for x, y in places],
        "tile z12": [_tile(place, 12) for place in places],
        "tile z15": [_tile(place, 15) for place in places],
        "list": [get_request(f"{ITEMS}?limit=100")],
        "list in a box": [
            get_request(f"{ITEMS}?limit=100&bbox={x - half},{y - half},{x + half},{y + half}")
            for x, y in places
        ],
        "list of open in a box": [
            get_request(f"{ITEMS}?live=true&bbox={x - half},{y - half},{x + half},{y + half}")
            for x, y in places
        ],
        "figures": [get_request("/collections/incidents/figures")],
    }


def _tile(place: np.ndarray, zoom: int) -> bytes:
    lon, lat = np.radians(place)
    across = 2**zoom
    x = int((lon / np.pi + 1) / 2 * across)
    y = int((1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * across)
    tile = Tile(zoom, x, y)
    return get_request(f"/collections/incidents/tiles/{tile.z}/{tile.x}/{tile.y}")
