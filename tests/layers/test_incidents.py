"""Incidents: the grid that must answer, how sure that is, and who does."""

from __future__ import annotations

from datetime import UTC, datetime
from math import erf, sqrt
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from shapely import Polygon
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geodata.geojson import feature_of
from layers import intake, posting, queries
from layers.base import Query, Scope
from layers.grids import Grid
from layers.incidents import LAYER
from tests.factories import (
    EAST,
    GRID,
    SCOPE,
    WEST,
    Json,
    add_grid,
    at,
    block,
    incident,
    posted,
)

CHANGE = datetime(2026, 6, 1, tzinfo=UTC)
SIGMAS = 2.4477


def _grid_of(client: FlaskClient, report: Json) -> Any:
    return posted(client, report)["properties"]["grid_code"]


def test_an_incident_belongs_to_the_micro_grid_that_covers_it(
    client: FlaskClient, town: Session
) -> None:
    assert _grid_of(client, incident(10, 10)) == EAST


def test_on_a_shared_edge_the_lowest_code_answers(client: FlaskClient, town: Session) -> None:
    assert _grid_of(client, incident(0, 10)) == WEST


def test_on_a_corner_of_four_the_lowest_code_answers(client: FlaskClient, town: Session) -> None:
    add_grid(town, f"{GRID}00", block(0, 200, 200, 400))
    add_grid(town, f"{GRID}03", block(-200, 200, 0, 400))

    assert _grid_of(client, incident(0, 200)) == f"{GRID}00"


def test_codes_are_compared_letter_by_letter(client: FlaskClient, town: Session) -> None:
    add_grid(town, "b", block(500, 0, 600, 100))
    add_grid(town, "B", block(600, 0, 700, 100))

    assert _grid_of(client, incident(600, 50)) == "B"


def test_an_incident_in_a_hole_of_every_grid_is_stored_without_one(
    client: FlaskClient, town: Session
) -> None:
    hole = block(540, 40, 560, 60)
    add_grid(town, "holed", Polygon(block(500, 0, 600, 100).exterior, [hole.exterior]))

    found = posted(client, incident(550, 50))

    assert (found["properties"]["grid_code"], found["properties"]["confidence"]) == (None, 0)


def test_an_incident_outside_every_grid_is_stored_unlocated(
    client: FlaskClient, town: Session
) -> None:
    found = posted(client, incident(9000, 0))["properties"]

    assert (found["grid_id"], found["grid_code"], found["candidates"]) == (None, None, [])


def test_in_a_town_without_grids_an_incident_is_stored_unlocated(
    client: FlaskClient, town: Session
) -> None:
    town.execute(text("DELETE FROM grids"))

    assert _grid_of(client, incident(10, 10)) is None


def test_an_incident_between_micro_grids_belongs_to_their_grid(
    client: FlaskClient, town: Session
) -> None:
    town.execute(text("DELETE FROM grids WHERE code = :code"), {"code": EAST})

    assert _grid_of(client, incident(10, 10)) == GRID


def test_a_dedicated_grid_answers_before_the_micro_grid_under_it(
    client: FlaskClient, town: Session
) -> None:
    add_grid(town, "zz-school", block(50, 50, 150, 150), kind="dedicated", level=1)

    assert _grid_of(client, incident(100, 100)) == "zz-school"


def test_a_grid_of_another_net_does_not_answer(client: FlaskClient, town: Session) -> None:
    add_grid(town, "0-beat", block(-500, -500, 500, 500), net="police", level=9)

    assert _grid_of(client, incident(10, 10)) == EAST


def test_a_grid_of_another_district_does_not_answer(client: FlaskClient, town: Session) -> None:
    town.execute(text("UPDATE grids SET district = 441901"))

    assert _grid_of(client, incident(10, 10)) is None


def _redrawn(town: Session) -> None:
    """Close the eastern micro-grid on 1 June and give its ground to another code."""
    town.execute(update(Grid).where(Grid.code == EAST).values(valid=Range(None, CHANGE)))
    add_grid(town, f"{GRID}09", block(0, -200, 200, 200), valid=Range(CHANGE, None))


@pytest.mark.parametrize(
    ("reported_at", "code"),
    [("2026-05-31T23:59:59Z", EAST), ("2026-06-01T00:00:00Z", f"{GRID}09")],
)
def test_the_edition_in_force_when_it_was_reported_answers(
    client: FlaskClient, town: Session, reported_at: str, code: str
) -> None:
    _redrawn(town)

    assert _grid_of(client, incident(10, 10, reported_at=reported_at)) == code


