"""What is asked of a big layer goes by its index, never through all of its rows."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers import places, queries
from layers.base import Query
from layers.incidents import LAYER as INCIDENTS
from tests.factories import MIDDLE_LAT, MIDDLE_LON, SCOPE, at
from tests.layers.plans import ROWS, Explained, scanned_whole

BOX = (MIDDLE_LON, MIDDLE_LAT, MIDDLE_LON + 0.02, MIDDLE_LAT + 0.02)


def test_a_box_reads_its_own_cases(explained: Explained) -> None:
    session, plans = explained

    queries.count(session, INCIDENTS, SCOPE, Query(bbox=BOX))

    assert not scanned_whole(plans, "incidents")


def test_a_page_reads_no_more_than_itself(explained: Explained) -> None:
    session, plans = explained

    queries.features(session, INCIDENTS, SCOPE, Query(after=(ROWS // 2,)))

    assert "incidents" in plans[0]
    assert "Sort" not in plans[0]
    assert not scanned_whole(plans, "incidents")


def test_one_feature_is_read_by_its_key(explained: Explained) -> None:
    session, plans = explained

    queries.feature(session, INCIDENTS, SCOPE, Query(ids=(7,)))

    assert "pk_incidents" in plans[0]


def test_the_tray_is_read_by_its_own_index(explained: Explained) -> None:
    session, plans = explained

    queries.features(session, INCIDENTS, SCOPE, Query(where={"located": "false", "live": "true"}))

    assert "ix_incidents_tray" in plans[0]


def test_a_place_finds_its_grids_by_their_index(explained: Explained) -> None:
    session, plans = explained
    lon, lat = at(10, 10)
    inside = text(
        "SELECT g.id FROM grids AS g WHERE g.district = 441900 AND g.valid @> now()"
        " AND ST_Intersects(g.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
    )

    session.execute(inside, {"lon": lon, "lat": lat})
    places.locate(session, SCOPE, places.Spot(lon, lat, 20, datetime.now(UTC)))

    assert "ix_grids_geom" in plans[0]
    assert not scanned_whole(plans, "grids")


def test_a_place_is_found_without_reading_all_grids(full: Settings) -> None:
    engine = create_engine(full.database_url)
    lon, lat = at(10, 10)
    read = text("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'grids'")
    with Session(engine) as session:
        places.locate(session, SCOPE, places.Spot(lon, lat, 20, datetime.now(UTC)))

        assert session.execute(read).scalar_one() == 0
    engine.dispose()
