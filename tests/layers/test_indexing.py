"""A large load into empty tables leaves the schema exactly as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import NullPool, Table, create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers.base import Base
from layers.indexing import LARGE_ROWS, indexed_after
from tests.factories import add_town

SCHEMA = text("""
SELECT conrelid::regclass::text || conname || pg_get_constraintdef(oid) || convalidated
FROM pg_constraint WHERE conrelid IN ('incidents'::regclass, 'steps'::regclass)
UNION ALL
SELECT pg_get_indexdef(indexrelid) || indisvalid
FROM pg_index WHERE indrelid IN ('incidents'::regclass, 'steps'::regclass)
ORDER BY 1
""")
INDEXES = text("SELECT count(*) FROM pg_index WHERE indrelid = 'incidents'::regclass")
NAMES = text("""
SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'incidents'::regclass ORDER BY 1
""")
INSERT = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at)
VALUES (441900, '1', :category, 1, 'test', 'EPSG:4326', now(), now())
""")


@pytest.fixture
def owner(own_database: Settings) -> Iterator[Session]:
    engine = create_engine(own_database.owner_database_url, poolclass=NullPool)
    with Session(engine) as session:
        add_town(session)
        yield session


def tables() -> list[Table]:
    return [Base.metadata.tables[name] for name in ("incidents", "steps")]


def test_indexes_and_foreign_keys_are_put_off_and_made_again(owner: Session) -> None:
    before = owner.execute(SCHEMA).scalars().all()

    with indexed_after(owner, tables(), LARGE_ROWS):
        during = owner.execute(INDEXES).scalar_one()
        owner.execute(INSERT, {"category": "101"})

    assert during == 1  # the key
    assert owner.execute(SCHEMA).scalars().all() == before


def test_a_row_against_a_foreign_key_fails_at_the_end(owner: Session) -> None:
    with pytest.raises(IntegrityError), indexed_after(owner, tables(), LARGE_ROWS):
        owner.execute(INSERT, {"category": "none"})


def test_two_rows_with_one_number_fail_at_the_end(owner: Session) -> None:
    with pytest.raises(IntegrityError), indexed_after(owner, tables(), LARGE_ROWS):
        owner.execute(INSERT, {"category": "101"})
        owner.execute(INSERT, {"category": "101"})


def test_an_index_of_what_no_row_has_stays(owner: Session) -> None:
    with indexed_after(owner, tables(), LARGE_ROWS, blank={"address", "unit"}):
        during = owner.execute(NAMES).scalars().all()

    assert during == ["ix_incidents_address", "ix_incidents_unit", "pk_incidents"]


def test_a_table_that_holds_rows_keeps_its_indexes(owner: Session) -> None:
    owner.execute(INSERT, {"category": "101"})
    before = owner.execute(INDEXES).scalar_one()

    with indexed_after(owner, tables(), LARGE_ROWS):
        assert owner.execute(INDEXES).scalar_one() == before


def test_few_rows_keep_the_indexes(owner: Session) -> None:
    before = owner.execute(INDEXES).scalar_one()

    with indexed_after(owner, tables(), LARGE_ROWS - 1):
        assert owner.execute(INDEXES).scalar_one() == before


def test_who_does_not_own_the_tables_keeps_the_indexes(session: Session) -> None:
    before = session.execute(INDEXES).scalar_one()

    with indexed_after(session, tables(), LARGE_ROWS):
        assert session.execute(INDEXES).scalar_one() == before