def test_an_incident_keeps_its_edition_when_the_grid_is_redrawn(
    client: FlaskClient, town: Session
) -> None:
    number = posted(client, incident(10, 10))["id"]
    _redrawn(town)

    found = client.get(f"/collections/incidents/items/{number}").get_json(force=True)

    assert found["properties"]["grid_code"] == EAST


def test_without_an_accuracy_the_answer_is_certain(client: FlaskClient, town: Session) -> None:
    found = posted(client, incident(1, 1))["properties"]

    assert (found["confidence"], found["candidates"]) == (1, [])


@pytest.mark.parametrize(("east", "north"), [(8, 10), (-8, 40), (190, 192)])
def test_eight_metres_from_an_edge_the_chance_is_the_gaussians(
    client: FlaskClient, town: Session, east: float, north: float
) -> None:
    add_grid(town, f"{GRID}03", block(-200, 200, 200, 400))

    found = posted(client, incident(east, north, accuracy_m=20))["properties"]

    beside = _normal((200 - north) / (20 / SIGMAS)) if east == 190 else 1
    aside = _normal((200 - east) / (20 / SIGMAS)) if east == 190 else _normal(8 / (20 / SIGMAS))
    assert found["confidence"] == pytest.approx(aside * beside, abs=0.02)


def _normal(sigmas: float) -> float:
    return (1 + erf(sigmas / sqrt(2))) / 2


def test_a_neighbour_with_more_than_a_tenth_of_the_chance_is_a_candidate(
    client: FlaskClient, town: Session
) -> None:
    found = posted(client, incident(8, 10, accuracy_m=20))["properties"]

    (candidate,) = found["candidates"]
    assert candidate["grid_code"] == WEST
    assert candidate["chance"] + found["confidence"] == pytest.approx(1, abs=0.01)


def test_a_neighbour_with_less_than_a_tenth_is_none(client: FlaskClient, town: Session) -> None:
    found = posted(client, incident(16, 10, accuracy_m=20))["properties"]

    assert (found["candidates"], found["confidence"] > 0.95) == ([], True)


def test_a_grid_above_the_one_that_answers_is_no_candidate(
    client: FlaskClient, town: Session
) -> None:
    add_grid(town, "zz-school", block(50, 50, 150, 150), kind="dedicated", level=1)

    found = posted(client, incident(52, 100, accuracy_m=20))["properties"]

    assert found["grid_code"] == "zz-school"
    assert [c["grid_code"] for c in found["candidates"]] == [EAST]


def test_the_chances_inside_the_net_sum_to_one(town: Session) -> None:
    spot = {"lon": at(3, 5)[0], "lat": at(3, 5)[1], "sigma": 12.0}
    asked = text(
        "SELECT sum(chance) FROM grids_at(441900, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326),"
        " :sigma, now(), 'general') WHERE level = 2"
    )

    assert town.execute(asked, spot).scalar_one() == pytest.approx(1, abs=0.005)


def test_masses_of_points_get_the_chances_that_each_gets_alone(town: Session) -> None:
    add_grid(town, "zz-school", block(50, 50, 150, 150), kind="dedicated", level=1)
    metres = np.random.default_rng(3).uniform(-230, 230, (60, 2)).tolist()
    accuracy = np.random.default_rng(4).uniform(1, 80, 60).tolist()
    reports = [incident(e, n, accuracy_m=a) for (e, n), a in zip(metres, accuracy, strict=True)]

    alone = [_reported(town, report) for report in reports]
    posting.report_many(town, SCOPE, [_feature(report) for report in reports])

    together = town.execute(_ANSWERS, {"after": len(reports)}).all()
    assert [code for code, _ in together] == [code for code, _ in alone]
    assert [chance for _, chance in together] == pytest.approx([c for _, c in alone], abs=0.011)


_ANSWERS = text(
    "SELECT grid_code, confidence FROM (SELECT *, row_number() OVER (ORDER BY id) AS n"
    " FROM incidents) AS i WHERE n > :after ORDER BY id"
)


def _reported(town: Session, report: Json) -> tuple[str | None, float]:
    number = intake.report(town, SCOPE, _feature(report)).id
    asked = text("SELECT grid_code, confidence FROM incidents WHERE id = :id")
    row = town.execute(asked, {"id": number}).one()
    return row[0], float(row[1])


def _feature(report: Json) -> Any:
    return feature_of(report)


def test_a_district_is_counted_by_itself(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))

    assert queries.count(town, LAYER, Scope(441901), Query()) == 0
