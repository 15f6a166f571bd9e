"""A tile reads its own features by an index, and holds what its readers may see."""

from __future__ import annotations

from geodata.tiles import Tile
from layers import tiling
from layers.base import Query
from layers.grids import LAYER as GRIDS
from layers.incidents import LAYER as INCIDENTS
from tests.factories import SCOPE
from tests.layers.plans import Explained, scanned_whole


def test_a_tile_reads_its_own_cases(explained: Explained) -> None:
    session, plans = explained

    tiling.vector_tile(session, INCIDENTS, SCOPE, Tile(14, 13377, 7127), Query())

    assert "ix_incidents_live" in plans[0] or "ix_incidents_geom" in plans[0]
    assert not scanned_whole(plans, "incidents")


def test_a_registers_tile_reads_its_own_features(explained: Explained) -> None:
    session, plans = explained

    tiling.vector_tile(session, GRIDS, SCOPE, Tile(14, 13377, 7127), Query())

    assert "ix_grids_geom" in plans[0]
