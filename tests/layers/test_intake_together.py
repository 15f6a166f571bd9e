"""Reports that come at the same moment are stored together, each answered as if it came alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from geodata.errors import Conflict, InvalidInput
from geodata.geojson import feature_of
from gis_server.config import Settings
from layers import intake
from layers.base import Stored
from layers.gathering import LANE, Gathered, Lane
from tests.factories import EAST, SCOPE, WEST, add_town, feature, incident

BUSY = Gathered(
    "keep_busy",
    "SELECT nr, pg_sleep(slow_s) FROM json_to_recordset(:asked) AS r (nr int, slow_s float8)",
)
STORED = text("SELECT id FROM incidents ORDER BY id")
COMMITS = text("SELECT count(DISTINCT xid::text) FROM outbox")


@pytest.fixture
def own(own_database: Settings) -> Iterator[Engine]:
    """Connect to a database of the test's own, with a town."""
    url = own_database.database_url
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=16)
    with Session(engine) as session:
        add_town(session)
        session.commit()
    yield engine
    engine.dispose()


Asked = tuple[dict[str, Any], str | None]


def told(own: Engine, *asked: Asked) -> list[Stored | BaseException]:
    """Report several incidents while the lane is busy, each with its key; what each is told."""
    lane = Lane(own)
    with ThreadPoolExecutor(8) as pool:
        busy = pool.submit(_keep_busy, own, lane)
        time.sleep(0.15)
        futures = [pool.submit(_report, own, lane, *one) for one in asked]
        busy.result(timeout=5)
        return [_outcome(one) for one in futures]


def _keep_busy(own: Engine, lane: Lane) -> None:
    with Session(own, info={LANE: lane}) as session:
        BUSY.row(session, {"slow_s": 0.4})


def _report(own: Engine, lane: Lane, document: dict[str, Any], key: str | None) -> Stored:
    with Session(own, info={LANE: lane}) as session:
        return intake.report(session, SCOPE, feature_of(document), key)


def _outcome(future: Future[Stored]) -> Stored | BaseException:
    return future.exception(timeout=5) or future.result()


def _count(own: Engine, statement: Any) -> list[Any]:
    with own.connect() as connection:
        return list(connection.execute(statement).scalars())


def test_they_are_stored_in_one_transaction_each_in_its_grid(own: Engine) -> None:
    east, west = told(own, (incident(10, 10), None), (incident(-10, 10), None))

    assert isinstance(east, Stored)
    assert isinstance(west, Stored)
    grids = [orjson.loads(one.body)["properties"]["grid_code"] for one in (east, west)]
    assert grids == [EAST, WEST]
    assert _count(own, COMMITS) == [1]
    assert _count(own, STORED) == sorted((east.id, west.id))


def test_one_key_sent_three_times_is_one_case_with_one_answer(own: Engine) -> None:
    found = told(own, *[(incident(10, 10), "k")] * 3)

    assert len(set(map(str, found))) == 1
    assert len(_count(own, STORED)) == 1


def test_another_body_under_a_key_is_refused(own: Engine) -> None:
    found = told(own, (incident(10, 10), "k"), (incident(11, 10), "k"), (incident(9, 9), "m"))

    assert sorted(isinstance(one, Conflict) for one in found) == [False, False, True]
    assert len(_count(own, STORED)) == 2


def test_an_id_that_its_source_sends_twice_is_refused_once(own: Engine) -> None:
    twice = incident(10, 10, source="12345", external_id="7")
    found = told(own, (twice, None), (incident(9, 9), None), (twice, None))

    assert [isinstance(one, Conflict) for one in found].count(True) == 1
    assert isinstance(found[1], Stored)
    assert len(_count(own, STORED)) == 2


@pytest.mark.parametrize(
    "wrong", [incident(1, 1, category="999"), incident(10, 10, grid_code=WEST)]
)
def test_a_wrong_report_refuses_none_of_the_others(own: Engine, wrong: dict[str, Any]) -> None:
    found = told(own, (incident(10, 10), "a"), (wrong, "b"), (feature(None, address="村口"), "c"))

    assert [type(one) for one in found] == [Stored, InvalidInput, Stored]
    assert len(_count(own, STORED)) == 2
