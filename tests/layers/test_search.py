"""A search finds what is there by a part of its name, and what is past by its whole label."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers import find_layers, search
from tests.conftest import Databases
from tests.factories import SCOPE, add_building, add_town
from tests.layers.plans import explaining, scanned_whole

FILL = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, address, stage, closed_at)
SELECT 441900, 'N' || i, '101', 2, 'bench', 'EPSG:4326', now(), now(), '黄屋路' || i,
       CASE WHEN i % 100 = 0 THEN 'handling' ELSE 'closed' END,
       CASE WHEN i % 100 = 0 THEN NULL ELSE now() END
FROM generate_series(1, 20000) AS i
""")


@pytest.fixture(scope="module")
def archive(new_databases: Databases) -> Iterator[Settings]:
    """Make a database with 20,000 cases of which 200 are live, and its statistics."""
    with new_databases.copy() as settings:
        engine = create_engine(settings.owner_database_url)
        with Session(engine) as session, session.begin():
            add_town(session)
            add_building(session, "B1", (10, 10), address="黄屋路12号")
            session.execute(FILL)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield settings
        engine.dispose()


@pytest.fixture
def cases(archive: Settings) -> Iterator[Session]:
    engine = create_engine(archive.database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def _labels(session: Session, words: str) -> set[str]:
    return {found["label"] for found in search.search(session, SCOPE, find_layers(), words)}


def test_a_search_does_not_read_all_cases_that_ever_were(archive: Settings) -> None:
    with explaining(archive) as (session, plans):
        search.search(session, SCOPE, find_layers(), "黄屋路")

    assert "incidents" in plans[0]
    assert not scanned_whole(plans, "incidents")


@pytest.mark.parametrize("words", ["N300", "n300", "黄屋路300", "路300"])
def test_a_live_case_is_found_by_a_part_of_what_it_says(cases: Session, words: str) -> None:
    assert "N300" in _labels(cases, words)


def test_a_closed_case_is_found_by_its_number_alone(cases: Session) -> None:
    assert (_labels(cases, "N301"), _labels(cases, "黄屋路301")) == ({"N301"}, set())


def test_a_live_case_is_told_once(cases: Session) -> None:
    found = search.search(cases, SCOPE, find_layers(), "N20000")

    assert [(one["label"], one["score"]) for one in found] == [("N20000", 1)]


def test_a_layer_without_live_features_is_searched_whole(cases: Session) -> None:
    assert "黄屋路12号" in _labels(cases, "屋路12号")
