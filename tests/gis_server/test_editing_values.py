"""Values that no property takes: each refusal names the property."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import at
from tests.gis_server.editors import ITEMS, house


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("crs", "EPSG:4547"),
        ("point", "POINT (0 0)"),
        ("row_version", 7),
        ("district", 110101),
        ("households", "many"),
        ("households", 1.5),
        ("households", True),
        ("households", -1),
        ("households", 2**31),
        ("floors", 2**15),
        ("height_m", "high"),
        ("rental", "yes"),
        ("name", 5),
        ("name", ["甲"]),
        ("name", "长" * 4001),
        ("road", "长" * 129),
        ("danger_grade", "E"),
        ("code", None),
        ("code", ""),
        ("code", " N1"),
        ("code", "N\n1"),
        ("code", "N" * 129),
        ("code", 17),
    ],
)
def test_a_wrong_property_is_named(planner: FlaskClient, name: str, value: Any) -> None:
    reply = planner.post(ITEMS, json=house(**{"code": "N1", name: value}))

    assert (reply.status_code, reply.mimetype) == (400, "application/problem+json")
    assert reply.json["member"] == f"properties.{name}"


@pytest.mark.parametrize(
    ("items", "name", "value"),
    [
        ("hazards", "deadline", "soon"),
        ("hazards", "deadline", "2026-01-01"),
        ("hazards", "deadline", "2026-01-01T00:00:00"),
        ("hazards", "deadline", "0001-01-01T00:00:00+14:00"),
        ("hazards", "l", 5),
        ("hazards", "kind", None),
        ("facilities", "attributes", []),
        ("facilities", "attributes", None),
    ],
)
def test_a_wrong_time_number_or_object_is_named(
    planner: FlaskClient, items: str, name: str, value: Any
) -> None:
    given = {"code": "N1", "kind": "fire"} if items == "hazards" else {"code": "N1", "class": "x"}
    spot = {"type": "Point", "coordinates": at(0, 0)}
    feature = {"type": "Feature", "geometry": spot, "properties": {**given, name: value}}

    reply = planner.post(f"/collections/{items}/items", json=feature)

    assert (reply.status_code, reply.json["member"]) == (400, f"properties.{name}")


@pytest.mark.parametrize(
    "valid",
    [
        "now",
        [],
        [None],
        ["2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"],
        ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
        [5, None],
    ],
)
def test_a_wrong_period_is_named(planner: FlaskClient, valid: Any) -> None:
    given = {"code": "441900109299", "name": "新村", "level": 3, "valid": valid}
    feature = {"type": "Feature", "geometry": None, "properties": given}

    reply = planner.post("/collections/areas/items", json=feature)

    assert (reply.status_code, reply.json["member"]) == (400, "properties.valid")
