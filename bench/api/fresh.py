"""Sixteen readers fetch tiles while grids are edited 20 times a second: none gets an older one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

import requests
from sqlalchemy import NullPool, create_engine, func, select
from sqlalchemy.orm import Session

from bench.api.stage import staged
from bench.api.tiles import around
from bench.figure import Figure, Finding, at_least, at_most, percentile
from bench.rig import Rig, server
from gis_server import serving
from gis_server.config import Settings
from layers import outbox, registers
from layers.base import Scope
from layers.grids import LAYER as GRIDS
from layers.grids import Grid
from layers.outbox import Change
from tests.mvt import by_mapbox

READERS, RATE, LASTS_S = 16, 20, 20.0
ZOOMS = (13, 14, 15, 16)


class Read(NamedTuple):
    """What was told before a tile was asked for, what it held, and the milliseconds it took."""

    told: int
    held: int
    took_ms: float


@dataclass
class Writer:
    """Rename a grid again and again; ``told`` is the last number that was committed."""

    settings: Settings
    code: str
    lasts_s: float
    over: Event = field(default_factory=Event)
    told: int = 0

    def write(self) -> int:
        """Write until it is over; tell how often."""
        engine = create_engine(self.settings.database_url, poolclass=NullPool)
        began = time.monotonic()
        try:
            with Session(engine) as session:
                while (due := began + self.told / RATE) < began + self.lasts_s:
                    time.sleep(max(0.0, due - time.monotonic()))
                    self._rename(session, self.told + 1)
        finally:
            self.over.set()
            engine.dispose()
        return self.told

    def _rename(self, session: Session, number: int) -> None:
        scope = Scope(self.settings.district)
        registers.revise(session, Grid, Grid.code == self.code, {"name": str(number)})
        outbox.bump(session, scope, GRIDS.name)
        outbox.announce(session, scope, Change(GRIDS.name, "renamed"))
        session.commit()
        self.told = number


def fresh(rig: Rig) -> Iterator[Finding]:
    """Edit a grid and fetch the tiles that hold it; count what is older than was told."""
    with staged(rig) as settings, server(settings):
        code, place = _grid(settings)
        writer = Writer(settings, code, 5.0 if rig.quick else LASTS_S)
        writer_paths = [f"/collections/grids/tiles/{_address(place, z)}" for z in ZOOMS]
        with ThreadPoolExecutor(READERS + 1) as threads:
            reading = [
                threads.submit(_read, settings, writer, writer_paths[n % len(ZOOMS)])
                for n in range(READERS)
            ]
            edits = threads.submit(writer.write).result()
            found = [read for one in reading for read in one.result()]
    stale = [read for read in found if read.held < read.told]
    yield Figure("fresh: tiles older than was told", len(stale), "tiles", at_most(0))
    yield Figure("fresh: edits", edits / writer.lasts_s, "1/s", at_least(RATE * 0.9))
    yield Figure("fresh: tiles read", len(found), "tiles")
    yield Figure("fresh: p99", percentile([read.took_ms for read in found], 99), "ms")


def _grid(settings: Settings) -> tuple[str, tuple[float, float]]:
    """Pick a grid: its code and a place in it."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    inside = func.ST_PointOnSurface(Grid.geom)
    asked = select(Grid.code, func.ST_X(inside), func.ST_Y(inside)).order_by(Grid.code).limit(1)
    with Session(engine) as session:
        code, lon, lat = session.execute(asked).one()
    engine.dispose()
    return str(code), (lon, lat)


def _address(place: tuple[float, float], zoom: int) -> str:
    tile = around(*place, zoom)
    return f"{tile.z}/{tile.x}/{tile.y}"


def _read(settings: Settings, writer: Writer, path: str) -> list[Read]:
    """Ask for a tile again and again."""
    found, address = list[Read](), serving.address(settings) + path
    with requests.Session() as session:
        while not writer.over.is_set():
            told, began = writer.told, time.perf_counter()
            body = session.get(address, timeout=30).content
            took_ms = (time.perf_counter() - began) * 1000
            names = [
                one["properties"]["name"]
                for one in by_mapbox(body)["grids"]
                if one["properties"]["code"] == writer.code
            ]
            held = int(names[0]) if names and names[0].isdigit() else 0
            found.append(Read(told, held, took_ms))
    return found
