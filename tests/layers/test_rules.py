"""Rules about one row stand in the schema, so that no way in can pass them by."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

SQUARE = "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)))"
BOW_TIE = "MULTIPOLYGON(((0 0,1 1,1 0,0 1,0 0)))"
HERE = "POINT(113.94 22.99)"

GOOD: dict[str, dict[str, Any]] = {
    "areas": {"code": "441900109212", "name": "黄屋村", "level": 3, "valid": "[,)", "geom": SQUARE},
    "grids": {"code": "g", "name": "g", "geom": SQUARE},
    "buildings": {"code": "b", "geom": SQUARE},
    "enterprises": {"code": "e", "class": "shop", "geom": HERE},
    "facilities": {"code": "f", "class": "camera", "geom": HERE},
    "hazards": {"code": "h", "kind": "fire", "geom": HERE},
    "organisations": {"code": "o", "name": "o", "kind": "village", "geom": HERE},
    "duties": {"code": "d", "post": "officer", "title": "d"},
    "streets": {"code": "s", "name": "s", "class": "lane", "geom": "MULTILINESTRING((0 0,1 1))"},
    "reference": {"collection": 1, "id": 1, "properties": "{}", "geom": SQUARE},
    "incidents": {
        "number": "n",
        "category": "101",
        "severity": 1,
        "source": "test",
        "source_crs": "EPSG:4326",
        "reported_at": "2026-01-01Z",
        "due_at": "2026-01-02Z",
        "geom": HERE,
    },
}

BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "an area's code": ("areas", {"code": "44190010921"}, "code_of_12_digits"),
    "a bow-tie": ("areas", {"geom": BOW_TIE}, "geom_sound"),
    "a grid's kind": ("grids", {"kind": "round"}, "kind_known"),
    "a grid's empty code": ("grids", {"code": ""}, "code_given"),
    "a danger grade": ("buildings", {"danger_grade": "E"}, "danger_grade_known"),
    "minus one household": ("buildings", {"households": -1}, "counts_not_negative"),
    "a small place": ("enterprises", {"place": "four_small"}, "place_known"),
    "latitude 95": ("enterprises", {"geom": "POINT(113.94 95)"}, "geom_sound"),
    "longitude 181": ("organisations", {"geom": "POINT(181 22)"}, "geom_sound"),
    "a likelihood": ("hazards", {"l": 2}, "likelihood_known"),
    "an exposure": ("hazards", {"e": 7}, "exposure_known"),
    "a consequence": ("hazards", {"c": 5}, "consequence_known"),
    "a hazard's grade": ("hazards", {"grade": "huge"}, "grade_known"),
    "a hazard's state": ("hazards", {"state": "gone"}, "state_known"),
    "a severity": ("incidents", {"severity": 5}, "severity_known"),
    "a stage": ("incidents", {"stage": "lost"}, "stage_known"),
    "a close without a time": ("incidents", {"stage": "closed"}, "closed_has_time"),
    "a time without a close": ("incidents", {"closed_at": "2026-01-02Z"}, "closed_has_time"),
    "an accuracy": ("incidents", {"accuracy_m": -1}, "accuracy_in_range"),
    "a chance": ("incidents", {"confidence": 1.5}, "confidence_is_chance"),
    "an unknown category": ("incidents", {"category": "999"}, "fk_incidents_district_category"),
    "an unknown grid": ("incidents", {"grid_id": 10**9}, "fk_incidents_district_grid_id"),
    "a case beyond the date line": ("incidents", {"geom": "POINT(180.01 22)"}, "geom_sound"),
    "a case beyond the pole": ("incidents", {"geom": "POINT(113.94 -90.01)"}, "geom_sound"),
    "a case that is nowhere": ("incidents", {"geom": "POINT(NaN 22)"}, "geom_sound"),
    "a line for a case": ("incidents", {"geom": "LINESTRING(0 0,1 1)"}, "does not match column"),
}


def _insert(session: Session, table: str, changed: dict[str, Any]) -> None:
    row = {"district": 441900, **GOOD[table], **changed}
    columns = ", ".join(f'"{name}"' for name in row)
    values = ", ".join(
        f"ST_GeomFromText(:{name}, 4326)" if name == "geom" else f":{name}" for name in row
    )
    session.execute(text(f'INSERT INTO "{table}" ({columns}) VALUES ({values})'), row)  # noqa: S608


@pytest.mark.parametrize("table", GOOD)
def test_a_row_that_keeps_the_rules_is_stored(town: Session, table: str) -> None:
    _insert(town, table, {})


@pytest.mark.parametrize(("table", "changed", "rule"), BAD.values(), ids=BAD)
def test_a_row_that_breaks_a_rule_is_refused(
    town: Session, table: str, changed: dict[str, Any], rule: str
) -> None:
    with pytest.raises(DBAPIError, match=rule):
        _insert(town, table, changed)


@pytest.mark.parametrize(
    "table", ["buildings", "enterprises", "facilities", "hazards", "organisations", "duties"]
)
def test_a_code_stands_once_in_a_district(town: Session, table: str) -> None:
    _insert(town, table, {})

    with pytest.raises(DBAPIError, match=f"uq_{table}_district_code"):
        _insert(town, table, {})


def test_a_code_may_stand_in_two_districts(town: Session) -> None:
    _insert(town, "buildings", {})

    _insert(town, "buildings", {"district": 441901})


def test_a_buildings_point_lies_in_it(town: Session) -> None:
    _insert(town, "buildings", {})

    asked = text("SELECT ST_Contains(geom, point) FROM buildings")
    assert town.execute(asked).scalar_one() is True
