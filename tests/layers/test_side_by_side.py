"""Statements that read much may have a second process of the database, and only they."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, event, func, literal, select, text
from sqlalchemy.orm import Session

from gis_server.config import Settings
from gis_server.db import open_database
from layers.base import Query
from layers.figure_counts import period_figures
from layers.side_by_side import SHARED_OUT, SideBySide
from tests.cases import ago
from tests.factories import SCOPE, WEST, add_town

WORKERS = func.current_setting("max_parallel_workers_per_gather")
MANY = text("""
    INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                           due_at, grid_code)
    SELECT :district, 'M-' || n, '101', 1, 'app', 'EPSG:4326', :at - n * interval '1 minute',
           :at, :grid
    FROM generate_series(1, 4000) AS n
""")
# As if the rows were a hundred times as many.
CHEAP = text("""
    SET LOCAL parallel_setup_cost = 10;
    SET LOCAL min_parallel_table_scan_size = 0;
    SET LOCAL min_parallel_index_scan_size = 0
""")


def test_only_the_statement_itself_may_have_a_worker(settings: Settings) -> None:
    with open_database(settings).reading() as session:
        shared = session.execute(SideBySide(WORKERS)).scalar_one()
        after = session.execute(select(WORKERS)).scalar_one()

    assert (shared, after) == ("1", "0")


def test_values_of_a_shared_statement_are_bound_anew_each_time(session: Session) -> None:
    told = [session.execute(SideBySide(literal(n).label("n"))).mappings().one() for n in (1, 2)]

    assert told == [{"n": 1}, {"n": 2}]


@pytest.fixture
def crowded(own_database: Settings) -> Iterator[Session]:
    """Store many cases, and have the planner know of them."""
    engine = create_engine(own_database.owner_database_url)
    with Session(engine) as session:
        add_town(session)
        session.execute(MANY, {"district": SCOPE.district, "at": ago(0), "grid": WEST})
        session.execute(text("ANALYZE incidents"))
        session.execute(CHEAP)
        yield session
    engine.dispose()


@pytest.mark.parametrize("by", ["area", "day", "month"])
def test_many_cases_are_counted_by_two_before_what_they_found_is_put_together(
    crowded: Session, by: str
) -> None:
    asked = {"from": ago(90 * 24).isoformat(), "to": ago(-24).isoformat(), "by": by}
    connection, sent = crowded.connection(), []
    event.listen(connection, "before_cursor_execute", lambda *told: sent.append(told[2:4]))

    period_figures(crowded, SCOPE, Query(where=asked))

    statement, values = next(one for one in sent if one[0].startswith(SHARED_OUT))
    plan = connection.exec_driver_sql(
        f"EXPLAIN {statement.removeprefix(SHARED_OUT)}", values
    ).scalars()
    assert re.search("Finalize.*Gather.*Partial HashAggregate", "\n".join(plan), re.DOTALL)
