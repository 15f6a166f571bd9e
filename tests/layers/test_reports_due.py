"""Which reports are due, and that none is issued while cases are being written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Timer

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geodata.errors import Unavailable
from layers import report_content, reports
from tests.cases import NOON, add_case, ago
from tests.factories import SCOPE, add_town

DAY = str((NOON - timedelta(hours=24)).date())


def test_what_is_due_is_found_until_it_is_issued(town: Session) -> None:
    add_case(town, ago(24 * 100))
    today = datetime.now(UTC).date()

    due = reports.missing(town, SCOPE, today)
    found = reports.freeze(town, SCOPE, due[0])

    kinds = {(order.kind, order.span.period) for order in due}
    assert kinds == {("figures", p) for p in ("day", "week", "month", "quarter")} | {
        ("ledger", "month")
    }
    assert found is not None
    assert len(reports.missing(town, SCOPE, today)) == len(due) - 1
    assert reports.freeze(town, SCOPE, due[0]) is None


def test_before_the_first_case_nothing_is_due(town: Session) -> None:
    assert reports.missing(town, SCOPE, datetime.now(UTC).date()) == []


@pytest.fixture
def two(own_engine: Engine) -> Iterator[tuple[Session, Session]]:
    """Open two transactions on a database with a case."""
    with Session(own_engine) as first, first.begin():
        add_town(first)
        add_case(first, ago(60))
    with Session(own_engine) as first, Session(own_engine) as second:
        yield first, second


def _order(session: Session) -> reports.Order:
    return next(order for order in _due(session) if order.area == str(SCOPE.district))


def _due(session: Session) -> list[reports.Order]:
    return list(reports.missing(session, SCOPE, NOON.date()))


def test_no_report_is_issued_while_a_case_that_it_may_count_is_being_written(
    two: tuple[Session, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_content, "WAIT_S", 0.1)
    writing, issuing = two
    add_case(writing, ago(30))

    with pytest.raises(Unavailable, match="being written"):
        reports.freeze(issuing, SCOPE, _order(issuing))


def test_a_report_waits_for_the_cases_that_are_being_written(
    two: tuple[Session, Session],
) -> None:
    writing, issuing = two
    lower = add_case(writing, ago(30))
    order = _order(issuing)
    add_case(issuing, ago(29), number="T-9")
    ending = Timer(0.3, writing.commit)
    ending.start()

    told = reports.freeze(issuing, SCOPE, order)

    ending.join()
    assert told is not None
    report = issuing.get_one(reports.Report, (SCOPE.district, told["id"]))
    assert report.last_case > lower
