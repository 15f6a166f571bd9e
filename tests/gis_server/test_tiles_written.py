"""While grids are edited, no reader gets a tile that is older than what he was told."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import pytest
import requests
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers import outbox, registers
from layers.grids import Grid
from layers.outbox import Change
from tests.factories import EAST, SCOPE, add_town
from tests.mvt import by_mapbox

TILES = [f"/collections/grids/tiles/{at}" for at in ("14/13377/7116", "15/26755/14232")]
READERS, RATE, EDITS = 6, 20, 30


@dataclass
class Writer:
    """Rename a grid again and again; ``told`` is the last number that was committed."""

    settings: Settings
    over: Event = field(default_factory=Event)
    told: int = 0

    def write(self) -> None:
        """Write as often as agreed, and say that it is over."""
        engine = create_engine(self.settings.database_url, poolclass=NullPool)
        try:
            with Session(engine) as session:
                for number in range(1, EDITS + 1):
                    self._rename(session, number)
                    time.sleep(1 / RATE)
        finally:
            self.over.set()
            engine.dispose()

    def _rename(self, session: Session, number: int) -> None:
        registers.revise(session, Grid, Grid.code == EAST, {"name": str(number)})
        outbox.bump(session, SCOPE, "grids")
        outbox.announce(session, SCOPE, Change("grids", "renamed"))
        session.commit()
        self.told = number


@pytest.fixture(scope="module")
def town_settings(live_settings: Settings) -> Settings:
    """Store the town once for the module's server."""
    engine = create_engine(live_settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        add_town(session)
        registers.revise(session, Grid, Grid.code == EAST, {"name": "0"})
        outbox.bump(session, SCOPE, "grids")
    engine.dispose()
    return live_settings


def _read(server: str, writer: Writer, path: str) -> list[tuple[int, int]]:
    """Ask for a tile again and again: what was told before, and what it held."""
    found = []
    with requests.Session() as session:
        while not writer.over.is_set():
            told = writer.told
            grids = by_mapbox(session.get(server + path, timeout=10).content)["grids"]
            (name,) = [g["properties"]["name"] for g in grids if g["properties"]["code"] == EAST]
            found.append((told, int(name)))
    return found


def test_no_reader_gets_a_tile_older_than_he_was_told(
    live_server: str, town_settings: Settings
) -> None:
    writer = Writer(town_settings)
    with ThreadPoolExecutor(READERS + 1) as threads:
        reading = [
            threads.submit(_read, live_server, writer, TILES[n % len(TILES)])
            for n in range(READERS)
        ]
        threads.submit(writer.write).result()
        found = [pair for one in reading for pair in one.result()]

    assert len({name for _, name in found}) > 3
    assert [pair for pair in found if pair[1] < pair[0]] == []


def test_a_ready_tile_is_answered_with_all_that_the_routes_tell(
    live_server: str, town_settings: Settings
) -> None:
    quick = requests.get(live_server + TILES[0], timeout=10)
    routed = requests.get(f"{live_server}{TILES[0]}?f=mvt", timeout=10)
    known = {"If-None-Match": quick.headers["ETag"]}

    again = requests.get(live_server + TILES[0], headers=known, timeout=10)

    names = ("ETag", "Cache-Control", "Vary", "Content-Type", "Content-Encoding")
    assert [quick.headers.get(n) for n in names] == [routed.headers.get(n) for n in names]
    assert (quick.content, again.status_code) == (routed.content, 304)
