"""Questions about a place: its grids, what lies in one, and where some words are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from geodata.crs import gcj02_from_wgs84
from tests.factories import (
    EAST,
    GRID,
    WEST,
    Json,
    add_building,
    add_grid,
    at,
    block,
    feature,
    incident,
    posted,
)


def _locate(client: FlaskClient, east: float, north: float, **asked: Any) -> Json:
    lon, lat = at(east, north)
    reply = client.get("/locate", query_string={"lon": lon, "lat": lat, **asked})
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


def _json(client: FlaskClient, address: str, **asked: Any) -> Json:
    reply = client.get(address, query_string=asked)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


def _codes(grids: list[Json]) -> list[str]:
    return [grid["code"] for grid in grids]


def test_a_place_has_the_grids_of_all_levels_the_answering_one_first(
    client: FlaskClient, town: Session
) -> None:
    found = _locate(client, 10, 10)

    assert _codes(found["grids"]) == [EAST, GRID]
    assert [grid["answers"] for grid in found["grids"]] == [True, False]


def test_a_place_has_the_grids_of_all_nets(client: FlaskClient, town: Session) -> None:
    add_grid(town, "P1", block(-500, -500, 500, 500), net="police", kind="professional", level=1)

    assert {grid["net"] for grid in _locate(client, 10, 10)["grids"]} == {"general", "police"}


def test_a_place_names_who_holds_its_posts(client: FlaskClient, town: Session) -> None:
    grid = _locate(client, -10, 10)["grids"][0]

    assert grid["duties"] == [
        {
            "post": "micro_leader",
            "title": "微网格长",
            "holder": "黄屋一微网格长",
            "phone": "0769-00000001",
            "rank": 0,
            "category": None,
            "organisation": "黄屋村",
        }
    ]


def test_a_place_outside_every_grid_has_none(client: FlaskClient, town: Session) -> None:
    found = _locate(client, 9000, 0)

    assert (found["grids"], found["neighbours"], found["areas"]) == ([], [], [])


def test_at_the_border_both_sides_are_told_with_their_chances(
    client: FlaskClient, town: Session
) -> None:
    found = _locate(client, 8, 10, accuracy_m=20)

    (neighbour,) = found["neighbours"]
    assert (found["grids"][0]["code"], neighbour["code"]) == (EAST, WEST)
    assert found["grids"][0]["chance"] == pytest.approx(0.836, abs=0.02)
    assert found["grids"][0]["chance"] + neighbour["chance"] == pytest.approx(1, abs=0.006)


def test_a_grid_above_keeps_the_chance_that_the_place_is_in_it(
    client: FlaskClient, town: Session
) -> None:
    found = _locate(client, 0, 0, accuracy_m=20)

    assert {grid["code"]: grid["chance"] for grid in found["grids"]}[GRID] == 1


def test_a_place_may_be_told_in_gcj02(client: FlaskClient, town: Session) -> None:
    lon, lat = gcj02_from_wgs84(np.array([at(10, 10)]))[0]

    found = _json(client, "/locate", lon=lon, lat=lat, crs="gcj02")

    assert found["point"] == pytest.approx(at(10, 10), abs=1e-6)
    assert found["grids"][0]["code"] == EAST


def test_a_place_has_the_grids_of_a_time(client: FlaskClient, town: Session) -> None:
    found = _locate(client, 10, 10, valid_at="2020-01-01T00:00:00+08:00")

    assert found["valid_at"] == "2019-12-31T16:00:00+00:00"
    assert _codes(found["grids"]) == [EAST, GRID]


def test_an_address_is_a_place(client: FlaskClient, town: Session) -> None:
    add_building(town, "B1", (100, 100), road="黄屋路", door="12号", address="黄屋路12号")

    found = _json(client, "/locate", q="黄屋路12号")

    assert (found["placed"], found["grids"][0]["code"]) == (True, EAST)
    assert found["candidates"][0]["label"]


def test_a_dossier_tells_the_grid_and_its_posts(client: FlaskClient, town: Session) -> None:
    number = _locate(client, -10, 10)["grids"][0]["id"]

    found = _json(client, f"/dossier/{number}")

    assert (found["grid"]["code"], found["grid"]["parent_code"]) == (WEST, GRID)
    assert found["grid"]["area_m2"] == pytest.approx(80_000, rel=0.01)
    assert found["duties"][0]["holder"] == "黄屋一微网格长"
    assert found["organisations"][0]["name"] == "黄屋村"


def test_a_dossier_counts_what_lies_in_the_grid(client: FlaskClient, town: Session) -> None:
    add_building(town, "B1", (100, 100), households=7, residents=20, address="黄屋路12号")
    add_building(town, "B2", (-100, 100), households=5)
    number = _locate(client, 10, 10)["grids"][0]["id"]

    sections = {s["layer"]: s for s in _json(client, f"/dossier/{number}")["sections"]}

    figures = {f["label"]: f["value"] for f in sections["buildings"]["figures"]}
    assert (figures["Buildings"], figures["Households"], figures["Residents"]) == (1, 7, 20)
    assert sections["buildings"]["rows"][0]["label"] == "黄屋路12号"


def test_a_dossier_leaves_out_what_is_another_districts(client: FlaskClient, town: Session) -> None:
    add_building(town, "B1", (100, 100), district=441901)
    number = _locate(client, 10, 10)["grids"][0]["id"]

    sections = {s["layer"]: s for s in _json(client, f"/dossier/{number}")["sections"]}

    assert (sections["buildings"]["count"], sections["buildings"]["rows"]) == (0, [])


def test_a_dossier_of_a_grid_counts_the_cases_of_its_micro_grids(
    client: FlaskClient, town: Session
) -> None:
    posted(client, incident(10, 10))
    posted(client, incident(-10, 10))
    number = _locate(client, 10, 10)["grids"][1]["id"]

    sections = {s["layer"]: s for s in _json(client, f"/dossier/{number}")["sections"]}

    assert sections["incidents"]["count"] == 2
    assert len(sections["incidents"]["rows"]) == 2


def test_a_dossier_of_an_empty_grid_counts_nothing(client: FlaskClient, town: Session) -> None:
    number = _locate(client, 10, 10)["grids"][0]["id"]

    sections = _json(client, f"/dossier/{number}")["sections"]

    assert {section["count"] for section in sections} == {0}
    assert [section["rows"] for section in sections] == [[]] * len(sections)


def test_a_search_finds_a_code(client: FlaskClient, town: Session) -> None:
    found = _json(client, "/search", q=EAST)["results"]

    assert (found[0]["layer"], found[0]["label"]) == ("grids", EAST[-5:])


def test_a_search_finds_an_address(client: FlaskClient, town: Session) -> None:
    number = add_building(
        town, "B1", (100, 100), road="黄屋路", door="12号", address="黄屋路12号"
    ).id

    found = _json(client, "/search", q="黄屋路12号")["results"]

    assert (found[0]["layer"], found[0]["id"]) == ("buildings", number)
    assert (found[0]["lon"], found[0]["lat"]) == pytest.approx(tuple(at(100, 100)), abs=1e-6)


def test_a_search_finds_a_case_by_its_number(client: FlaskClient, town: Session) -> None:
    made = posted(client, feature(None, address="村口那边"))

    found = _json(client, "/search", q=made["properties"]["number"])["results"]

    assert (found[0]["layer"], found[0]["id"], found[0]["lon"]) == ("incidents", made["id"], None)


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "100%_\\"])
def test_a_search_takes_signs_as_they_are(client: FlaskClient, town: Session, words: str) -> None:
    assert _json(client, "/search", q=words)["results"] == []


def test_a_search_tells_each_find_once(client: FlaskClient, town: Session) -> None:
    add_building(town, "B1", (100, 100), road="黄屋路", door="12号", address="黄屋路12号")

    found = _json(client, "/search", q="黄屋路12号")["results"]

    assert len({(one["layer"], one["id"]) for one in found}) == len(found)


def test_a_search_is_cut_to_its_limit(client: FlaskClient, town: Session) -> None:
    assert len(_json(client, "/search", q="4419", limit=2)["results"]) == 2


@pytest.mark.parametrize(
    "asked",
    [
        "/locate?lon=113.9&lat=22.9&deep=1",
        "/locate?lon=113.9&lat=22.9&lat=23",
        "/locate?q=x&lon=113.9",
        "/search?q=x&deep=1",
        "/dossier/1?deep=1",
    ],
)
def test_a_parameter_that_means_nothing_is_refused(client: FlaskClient, asked: str) -> None:
    reply = client.get(asked)

    assert (reply.status_code, reply.mimetype) == (400, "application/problem+json")
