"""Chances: at any border, in any tree of grids, they say who would answer, and how surely."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import (
    EAST,
    GRID,
    VILLAGE,
    WEST,
    Json,
    add_grid,
    at,
    block,
    incident,
    posted,
)

SCHOOL = "zz-school"
LONE_GRID = f"{VILLAGE}002"


def _told(found: Json) -> dict[str, float]:
    told = found["properties"]
    others = {c["grid_code"]: c["chance"] for c in told["candidates"]}
    return {told["grid_code"]: told["confidence"], **others}


def test_ground_that_two_grids_claim_is_counted_once(client: FlaskClient, town: Session) -> None:
    add_grid(town, f"{GRID}03", block(-50, -200, 200, 200), parent_code=GRID)

    told = _told(posted(client, incident(-20, 0, accuracy_m=20)))

    assert told == {WEST: pytest.approx(1, abs=0.02)}


@pytest.mark.parametrize(
    ("east", "first", "second"), [(195, EAST, LONE_GRID), (205, LONE_GRID, EAST)]
)
def test_a_grid_without_micro_grids_is_the_neighbour_of_one(
    client: FlaskClient, town: Session, east: float, first: str, second: str
) -> None:
    add_grid(town, LONE_GRID, block(200, -200, 600, 200), kind="base", level=1)

    told = _told(posted(client, incident(east, 0, accuracy_m=20)))

    assert list(told) == [first, second]
    assert sum(told.values()) == pytest.approx(1, abs=0.01)


def test_a_dedicated_grid_is_a_candidate_beside_it(client: FlaskClient, town: Session) -> None:
    add_grid(town, SCHOOL, block(50, 50, 150, 150), kind="dedicated", level=1)

    told = _told(posted(client, incident(48, 100, accuracy_m=10)))

    assert list(told) == [EAST, SCHOOL]
    assert sum(told.values()) == pytest.approx(1, abs=0.01)


def test_a_grid_above_shows_the_share_it_covers(client: FlaskClient, town: Session) -> None:
    add_grid(town, SCHOOL, block(50, 50, 150, 150), kind="dedicated", level=1, parent_code=GRID)
    lon, lat = at(8, 10)

    found = client.get(f"/locate?lon={lon}&lat={lat}&accuracy_m=20").get_json(force=True)

    assert {g["code"]: g["chance"] for g in found["grids"]}[GRID] == 1


@pytest.mark.parametrize("accuracy_m", [0, 1e-320, 1e-9, 0.001])
def test_a_perfect_position_is_certain(
    client: FlaskClient, town: Session, accuracy_m: float
) -> None:
    lon, lat = at(-10, 0)

    asked = f"/locate?lon={lon}&lat={lat}&accuracy_m={accuracy_m}"
    found = client.get(asked).get_json(force=True)

    assert [grid["chance"] for grid in found["grids"]] == [1, 1]
    assert _told(posted(client, incident(-10, 0, accuracy_m=accuracy_m))) == {WEST: 1}
