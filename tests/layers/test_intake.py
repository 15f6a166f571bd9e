"""Intake: what a report becomes, and where words alone put it."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from geodata.crs import gcj02_from_wgs84
from geodata.geojson import feature_of
from geodata.regions import categories
from gis_server.config import Settings
from layers import intake, places
from layers.base import Scope
from layers.town import load_categories
from tests.factories import EAST, add_building, at, feature, incident, posted

SIGMAS = 2.4477


def test_a_place_in_gcj02_is_stored_where_it_is(client: FlaskClient, town: Session) -> None:
    shifted = gcj02_from_wgs84(np.array([at(10, 10)]))[0].tolist()

    found = posted(client, feature({"type": "Point", "coordinates": shifted}, crs="gcj02"))

    assert found["geometry"]["coordinates"] == pytest.approx(at(10, 10), abs=1e-6)
    assert found["properties"]["source_crs"] == "gcj02"


def test_a_place_in_cgcs2000_is_stored_as_it_is(client: FlaskClient, town: Session) -> None:
    found = posted(client, incident(10, 10, crs="EPSG:4490"))

    assert found["geometry"]["coordinates"] == pytest.approx(at(10, 10), abs=1e-6)


def test_the_severity_and_limit_are_the_categorys(client: FlaskClient, town: Session) -> None:
    found = posted(client, incident(1, 1, reported_at="2026-06-05T09:00:00Z"))["properties"]

    assert (found["severity"], found["due_at"]) == (1, "2026-06-05T11:00:00+00:00")


def test_a_reported_severity_stands(client: FlaskClient, town: Session) -> None:
    assert posted(client, incident(1, 1, severity=4))["properties"]["severity"] == 4


def test_the_number_begins_with_the_towns_own_day(client: FlaskClient, town: Session) -> None:
    found = posted(client, incident(1, 1, reported_at="2026-06-05T17:00:00Z"))["properties"]

    assert found["number"].startswith("20260606-")


def test_the_answer_names_who_is_on_duty(client: FlaskClient, town: Session) -> None:
    assert posted(client, incident(-10, 10))["properties"]["duty"] == {
        "post": "micro_leader",
        "title": "微网格长",
        "holder": "黄屋一微网格长",
        "phone": "0769-00000001",
        "organisation": "黄屋村",
    }


def test_a_vacant_post_is_nobody_on_duty(client: FlaskClient, town: Session) -> None:
    town.execute(text("UPDATE duties SET holder = ''"))

    assert posted(client, incident(-10, 10))["properties"]["duty"] is None


def test_an_incident_begins_with_its_first_step(client: FlaskClient, town: Session) -> None:
    number = posted(client, incident(1, 1, source="12345"))["id"]

    (step,) = client.get(f"/collections/incidents/items/{number}/steps").get_json(force=True)

    assert (step["stage_from"], step["stage_to"], step["unit"]) == (None, "reported", "12345")


def test_words_that_mean_one_building_are_placed_there(client: FlaskClient, town: Session) -> None:
    add_building(town, "B1", (100, 100), road="黄屋路", door="12号", address="黄屋路12号")
    add_building(town, "B2", (-100, 100), road="黄屋路", door="88号", address="黄屋路88号")

    found = posted(client, feature(None, address="黄屋路12号"))

    assert (found["properties"]["placed_by"], found["properties"]["grid_code"]) == ("address", EAST)
    assert found["geometry"]["coordinates"] == pytest.approx(at(100, 100), abs=1e-6)


def test_words_that_mean_nothing_wait_in_the_tray(client: FlaskClient, town: Session) -> None:
    found = posted(client, feature(None, address="村口那边"))

    assert (found["geometry"], found["properties"]["placed_by"]) == (None, None)
    assert found["properties"]["confidence"] == 0


def test_words_that_could_mean_two_buildings_wait_with_both(
    client: FlaskClient, town: Session
) -> None:
    made = [
        add_building(
            town, f"B{n}", (100, 100 * n), road="黄屋路", door=f"1{n}号", address=f"黄屋路1{n}号"
        ).id
        for n in (0, 1)
    ]

    found = posted(client, feature(None, address="黄屋路1号旁边"))

    assert found["geometry"] is None
    assert {c["building_id"] for c in found["properties"]["candidates"]} <= set(made)
    assert found["properties"]["candidates"]


def test_the_accuracy_is_the_radius_of_95_in_100() -> None:
    assert places.sigma_of(20) == pytest.approx(20 / SIGMAS)


def test_each_incident_after_the_millionth_has_a_number_of_its_own(own_database: Settings) -> None:
    with create_engine(own_database.owner_database_url, poolclass=NullPool).begin() as owner:
        owner.execute(text("SELECT setval('incidents_id_seq', 1000000)"))
    scope = Scope(own_database.district)
    with Session(create_engine(own_database.database_url, poolclass=NullPool)) as session:
        load_categories(session, scope, categories(scope.district))
        stored = [intake.report(session, scope, feature_of(incident(1, 1))) for _ in range(2)]

    numbers = [orjson.loads(one.body)["properties"]["number"] for one in stored]
    assert [number.split("-")[1] for number in numbers] == ["1000001", "1000002"]
