"""The figures of a period: what each counts, and that each opens the rows it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.counted import FIGURES
from tests.cases import NOON, add_case, ago
from tests.factories import EAST, VILLAGE, WEST, Json

PERIOD = {"from": ago(72).isoformat(), "to": ago(0).isoformat()}


@pytest.fixture
def cases(town: Session) -> Session:
    """Store cases of all kinds, in and about three days."""
    fleet = {"unit": "O1", "post": "D1"}
    add_case(town, ago(60), closed_at=ago(50), **fleet)  # on time
    add_case(town, ago(60), closed_at=ago(20), grid_code=EAST, in_grid=False, unit="O2")  # late
    add_case(town, ago(48), returns=2, delays=1, unit="O2")  # open and overdue
    add_case(town, ago(10), reworks=1, category="102", grid_code=None)  # open, not due in time
    add_case(town, ago(100), closed_at=ago(70), limit_h=20)  # filed before, closed in the period
    add_case(town, ago(200), closed_at=ago(190))  # long before
    add_case(town, ago(-5), **fleet)  # after
    return town


def _figures(client: FlaskClient, **asked: Any) -> Json:
    reply = client.get(f"/collections/incidents/figures?{urlencode(PERIOD | asked)}")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def _count(client: FlaskClient, **asked: Any) -> int:
    reply = client.get(f"/collections/incidents/count?{urlencode(asked)}")
    assert reply.status_code == 200, reply.text
    return int((reply.json or {})["count"])


def test_each_figure_counts_what_its_name_says(client: FlaskClient, cases: Session) -> None:
    assert _figures(client)["figures"] == {
        "filed": 4,
        "due": 3,
        "closed": 3,
        "closed_due": 2,
        "on_time": 1,
        "overdue": 1,
        "returned": 1,
        "reworked": 1,
        "delayed": 1,
        "in_grid": 2,
        "open": 2,
        "unlocated": 2,
    }


def test_a_rate_is_written_over_its_denominator(client: FlaskClient, cases: Session) -> None:
    assert _figures(client)["rates"] == {
        "closing": 0.6667,
        "on_time": 0.3333,
        "in_grid": 0.6667,
        "returned": 0.25,
        "reworked": 0.25,
        "delayed": 0.25,
    }


def test_of_nothing_there_is_no_rate(client: FlaskClient, town: Session) -> None:
    assert set(_figures(client)["rates"].values()) == {None}


MANY = text("""
INSERT INTO incidents (district, number, category, severity, source, source_crs, reported_at,
                       due_at, stage, closed_at, step)
SELECT 441900, 'M' || n, '101', 1, 'app', 'EPSG:4326', CAST(:at AS timestamptz),
       CAST(:at AS timestamptz) + interval '1 day',
       CASE WHEN n <= :closed THEN 'closed' ELSE 'reported' END,
       CAST(CASE WHEN n <= :on_time THEN :at WHEN n <= :closed THEN :late END AS timestamptz),
       'reported'
