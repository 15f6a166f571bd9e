"""Temporal filters: all predicates, over moments, dates, intervals and periods."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from tests.gis_server.filter_samples import add_samples, all_found, found

# Of A, B and C: ``day`` is the first of June of 2000, 2010 and 2020; ``at`` is 8 o'clock on it in
# the town, midnight in UTC; ``used`` lasts from that day's midnight in the town to that of 2020,
# which of C is no time at all. D has no year: its ``used`` always was.
JUNE = "2010-05-31T16:00:00Z"
LAST = "2020-05-31T16:00:00Z"


@pytest.fixture
def samples(session: Session) -> Session:
    """Store the buildings that all filters are tried on."""
    add_samples(session)
    return session


COMPARISONS = {
    "at = TIMESTAMP('2010-06-01T00:00:00Z')": "B",
    "at = TIMESTAMP('2010-06-01T08:00:00.000+08:00')": "B",
    "at < TIMESTAMP('2010-06-01T00:00:00Z')": "A",
    "at >= TIMESTAMP('2010-06-01T00:00:00.000001Z')": "C",
    "at = DATE('2010-06-01')": "B",
    "DATE('2010-06-01') = at": "B",
    "at <> DATE('2010-06-01')": "AC",
    "at < DATE('2010-06-01')": "A",
    "at <= DATE('2010-06-01')": "AB",
    "at > DATE('2010-06-01')": "C",
    "at >= DATE('2010-06-01')": "BC",
    "DATE('2010-06-01') < at": "C",
    "DATE('2010-06-01') >= at": "AB",
    "at BETWEEN DATE('2010-06-01') AND DATE('2020-06-01')": "BC",
    "at IN (DATE('2010-06-01'), TIMESTAMP('2020-06-01T00:00:00Z'))": "BC",
    "at = '2010-06-01T00:00:00Z'": "B",
    "at >= '2010-06-01T'": "BC",
    "'2010-06-01' = day": "B",
    "at BETWEEN '2010-06-01' AND '2020-06-01'": "BC",
    "at = day": "ABC",
    "day = DATE('2010-06-01')": "B",
    "day < DATE('2010-06-01')": "A",
    "day > TIMESTAMP('2010-06-01T15:59:59Z')": "C",
    "day >= TIMESTAMP('2010-06-01T15:59:59Z')": "BC",
    "day < TIMESTAMP('2010-06-01T16:00:00Z')": "AB",
    "at < TIMESTAMP('0001-01-01T00:00:00Z') OR at > DATE('9999-12-31')": "",
    "at > DATE('0001-01-01') AND at < TIMESTAMP('9999-12-31T23:59:59Z')": "ABC",
}


def test_moments_and_dates_are_compared(samples: Session) -> None:
    assert all_found(samples, COMPARISONS) == COMPARISONS


INSTANTS = {
    f"T_AFTER(at, TIMESTAMP('{JUNE}'))": "BC",
    "T_AFTER(at, DATE('2010-06-01'))": "C",
    "T_AFTER(at, INTERVAL('2000-01-01','2010-06-01'))": "C",
    "T_AFTER(at, INTERVAL('..','2010-05-31'))": "BC",
    "T_BEFORE(at, DATE('2010-06-01'))": "A",
    "T_BEFORE(at, TIMESTAMP('2010-06-01T00:00:00Z'))": "A",
    "T_BEFORE(day, INTERVAL('2010-06-02','..'))": "AB",
    "T_DISJOINT(at, INTERVAL('2005-01-01','2015-01-01'))": "AC",
    "T_DURING(at, INTERVAL('2005-01-01','2015-01-01'))": "B",
    "T_DURING(at, INTERVAL('2010-06-01T00:00:00Z','2020-06-01T00:00:01Z'))": "C",
    "T_DURING(day, INTERVAL('2010-06-01','..'))": "C",
    "T_EQUALS(at, TIMESTAMP('2010-06-01T00:00:00Z'))": "B",
    "T_EQUALS(at, DATE('2010-06-01'))": "B",
    "T_EQUALS(at, day)": "ABC",
    "T_INTERSECTS(at, DATE('2010-06-01'))": "B",
    "T_INTERSECTS(at, INTERVAL('2010-06-01','..'))": "BC",
    "T_INTERSECTS(at, INTERVAL('..','2010-06-01T00:00:00Z'))": "AB",
    "T_INTERSECTS(day, INTERVAL('..','..'))": "ABC",
    "T_INTERSECTS(DATE('2010-06-01'), INTERVAL(day, '2015-01-01'))": "AB",
    "T_CONTAINS(INTERVAL(DATE('2005-01-01'), '2015-01-01'), day)": "B",
    "NOT T_AFTER(at, DATE('2010-06-01'))": "AB",
}


def test_moments_and_days_lie_where_they_should(samples: Session) -> None:
    assert all_found(samples, INSTANTS) == INSTANTS


PERIODS = {
    f"T_AFTER(used, INTERVAL('..','{JUNE}'))": "",
    f"T_AFTER(used, TIMESTAMP('{JUNE}'))": "",
    "T_AFTER(used, INTERVAL('..','2010-05-31'))": "B",
    f"T_BEFORE(used, TIMESTAMP('{LAST}'))": "ABD",
    "T_BEFORE(used, DATE('2020-05-31'))": "",
    f"T_CONTAINS(used, INTERVAL('{JUNE}','2015-01-01T00:00:00Z'))": "AD",
    f"T_DISJOINT(used, TIMESTAMP('{LAST}'))": "ABD",
    "T_DISJOINT(used, DATE('2005-01-01'))": "B",
    "T_DURING(used, INTERVAL('2005-01-01','..'))": "B",
    f"T_EQUALS(used, INTERVAL('{JUNE}','{LAST}'))": "B",
    "T_EQUALS(used, INTERVAL('2010-06-01','2020-05-31'))": "B",
    f"T_FINISHEDBY(used, INTERVAL('2005-01-01T00:00:00Z','{LAST}'))": "AD",
    "T_FINISHES(used, INTERVAL('2005-01-01','2020-05-31'))": "B",
    f"T_INTERSECTS(used, TIMESTAMP('{JUNE}'))": "ABD",
    "T_INTERSECTS(used, INTERVAL('2012-01-01','2013-01-01'))": "ABD",
    f"T_MEETS(used, INTERVAL('{LAST}','..'))": "ABD",
    f"T_METBY(used, INTERVAL('..','{JUNE}'))": "B",
    "T_METBY(used, INTERVAL('2000-01-01','2010-05-31'))": "B",
    "T_OVERLAPPEDBY(used, INTERVAL('2005-01-01','2012-01-01'))": "B",
    "T_OVERLAPS(used, INTERVAL('2005-01-01','2025-01-01'))": "AD",
    f"T_STARTEDBY(used, INTERVAL('{JUNE}','2012-01-01T00:00:00Z'))": "B",
    "T_STARTS(used, INTERVAL('2010-06-01','..'))": "B",
    "T_EQUALS(used, used)": "ABD",
    "used IS NULL": "",
}


def test_periods_lie_where_they_should(samples: Session) -> None:
    assert all_found(samples, PERIODS) == PERIODS


@pytest.mark.parametrize(
    "text",
    [
        "at = DATE('2026-02-30')",
        "at = DATE('26-01-01')",
        "at = DATE('2026-01-01T00:00:00Z')",
        "at = DATE(code)",
        "at = TIMESTAMP('2026-01-01')",
        "at = TIMESTAMP('2026-01-01T25:00:00Z')",
        "at = TIMESTAMP('2026-01-01T00:00:00')",
        "at = TIMESTAMP('0001-01-01T00:00:00+14:00')",
        "at = DATE()",
        "T_DURING(at, INTERVAL('2026-01-02','2026-01-01'))",
        "T_DURING(at, INTERVAL('2026-01-01T00:00:01Z','2026-01-01T00:00:00Z'))",
        "T_DURING(at, INTERVAL('2026-01-02'))",
        "T_DURING(at, INTERVAL(code, '..'))",
        "T_DURING(at, INTERVAL('x', '..'))",
        "T_DURING(code, INTERVAL('..', '..'))",
        "T_DURING(at, households)",
        "at = 'soon'",
        "at = '2026-02-30'",
        "at = code",
        "used = used",
        "INTERVAL('..','..') IS NULL",
    ],
)
def test_what_is_no_time_is_refused(session: Session, text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        found(session, text)
    assert refusal.value.member == "filter"
