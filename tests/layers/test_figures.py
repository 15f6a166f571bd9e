"""The figures of the wall are those of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories import Json, feature, incident, posted

FIGURES = "/collections/incidents/figures"


def _json(client: FlaskClient, address: str) -> Json:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def _ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def _closed(client: FlaskClient, town: Session, hours_ago: float, **report: Any) -> int:
    number = int(posted(client, incident(10, 10, **report))["id"])
    town.execute(
        text("UPDATE incidents SET stage = 'closed', closed_at = now() WHERE id = :id"),
        {"id": number},
    )
    at = {"id": number, "hours": hours_ago}
    town.execute(
        text(
            "UPDATE incidents SET closed_at = now() - make_interval(hours => :hours) WHERE id = :id"
        ),
        at,
    )
    return number


def test_a_town_without_cases_counts_none(client: FlaskClient, town: Session) -> None:
    found = _json(client, FIGURES)

    assert found["open"] == {"value": 0, "yesterday": 0}
    assert (found["closed"]["rate"], found["unlocated"]) == (None, 0)


def test_open_cases_are_those_not_closed(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))
    posted(client, feature(None, address="村口那边"))
    _closed(client, town, 0)

    found = _json(client, FIGURES)

    assert (found["open"]["value"], found["unlocated"]) == (2, 1)


def test_todays_cases_are_those_reported_since_midnight_of_the_town(
    client: FlaskClient, town: Session
) -> None:
    posted(client, incident(10, 10))
    posted(client, incident(10, 10, reported_at=_ago(48)))

    assert _json(client, FIGURES)["today"]["value"] == 1


def test_a_case_past_its_limit_is_overdue(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10, reported_at=_ago(3)))  # a fire is due within two hours
    posted(client, incident(10, 10))

    assert _json(client, FIGURES)["overdue"] == {"value": 1, "yesterday": 0}


def test_the_rate_is_the_closed_of_those_due(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10, reported_at=_ago(5)))
    _closed(client, town, 4, reported_at=_ago(5))
    _closed(client, town, 0)  # not due yet

    found = _json(client, FIGURES)["closed"]

    assert (found["value"], found["due"], found["rate"]) == (1, 2, 0.5)


def test_yesterdays_figures_are_those_of_this_time_yesterday(
    client: FlaskClient, town: Session
) -> None:
    _closed(client, town, 10, reported_at=_ago(40))  # open and overdue then
    _closed(client, town, 30, reported_at=_ago(40))  # closed before
    posted(client, incident(10, 10, reported_at=_ago(40)))  # open and overdue then and now
    posted(client, incident(10, 10, reported_at=_ago(24.5)))  # open but not due then

    found = _json(client, FIGURES)

    assert (found["open"]["yesterday"], found["overdue"]["yesterday"]) == (3, 2)
    assert found["closed"]["yesterday_rate"] == pytest.approx(1 / 3, abs=1e-4)


def test_a_case_due_long_ago_and_closed_today_was_overdue_yesterday(
    client: FlaskClient, town: Session
) -> None:
    _closed(client, town, 1, reported_at=_ago(40 * 24))

    assert _json(client, FIGURES)["overdue"] == {"value": 0, "yesterday": 1}


def test_the_figures_follow_the_maps_extent(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))
    posted(client, incident(-100, 10))

    found = _json(client, f"{FIGURES}?bbox=113.94,22.99,113.95,23")

    assert (found["open"]["value"], found["today"]["value"]) == (1, 1)


def test_the_hours_count_each_case_in_its_hour(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))
    posted(client, incident(10, 10, reported_at=_ago(30)))

    hours = _json(client, "/collections/incidents/hours")["hours"]

    assert (len(hours), hours[-1]["count"], sum(hour["count"] for hour in hours)) == (24, 1, 1)


def test_what_can_be_reported_is_told_with_its_class(client: FlaskClient, town: Session) -> None:
    found = _json(client, "/collections/incidents/categories")["categories"]

    assert (len(found), len({one["class_code"] for one in found})) == (36, 4)
    assert (found[0]["item"], found[0]["class"]) == ("火灾烟雾", "安全隐患")