FROM generate_series(1, :due) AS n
""")


def test_911_closed_of_972_due_are_93_72_percent_and_737_on_time_75_82(
    client: FlaskClient, town: Session
) -> None:
    counts = {"due": 972, "closed": 911, "on_time": 737}
    town.execute(MANY, {"at": ago(50), "late": ago(10), **counts})

    found = _figures(client)

    assert {name: found["figures"][f"{name}"] for name in ("due", "on_time")} == {
        "due": 972,
        "on_time": 737,
    }
    assert (found["figures"]["closed_due"], found["figures"]["overdue"]) == (911, 61)
    assert (found["rates"]["closing"], found["rates"]["on_time"]) == (0.9372, 0.7582)


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_opens_exactly_its_rows(client: FlaskClient, cases: Session, figure: str) -> None:
    assert _count(client, **PERIOD, figure=figure) == _figures(client)["figures"][figure]


GROUPINGS = ("area", "department", "category", "post", "day", "month")


def _opened(client: FlaskClient, group: Json) -> Json:
    return {figure: _count(client, **group["rows"], figure=figure) for figure in group["figures"]}


@pytest.mark.parametrize("by", GROUPINGS)
def test_the_figures_of_each_group_open_exactly_their_rows(
    client: FlaskClient, cases: Session, by: str
) -> None:
    groups = _figures(client, by=by)["groups"]

    assert [_opened(client, group) for group in groups] == [group["figures"] for group in groups]
    assert groups


@pytest.mark.parametrize("by", GROUPINGS)
def test_groups_add_up_to_the_whole(client: FlaskClient, cases: Session, by: str) -> None:
    found = _figures(client, by=by)

    summed = {
        name: sum(group["figures"][name] for group in found["groups"])
        for name in found["groups"][0]["figures"]
    }
    assert summed == {name: found["figures"][name] for name in summed}


@pytest.mark.parametrize(
    ("area", "keys"),
    [
        ({}, [VILLAGE, "none"]),
        ({"area": "441900"}, [VILLAGE, "none"]),
        ({"area": "441900000000"}, [VILLAGE, "none"]),
        ({"area": "441900109000"}, [VILLAGE]),
        ({"area": VILLAGE}, [f"{VILLAGE}001"]),
        ({"area": f"{VILLAGE}001"}, [WEST, EAST]),
    ],
)
def test_an_area_is_divided_into_those_a_level_below(
    client: FlaskClient, cases: Session, area: Json, keys: list[str]
) -> None:
    assert [group["key"] for group in _figures(client, by="area", **area)["groups"]] == keys


def test_a_group_has_the_title_of_its_key(client: FlaskClient, cases: Session) -> None:
    titles = {group["key"]: group["title"] for group in _figures(client, by="department")["groups"]}

    assert titles == {"O1": "黄屋村", "O2": None, "none": None}


def test_a_filter_narrows_figures_and_rows_alike(client: FlaskClient, cases: Session) -> None:
    found = _figures(client, unit="O2")["figures"]

    assert (found["filed"], found["due"], found["closed_due"]) == (2, 2, 1)
    assert _count(client, **PERIOD, unit="O2", figure="due") == 2


@pytest.mark.parametrize("by", ["category", "area", "day"])
@pytest.mark.parametrize("as_of", [{}, {"as_of": ago(0).isoformat()}])
def test_the_rows_of_a_group_lie_in_the_box_that_was_asked(
    client: FlaskClient, town: Session, by: str, as_of: Json
) -> None:
    inside, outside = (f"SRID=4326;POINT({lon} 22.99)" for lon in (113.945, 113.995))
    cases = [add_case(town, ago(10), geom=geom) for geom in (inside, inside, inside, outside)]
    asked = {"bbox": "113.94,22.98,113.95,23.0", "ids": ",".join(map(str, cases[1:]))}

    (group,) = _figures(client, by=by, **asked, **as_of)["groups"]

    assert group["figures"]["filed"] == 2
    assert _count(client, **group["rows"], figure="filed") == 2


@pytest.mark.parametrize(
    ("asked", "member"),
    [
        ({"by": "mood"}, "by"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-01-01T00:00:00"}, "from"),
        ({"to": (NOON - timedelta(days=400)).isoformat()}, "to"),
        ({"from": "2001-01-01"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"as_of": "2100-01-01T00:00:00Z"}, "as_of"),
        ({"last_case": "first"}, "last_case"),
        ({"figure": "due"}, "figure"),
        ({"mood": "good"}, "mood"),
        ({"area": "黄屋"}, "area"),
    ],
)
def test_what_means_nothing_is_refused_by_name(
    client: FlaskClient, town: Session, asked: Json, member: str
) -> None:
    reply = client.get(f"/collections/incidents/figures?{urlencode(PERIOD | asked)}")

    assert (reply.status_code, (reply.json or {})["member"]) == (400, member)


@pytest.mark.parametrize(
    "asked", ["to=0001-01-05", "as_of=0001-01-01T00:00:00%2B23:59", "to=9999-12-31"]
)
@pytest.mark.parametrize("what", ["figures", "items"])
def test_the_ends_of_time_are_no_failure(
    client: FlaskClient, town: Session, what: str, asked: str
) -> None:
    reply = client.get(
        f"/collections/incidents/{what}?{asked}&figure=due".removesuffix(
            "&figure=due" if what == "figures" else ""
        )
    )

    assert reply.status_code in (200, 400)


def test_a_day_is_the_towns(client: FlaskClient, town: Session) -> None:
    add_case(town, NOON.replace(hour=15, minute=59))
    add_case(town, NOON.replace(hour=16))  # midnight of the town

    day = f"{NOON:%Y-%m-%d}"
    after = f"{NOON + timedelta(days=1):%Y-%m-%d}"
    found = _figures(client, **{"from": day, "to": after})["figures"]["filed"]

    assert (found, _count(client, **{"from": day, "to": after})) == (1, 1)


@pytest.mark.parametrize("as_of", [{}, {"as_of": ago(0).isoformat()}])
def test_restricted_cases_are_counted_for_those_who_may_see_them(
    client: FlaskClient, dispatcher: FlaskClient, town: Session, as_of: Json
) -> None:
    add_case(town, ago(60), closed_at=ago(50), category="201")
    add_case(town, ago(60), category="201")
    add_case(town, ago(60))

    readers = (client, dispatcher)
    counts = [_figures(reader, by="category", **as_of)["figures"]["due"] for reader in readers]
    rows = [_count(reader, **PERIOD, **as_of, figure="due") for reader in readers]
    keys = [group["key"] for group in _figures(client, by="category", **as_of)["groups"]]

    assert (counts, rows, keys) == ([1, 3], [1, 3], ["101"])
