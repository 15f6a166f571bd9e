"""A prepared statement is parsed once by each connection, and outlives a transaction."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers.prepared import AT_ONCE, LANES, Lanes, Prepared

DOUBLE = Prepared("double_of", "SELECT :n + :n, :word", {"n": "int", "word": "text"})
MADE = text("SELECT count(*) FROM pg_prepared_statements WHERE name = 'double_of'")


def test_values_are_bound_by_name_and_those_without_a_parameter_are_let_be(
    session: Session,
) -> None:
    assert DOUBLE.run(session, {"word": "100 %", "n": 21, "other": 1}).one() == (42, "100 %")


def test_a_statement_is_prepared_once_and_outlives_a_rolled_back_transaction(
    session: Session,
) -> None:
    with session.begin_nested() as undone:
        DOUBLE.run(session, {"n": 1, "word": None})
        undone.rollback()

    assert DOUBLE.run(session, {"n": 2, "word": None}).one() == (4, None)
    assert session.execute(MADE).scalar_one() == 1


KEEP = Prepared(
    "keep_reply",
    "INSERT INTO replies (district, key, body_sha, incident_id, reply)"
    " VALUES (1, :key, '', 1, '') RETURNING pg_backend_pid()",
    {"key": "text"},
)


@pytest.fixture
def own(own_database: Settings) -> Iterator[Engine]:
    """Connect to a database of the test's own, each statement committed by itself."""
    url = own_database.database_url
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=16)
    yield engine
    engine.dispose()


def _keep(lanes: Lanes, engine: Engine, key: str) -> int:
    with Session(engine, info={LANES: lanes}) as session:
        row = KEEP.row(session, {"key": key})
    assert row is not None
    return int(row[0])


def test_on_a_lane_a_statement_is_committed_at_once_and_the_last_lane_is_used_again(
    own: Engine,
) -> None:
    lanes = Lanes(own)

    used = {_keep(lanes, own, key) for key in ("a", "b", "c")}

    with own.connect() as other:
        assert other.execute(text("SELECT count(*) FROM replies")).scalar_one() == 3
    assert len(used) == 1


def test_a_refused_row_is_told_as_ever_and_leaves_the_lane_sound(own: Engine) -> None:
    lanes = Lanes(own)
    first = _keep(lanes, own, "a")

    with pytest.raises(IntegrityError):
        _keep(lanes, own, "a")

    assert _keep(lanes, own, "b") == first


def test_lanes_that_the_database_ended_are_given_up(own: Engine) -> None:
    lanes = Lanes(own)
    dead = _keep(lanes, own, "a")
    with own.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": dead})
        time.sleep(0.2)

    with pytest.raises(OperationalError) as told:
        _keep(lanes, own, "b")

    assert told.value.connection_invalidated
    assert _keep(lanes, own, "c") != dead


def test_statements_that_wait_for_a_lock_hold_up_no_others(own: Engine) -> None:
    lanes = Lanes(own)
    holder = own.connect().execution_options(isolation_level="READ COMMITTED")
    with holder, ThreadPoolExecutor(AT_ONCE + 1) as pool, holder.begin() as held:
        holder.execute(
            text("INSERT INTO replies VALUES (1, 'held', '', 1, '', now())"),
        )
        waiting = [pool.submit(_keep, lanes, own, "held") for _ in range(AT_ONCE)]
        time.sleep(0.3)

        assert pool.submit(_keep, lanes, own, "free").result(timeout=5) > 0

        assert not any(one.done() for one in waiting)
        held.rollback()
    assert sum(one.exception() is None for one in waiting) == 1
