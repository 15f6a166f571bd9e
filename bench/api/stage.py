"""What the API's benches ask for: the grids of a district, and many points on its ground."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from bench.rig import Rig
from geodata.town import make_district
from gis_server.config import Settings
from layers.base import Scope
from layers.grids import LAYER as GRIDS

STAGE = "district"
GRID_COUNT, FEW_GRIDS = 2434, 200
POINT_COUNT, FEW_POINTS = 200_000, 5_000
INDEX = "CREATE UNIQUE INDEX ON enterprises (id)"  # for a peer that knows no districts
FILL = """
INSERT INTO enterprises (district, code, name, class, area_m2, staff, address, geom)
SELECT district, 'E' || i, '企业' || i, (ARRAY['shop', 'factory', 'restaurant'])[1 + i % 3],
       20 + i % 500, 1 + i % 60, '惠城大道' || i || '号', geom
FROM (
    SELECT *, row_number() OVER (ORDER BY random()) AS i
    FROM (
        SELECT g.district, (ST_Dump(ST_GeneratePoints(g.geom, {each}, 1))).geom AS geom
        FROM grids AS g
    ) AS place
) AS firm
WHERE i <= {points}
"""


@contextlib.contextmanager
def staged(rig: Rig) -> Iterator[Settings]:
    """Make a database of a district for as long as the block; it is filled once in a run."""
    with rig.database(rig.template(STAGE, lambda settings: _fill(rig, settings))) as settings:
        yield settings


def boxes(rig: Rig, count: int, half: float) -> list[tuple[float, float, float, float]]:
    """Choose boxes of twice ``half`` degrees in the middle of the district, each another one."""
    west, south, east, north = make_district(_grids(rig)).outline.buffer(-half).bounds
    random = np.random.default_rng(3)
    lon, lat = random.uniform(west, east, count), random.uniform(south, north, count)
    return [
        (x - half, y - half, x + half, y + half)
        for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
    ]


def _grids(rig: Rig) -> int:
    return FEW_GRIDS if rig.quick else GRID_COUNT


def _fill(rig: Rig, settings: Settings) -> None:
    frame = make_district(_grids(rig)).frames["grids"]
    base = frame[frame["kind"] == "base"].reset_index(drop=True)
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        assert GRIDS.load is not None
        GRIDS.load(session, Scope(settings.district), base)
    points = FEW_POINTS if rig.quick else POINT_COUNT
    database = settings.database_url.split("?")[0].rsplit("/", 1)[1]
    rig.run(database, FILL.format(points=points, each=-(-points // len(base))))
    rig.run(database, INDEX)
    rig.run(database, "VACUUM ANALYZE")
