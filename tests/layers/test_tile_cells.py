"""Crowds are gathered in cells, whose numbers add up to what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from geodata.tiles import Tile
from layers import tiling
from layers.base import Layer, Query
from layers.enterprises import LAYER as ENTERPRISES
from layers.grids import LAYER as GRIDS
from tests.conftest import Databases
from tests.factories import SCOPE
from tests.mvt import by_mapbox

ROWS = 6000
FILL = text("""
INSERT INTO enterprises (district, code, name, class, geom)
SELECT 441900, 'E' || i, 'firm ' || i, 'shop',
       ST_SetSRID(ST_MakePoint(113.5 + (i % 100) * 0.002, 22.9 + (i / 100) * 0.002), 4326)
FROM generate_series(1, :rows) AS i
""")
FILL_GRIDS = text("""
INSERT INTO grids (district, code, name, geom)
SELECT 441900, 'g' || i, 'g', ST_Multi(ST_MakeEnvelope(
    113.5 + (i % 60) * 0.01, 22.5 + (i / 60) * 0.01, 113.51 + (i % 60) * 0.01,
    22.51 + (i / 60) * 0.01, 4326))
FROM generate_series(0, 899) AS i
""")
WHOLE, GRID_TILE = Tile(0, 0, 0), Tile(8, 208, 111)
NEAR = [Tile(9, x, y) for x in (417, 418, 419) for y in (221, 222, 223)]


@pytest.fixture(scope="module")
def crowd(new_databases: Databases) -> Iterator[Session]:
    """Store 6,000 firms and 900 grids."""
    with new_databases.copy() as settings:
        engine = create_engine(settings.database_url)
        with Session(engine) as session:
            session.execute(FILL, {"rows": ROWS})
            session.execute(FILL_GRIDS)
            yield session
        engine.dispose()


def _numbers(session: Session, layer: Layer, tile: Tile, query: Query | None = None) -> list[int]:
    drawn = tiling.draw(session, layer, SCOPE, tile, query or Query())
    return [told["properties"].get("n", 1) for told in by_mapbox(drawn.body).get(layer.name, [])]


@pytest.mark.parametrize("tiles", [[WHOLE], NEAR], ids=["one tile", "nine tiles"])
def test_the_numbers_of_a_zoom_add_up(crowd: Session, tiles: list[Tile]) -> None:
    numbers = [n for tile in tiles for n in _numbers(crowd, ENTERPRISES, tile)]

    assert sum(numbers) == ROWS > len(numbers)


def test_below_their_zoom_points_are_gathered_and_areas_are_not(crowd: Session) -> None:
    points, areas = (tiling.draw(crowd, x, SCOPE, WHOLE, Query()) for x in (ENTERPRISES, GRIDS))

    assert (points.gathered, areas) == (True, (b"", False))


def test_one_alone_in_its_cell_is_told_in_full(crowd: Session) -> None:
    one = Query(where={"code": "E77"})

    (told,) = by_mapbox(tiling.vector_tile(crowd, ENTERPRISES, SCOPE, WHOLE, one))["enterprises"]

    assert told["properties"] == {"n": 1, "name": "firm 77", "class": "shop"}


def test_cells_are_of_what_is_asked_for(crowd: Session) -> None:
    none, some = Query(where={"class": "factory"}), Query(ids=(1, 2, 3))

    found = [sum(_numbers(crowd, ENTERPRISES, WHOLE, query)) for query in (none, some)]

    assert found == [0, 3]


def test_cells_of_the_past_are_of_what_was_on_record(crowd: Session) -> None:
    before = Query(as_of=datetime(2020, 1, 1, tzinfo=UTC))

    assert _numbers(crowd, ENTERPRISES, WHOLE, before) == []


@pytest.mark.parametrize(("most", "gathered"), [(ROWS, False), (ROWS - 1, True)])
def test_more_points_than_a_tile_takes_are_gathered(
    crowd: Session, monkeypatch: pytest.MonkeyPatch, most: int, gathered: bool
) -> None:
    monkeypatch.setattr(tiling, "MOST_POINTS", most)

    drawn = tiling.draw(crowd, replace(ENTERPRISES, minzoom=0), SCOPE, WHOLE, Query())

    assert drawn.gathered is gathered


def test_more_areas_than_a_tile_takes_are_gathered(
    crowd: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiling, "MOST_SHAPES", 100)

    told = by_mapbox(tiling.vector_tile(crowd, GRIDS, SCOPE, GRID_TILE, Query()))["grids"]

    assert {one["geometry"]["type"] for one in told} <= {"Point", "MultiPoint"}
    assert sum(one["properties"]["n"] for one in told) > 100


def test_a_tile_over_its_bytes_is_drawn_coarser_and_then_gathered(
    crowd: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiling.draw(crowd, GRIDS, SCOPE, GRID_TILE, Query())
    monkeypatch.setattr(tiling, "MOST_BYTES", len(whole.body) - 1)

    cut = tiling.draw(crowd, GRIDS, SCOPE, GRID_TILE, Query())

    assert not whole.gathered
    assert len(cut.body) < len(whole.body)


def test_cells_over_their_bytes_tell_numbers_alone(
    crowd: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiling, "MOST_BYTES", 100)

    told = by_mapbox(tiling.vector_tile(crowd, ENTERPRISES, SCOPE, NEAR[1], Query()))

    assert {name for one in told["enterprises"] for name in one["properties"]} == {"n"}
