"""What several ask for at once is asked together, and each is answered as if alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from gis_server.config import Settings
from layers.gathering import LANE, Gathered, Lane

# It tells which process stored a reply, and when: statements run together have one time.
KEEP = Gathered(
    "keep_reply",
    """
WITH asked AS (
    SELECT * FROM json_to_recordset(:asked) AS r (nr int, key text, slow_s float8)
), kept AS (
    INSERT INTO replies (district, key, body_sha, incident_id, reply, at)
    SELECT 1, key, '', 1, pg_sleep(slow_s)::text, statement_timestamp() FROM asked
    WHERE key <> 'nothing'
    RETURNING key, at
)
SELECT nr, pg_backend_pid(), at FROM kept JOIN asked USING (key)
""",
)
HOLD = text("INSERT INTO replies VALUES (1, 'held', '', 1, '', now())")
COUNT = text("SELECT count(*) FROM replies")


@pytest.fixture
def own(own_database: Settings) -> Iterator[Engine]:
    """Connect to a database of the test's own, each statement committed by itself."""
    url = own_database.database_url
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=8, pool_timeout=0.1)
    yield engine
    engine.dispose()


@pytest.fixture
def lane(own: Engine) -> Lane:
    """Have a lane on it."""
    return Lane(own)


@pytest.fixture
def askers() -> Iterator[ThreadPoolExecutor]:
    """Let many ask at once."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def _keep(lane: Lane, engine: Engine, key: str, slow_s: float = 0) -> tuple[int, object] | None:
    with Session(engine, info={LANE: lane}) as session:
        row = KEEP.row(session, {"key": key, "slow_s": slow_s})
    return None if row is None else (row[0], row[1])


def _all(lane: Lane, engine: Engine, askers: ThreadPoolExecutor, keys: str) -> list[Future]:
    """Ask for the keys while the lane is busy, so that all of them wait."""
    first = askers.submit(_keep, lane, engine, "first", 0.3)
    time.sleep(0.1)
    asked = [askers.submit(_keep, lane, engine, key) for key in keys.split()]
    first.result(timeout=5)
    return asked


def test_a_row_is_committed_at_once_and_the_connection_is_kept(own: Engine, lane: Lane) -> None:
    used = {(_keep(lane, own, key) or ())[0] for key in ("a", "b", "c")}

    with own.connect() as other:
        assert other.execute(COUNT).scalar_one() == 3
    assert len(used) == 1


def test_those_who_wait_are_asked_for_together(
    own: Engine, lane: Lane, askers: ThreadPoolExecutor
) -> None:
    told = [one.result(timeout=5) for one in _all(lane, own, askers, "a b c d")]

    assert None not in told
    assert len(set(told)) == 1


def test_who_gets_no_row_leaves_the_others_theirs(
    own: Engine, lane: Lane, askers: ThreadPoolExecutor
) -> None:
    told = [one.result(timeout=5) for one in _all(lane, own, askers, "a nothing b")]

    assert [one is None for one in told] == [False, True, False]
    assert told[0] == told[2]


def test_a_refused_row_refuses_none_of_the_others(
    own: Engine, lane: Lane, askers: ThreadPoolExecutor
) -> None:
    asked = _all(lane, own, askers, "a first b")

    assert isinstance(asked[1].exception(timeout=5), IntegrityError)
    assert [asked[at].exception(timeout=5) for at in (0, 2)] == [None, None]
    with own.connect() as other:
        assert other.execute(COUNT).scalar_one() == 3


def test_of_two_alike_one_is_stored(own: Engine, lane: Lane, askers: ThreadPoolExecutor) -> None:
    asked = _all(lane, own, askers, "a a b")

    refused = [one.exception(timeout=5) is not None for one in asked]
    assert (sum(refused), refused[2]) == (1, False)


def test_a_refused_row_leaves_the_connection_sound(own: Engine, lane: Lane) -> None:
    first = _keep(lane, own, "a")

    with pytest.raises(IntegrityError):
        _keep(lane, own, "a")

    assert (_keep(lane, own, "b") or ())[0] == (first or ())[0]


def _end(own: Engine, told: tuple[int, object] | None) -> None:
    with own.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": (told or ())[0]})
    time.sleep(0.2)


def test_a_connection_that_the_database_ended_is_given_up(own: Engine, lane: Lane) -> None:
    dead = _keep(lane, own, "a")
    _end(own, dead)

    with pytest.raises(OperationalError) as told:
        _keep(lane, own, "b")

    assert told.value.connection_invalidated
    assert (_keep(lane, own, "c") or ())[0] != (dead or ())[0]


def test_all_who_were_asked_for_together_are_told_that_the_database_went_away(
    own: Engine, lane: Lane, askers: ThreadPoolExecutor
) -> None:
    running = askers.submit(_keep, lane, own, "a", 0.3)
    time.sleep(0.1)
    together = [askers.submit(_keep, lane, own, key, 2) for key in ("b", "c")]
    told = running.result(timeout=5)
    time.sleep(0.2)
    _end(own, told)

    errors = [one.exception(timeout=5) for one in together]

    assert [isinstance(error, OperationalError) for error in errors] == [True, True]
    with own.connect() as other:
        assert other.execute(COUNT).scalar_one() == 1


def test_who_cannot_connect_is_told_so_and_the_next_may_try(own: Engine, lane: Lane) -> None:
    taken = [own.connect() for _ in range(8 + 10)]

    with pytest.raises(PoolTimeout):
        _keep(lane, own, "a")

    _close(taken)
    assert _keep(lane, own, "a") is not None


def _close(connections: list[Connection]) -> None:
    for one in connections:
        one.close()


def test_rows_that_wait_for_a_lock_hold_up_no_others(
    own: Engine, lane: Lane, askers: ThreadPoolExecutor
) -> None:
    holder = own.connect().execution_options(isolation_level="READ COMMITTED")
    with holder, holder.begin() as held:
        holder.execute(HOLD)
        waiting = [askers.submit(_keep, lane, own, "held") for _ in range(3)]
        time.sleep(0.3)

        assert askers.submit(_keep, lane, own, "free").result(timeout=5) is not None

        assert not any(one.done() for one in waiting)
        held.rollback()
    assert sum(one.exception() is None for one in waiting) == 1
