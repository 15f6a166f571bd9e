"""Tiles, drawn and kept, against tipg; those that are drawn also against pgbench's same SQL."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import numpy as np
from sqlalchemy import create_engine, text

from bench.api.stage import boxes, staged
from bench.api.tipg import NAME, tipg
from bench.client import Answer, Loop, Posts
from bench.figure import Figure, Finding, at_least, at_most, percentile
from bench.intake.reports import address
from bench.rig import Rig, server
from geodata.tiles import EXTENT, WORLD_M, Tile
from gis_server.config import Settings
from gis_server.postgres import binaries
from layers import tile_shapes, tiling
from layers.base import Layer
from layers.enterprises import LAYER as POINTS
from layers.grids import LAYER as GRIDS
from layers.tile_cells import EARTH_M

CLIENTS = 16
ZOOMS = (13, 14, 15, 16)
CROWD_ZOOMS = range(9)  # one tile of each holds the whole district
GRID_TIMES, CROWD_TIMES, KEPT_TIMES, LIMIT_SHARE = 2.5, 1.5, 20.0, 0.7
LIMIT_S = 8
PASSES, ROUNDS = 10, 3
CHANGE = text("UPDATE layer_versions SET version = version + 1 WHERE layer = 'grids'")

Where = tuple[str, int]


def tiles(rig: Rig) -> Iterator[Finding]:
    """Ask both servers for the same tiles in turns, with 16 requests under way."""
    count = 240 if rig.quick else 600
    mixed = [around(lon, lat, ZOOMS[n % 4]) for n, (lon, lat) in enumerate(_places(rig, count))]
    # None is asked for twice.
    once = list(dict.fromkeys(mixed))
    drawn, alone = once[::2], once[1::2]
    lon, lat = _places(rig, 1)[0]
    crowd = [around(lon, lat, zoom) for zoom in CROWD_ZOOMS]
    kept = around(lon, lat, 15)
    with staged(rig) as settings, server(settings):
        ours = address(settings)
        # Others, so that all connections are open and have planned what they run.
        _asked(ours, [_ours(GRIDS, around(*place, 18)) for place in _places(rig, 600)])
        with tipg(settings) as peer:
            _asked(peer, [_theirs(GRIDS, mixed[0])] * 64)
            case = Case("grid tiles drawn", GRID_TIMES, GRIDS, drawn * PASSES, drawn)
            yield from _held(case, peer, partial(_anew, settings, ours, len(drawn)))
            case = Case("tiles of all points drawn", CROWD_TIMES, POINTS, crowd, crowd)
            yield from _held(case, peer, partial(_asked, ours))
            again = [kept] * count
            case = Case("a tile that is kept", KEPT_TIMES, GRIDS, again * 20, again)
            yield from _held(case, peer, partial(_asked, ours))
        plain = [_get(_path(GRIDS, tile), "identity") for tile in alone]
        rates, limits = [], []
        for _ in range(ROUNDS):
            rates.append(_rate(_anew(settings, ours, len(plain), plain * PASSES)))
            limits.append(_pgbench(settings, alone, 1 if rig.quick else LIMIT_S))
        rate, limit = float(np.median(rates)), float(np.median(limits))
        goal = at_least(limit, "pgbench", LIMIT_SHARE)
        yield Figure("grid tiles drawn, not packed", rate, "1/s", goal)


class Case(NamedTuple):
    """What is asked of both servers, and how many times as fast ours should be."""

    name: str
    times: float
    layer: Layer
    mine: Sequence[Tile]
    theirs: Sequence[Tile]


def _held(
    case: Case, peer: Where, asked: Callable[[Sequence[bytes]], list[Answer]]
) -> Iterator[Finding]:
    """Ask ours between two times that we ask the peer."""
    requests = [_theirs(case.layer, tile) for tile in case.theirs]
    first = _asked(peer, requests[::2])
    told = asked([_ours(case.layer, tile) for tile in case.mine])
    last = _asked(peer, requests[1::2])
    found = first + last
    here, there = _rate(told), len(found) / (len(first) / _rate(first) + len(last) / _rate(last))
    yield Figure(f"{case.name}: requests", here, "1/s", at_least(there, NAME, case.times))
    yield Figure(f"{case.name}: times theirs", here / there, "×")
    slowest = [percentile([a.took_ms for a in answers], 99) for answers in (told, found)]
    yield Figure(f"{case.name}: p99", slowest[0], "ms", at_most(slowest[1], NAME))


def _anew(
    settings: Settings, where: Where, different: int, requests: Sequence[bytes]
) -> list[Answer]:
    """Ask for the same tiles again and again; the layer changes twice a pass, so all are drawn.

    Args:
        settings: whose database.
        where: the server.
        different: how many requests there are before the first comes again.
        requests: what is asked.
    """
    posts = Posts(Loop(), where, requests, connections=CLIENTS)
    engine = create_engine(settings.owner_database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        due = iter(range(len(requests) - different // 2, 0, -(different // 2)))
        following = next(due)

        def change() -> None:
            nonlocal following
            if posts.open <= following:
                connection.execute(CHANGE)
                following = next(due, -1)

        answers = posts.run(change)
    engine.dispose()
    assert all(a.status in (200, 204) for a in answers), answers[0].body[:300]
    return answers


def _asked(where: Where, requests: Sequence[bytes]) -> list[Answer]:
    answers = Posts(Loop(), where, requests, connections=CLIENTS).run()
    assert all(a.status in (200, 204) for a in answers), answers[0].body[:300]
    return answers


def _rate(answers: Sequence[Answer]) -> float:
    began, ended = min(a.due_at for a in answers), max(a.done_at for a in answers)
    return len(answers) / (ended - began)


def _ours(layer: Layer, tile: Tile) -> bytes:
    return _get(_path(layer, tile))


def _path(layer: Layer, tile: Tile) -> str:
    return f"/collections/{layer.name}/tiles/{tile.z}/{tile.x}/{tile.y}"


def _theirs(layer: Layer, tile: Tile) -> bytes:
    where = f"{tile.z}/{tile.x}/{tile.y}"
    return _get(f"/collections/public.{layer.name}/tiles/WebMercatorQuad/{where}")


def _get(path: str, coding: str = "gzip") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: {coding}\r\n\r\n".encode()


def _places(rig: Rig, count: int) -> list[tuple[float, float]]:
    return [((w + e) / 2, (s + n) / 2) for w, s, e, n in boxes(rig, count, 0.001)]


def around(lon: float, lat: float, zoom: int) -> Tile:
    """Find the tile that holds a place in EPSG:4326."""
    side = EXTENT * Tile(zoom, 0, 0).unit_m
    x_m, y_m = np.radians(lon) * EARTH_M, np.arcsinh(np.tan(np.radians(lat))) * EARTH_M
    return Tile(zoom, int((x_m + WORLD_M) / side), int((WORLD_M - y_m) / side))


def _pgbench(settings: Settings, tiles: Sequence[Tile], seconds: int) -> float:
    """Let pgbench run the statement of the tiles, each as often as the others; times a second."""
    url = urlsplit(settings.database_url)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "tiles.sql"
        script.write_text(_script(settings, tiles))
        name = str(binaries(Path("/none")) / "pgbench")
        asked = [name, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
        to = ["-h", parse_qs(url.query)["host"][0], "-U", url.username or "", url.path[1:]]
        told = subprocess.run(
            [*asked, "-f", str(script), *to], capture_output=True, text=True, check=True
        )
    return float(re.findall(r"tps = ([\d.]+)", told.stdout)[0])


def _script(settings: Settings, tiles: Sequence[Tile]) -> str:
    """Write the statement with the numbers of a tile as variables, which pgbench binds."""
    text, known = tiling.written(GRIDS, settings.district, tiles[0].is_flat)
    for name, value in known.items():
        text = text.replace(f":{name}", repr(value))
    chosen = [f"\\set tile random(0, {len(tiles) - 1})", *_choice(tiles, 0, len(tiles))]
    return "\n".join([*chosen, " ".join(text.split())]) + ";\n"


def _choice(tiles: Sequence[Tile], first: int, end: int) -> list[str]:
    """Write a tree that finds the numbers of a tile in a few comparisons."""
    if end - first == 1:
        return [f"\\set {n} {value!r}" for n, value in tile_shapes.numbers(tiles[first]).items()]
    half = (first + end) // 2
    lower, upper = _choice(tiles, first, half), _choice(tiles, half, end)
    return [f"\\if :tile < {half}", *lower, "\\else", *upper, "\\endif"]
