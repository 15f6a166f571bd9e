"""Rows of a register are written one by one, and none of what was is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import geopandas as gpd
import pytest
from flask.testing import FlaskClient
from shapely import Point, box
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Conflict
from layers import accounts, find_layers
from layers.base import Base, Register
from layers.edits import Aim, Edits, Given, Written
from tests.factories import SCOPE, at, block, count
from tests.gis_server.editors import PLANNER

LAYERS = find_layers()
HOUR_AGO = text("UPDATE buildings SET recorded_at = now() - interval '1 hour'")
PLANNING = replace(SCOPE, reader=PLANNER)


def edits(name: str) -> Edits:
    found = LAYERS[name].edits
    assert found is not None
    return found


def create(session: Session, layer: str, **properties: Any) -> Written:
    make = edits(layer).create
    assert make is not None
    shape: Any = Point(*at(-50, 0)) if layer != "buildings" else box(*at(-60, 0), *at(-50, 10))
    return make(session, PLANNING, Given(properties, shape, True))


def remove(session: Session, name: str, number: int, version: int = 1) -> None:
    end = edits(name).remove
    assert end is not None
    end(session, PLANNING, Aim(number, frozenset({version})))


def update(session: Session, name: str, number: int, **properties: Any) -> Written:
    change = edits(name).update
    assert change is not None
    version = frozenset(range(1, 100))
    return change(session, PLANNING, Aim(number, version), Given(properties))


def test_a_deleted_row_is_still_found_as_of_the_time_before(
    town: Session, client: FlaskClient
) -> None:
    number = create(town, "buildings", code="N1", name="甲").id
    town.execute(HOUR_AGO)
    remove(town, "buildings", number)

    before = (datetime.now(UTC) - timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    past = client.get(f"/collections/buildings/items/{number}", query_string={"as_of": before})

    assert client.get(f"/collections/buildings/items/{number}").status_code == 404
    assert past.get_json(force=True)["properties"]["name"] == "甲"


def test_the_time_of_a_deleted_row_ends_when_it_is_deleted(town: Session) -> None:
    number = create(town, "buildings", code="N1").id
    town.execute(HOUR_AGO)
    remove(town, "buildings", number)

    kept = town.execute(
        text(
            "SELECT lower(recorded) = now() - interval '1 hour', upper(recorded) = now()"
            " FROM buildings_history"
        )
    ).one()
    assert tuple(kept) == (True, True)


def test_defaults_of_the_table_are_taken_where_nothing_is_said(town: Session) -> None:
    create(town, "hazards", code="X1", kind="fire")

    told = town.execute(text("SELECT nature, state FROM hazards")).one()
    assert tuple(told) == ("defect", "open")


def test_a_replacement_returns_to_the_defaults(town: Session) -> None:
    number = create(town, "hazards", code="X1", kind="fire", state="rectified").id
    put = edits("hazards").replace
    assert put is not None

    whole = Given({"code": "X1", "kind": "gas"}, Point(*at(-50, 0)), True)
    put(town, PLANNING, Aim(number, frozenset({1})), whole)

    told = town.execute(text("SELECT kind, state FROM hazards")).one()
    assert tuple(told) == ("gas", "open")


def test_the_place_of_a_shop_follows_from_its_figures(town: Session) -> None:
    number = create(town, "enterprises", code="E1", **{"class": "shop"}, area_m2=80).id
    small = town.execute(text("SELECT place FROM enterprises")).scalar()

    update(town, "enterprises", number, area_m2=5000)

    large = town.execute(text("SELECT place FROM enterprises")).scalar()
    assert (small, large) == ("three_small", None)


def test_a_place_that_is_said_stands(town: Session) -> None:
    create(town, "enterprises", code="E1", **{"class": "shop"}, area_m2=80, place="nine_small")

    assert town.execute(text("SELECT place FROM enterprises")).scalar() == "nine_small"


def test_an_import_does_not_bring_a_deleted_code_back(town: Session) -> None:
    remove(town, "buildings", create(town, "buildings", code="N1").id)
    frame = gpd.GeoDataFrame({"code": ["N1", "N2"]}, geometry=[block(0, 0, 9, 9)] * 2, crs=4326)

    load = LAYERS["buildings"].load
    assert load is not None
    taken = load(town, SCOPE, frame)

    assert (taken.rows_written, [r.row for r in taken.rejected]) == (1, [1])
    assert "never used again" in taken.rejected[0].detail


@pytest.mark.parametrize(
    "name", sorted(n for n, one in LAYERS.items() if issubclass(one.table, Register))
)
def test_every_register_can_be_edited(name: str) -> None:
    assert "administrator" in edits(name).roles


def test_what_refers_to_a_row_by_its_code_is_a_column_of_a_table() -> None:
    assert accounts.AccountRole.__tablename__ in Base.metadata.tables
    desks = [getattr(one.edits.remove, "__self__", None) for one in LAYERS.values() if one.edits]
    named = [pair for desk in desks if desk for pair in desk.referred]

    assert [pair for pair in named if pair[1] not in Base.metadata.tables[pair[0]].c] == []
    assert len(named) > 10


def test_a_row_that_others_of_its_kind_name_stays(town: Session) -> None:
    number = create(town, "hazards", code="X1", kind="fire", nature="risk_point").id
    create(town, "hazards", code="X2", kind="fire", parent_code="X1")

    with pytest.raises(Conflict, match="1 of hazards refer to X1 by their parent_code"):
        remove(town, "hazards", number)
    assert count(town, "hazards") == 2
