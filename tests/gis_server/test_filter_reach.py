"""Where filters reach: every answer about a layer, its record, and collections made of files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from shapely import Point
from sqlalchemy import update
from sqlalchemy.orm import Session

from layers.buildings import Building
from layers.registers import revise
from tests import factories
from tests.gis_server.filter_samples import add_samples

BUILDINGS = "/collections/buildings"
ITEMS = f"{BUILDINGS}/items"
TILE = f"{BUILDINGS}/tiles/15/26755/14232"  # over A, B and C

ROWS: list[dict[str, Any]] = [
    {
        "编号": 9_007_199_254_740_993,
        "名称（全）": "黄屋",
        "日期": "2026-01-05",
        "标签": ["甲", "乙"],
    },
    {"编号": 9_007_199_254_740_992, "名称（全）": "École", "日期": None, "标签": []},
    {"编号": -7, "名称（全）": None, "日期": "2026-02-01", "标签": None},
]
SCHEMA = {"编号": "integer", "名称（全）": "string", "日期": "date", "标签": "array"}


@pytest.fixture
def samples(session: Session) -> Session:
    """Store the buildings that all filters are tried on."""
    add_samples(session)
    return session


@pytest.fixture
def imported(session: Session) -> Session:
    """Publish a file with Chinese names, whole numbers of 16 digits, days, lists and gaps."""
    places = [Point(factories.at(100 * n, 0)) for n in range(len(ROWS))]
    factories.add_collection(session, "人口", list(zip(places, ROWS, strict=True)), schema=SCHEMA)
    return session


def _codes(client: FlaskClient, **asked: str) -> list[str]:
    reply = client.get(ITEMS, query_string={"sortby": "code", **asked})
    assert reply.status_code == 200, reply.text
    return [f["properties"]["code"] for f in reply.get_json(force=True)["features"]]


def _ids(client: FlaskClient, text: str) -> list[int]:
    reply = client.get("/collections/人口/items", query_string={"filter": text})
    assert reply.status_code == 200, reply.text
    return sorted(f["id"] for f in reply.get_json(force=True)["features"])


def test_counts_are_of_what_the_filter_finds(samples: Session, client: FlaskClient) -> None:
    reply = client.get(f"{BUILDINGS}/count", query_string={"filter": "households > 9"})
    assert reply.get_json(force=True) == {"count": 2}


def test_a_filter_narrows_what_other_parameters_leave(
    samples: Session, client: FlaskClient
) -> None:
    text = "households > 9"
    assert _codes(client, filter=text, bbox="113.9399,22.98,113.9401,23") == ["A"]
    assert _codes(client, filter=text, rental="false") == ["B"]


def test_pages_of_a_filter_lead_to_the_end(samples: Session, client: FlaskClient) -> None:
    asked = {"filter": "name IS NOT NULL", "limit": "2", "sortby": "code"}
    first = client.get(ITEMS, query_string=asked).get_json(force=True)
    (following,) = (link["href"] for link in first["links"] if link["rel"] == "next")
    second = client.get(following).get_json(force=True)
    pages = [[f["properties"]["code"] for f in page["features"]] for page in (first, second)]
    assert pages == [["A", "B"], ["C"]]


def test_tiles_hold_only_what_the_filter_finds(samples: Session, client: FlaskClient) -> None:
    sizes = {
        text: len(client.get(TILE, query_string={"filter": text}).data)
        for text in ("FALSE", "code = 'A'", "code IN ('A', 'B')")
    }
    assert sizes["FALSE"] < sizes["code = 'A'"] < sizes["code IN ('A', 'B')"]


def test_files_hold_only_what_the_filter_finds(samples: Session, client: FlaskClient) -> None:
    reply = client.get(ITEMS, query_string={"f": "csv", "filter": "name LIKE '%azul'"})
    assert ("École Azul" in reply.text, "50%_it" in reply.text) == (False, False)
    assert "ecole azul" in reply.text


def test_a_past_record_is_filtered_as_it_stood(samples: Session, client: FlaskClient) -> None:
    before = datetime.now(UTC) - timedelta(days=1)
    samples.execute(update(Building).values(recorded_at=before - timedelta(days=1)))
    revise(samples, Building, Building.code == "A", {"households": 99, "name": "new"})
    text = "households = 10 AND S_INTERSECTS(geom, BBOX(113.93, 22.98, 113.95, 23))"
    assert _codes(client, filter=text) == []
    assert _codes(client, filter=text, as_of=before.isoformat()) == ["A"]


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "22.9899,113.9399,22.9901,113.9401"),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", "12683739,2630806,12683746,2630813"),
    ],
)
def test_the_system_of_a_filter_is_a_parameter(
    samples: Session, client: FlaskClient, crs: str, box: str
) -> None:
    asked = {"filter": f"S_INTERSECTS(geom, BBOX({box}))", "filter-crs": crs}
    assert _codes(client, **asked) == ["A"]


FOUND = {
    "编号 = 9007199254740993": [1],
    '"编号" < 9007199254740993': [2, 3],
    "编号 % 2 = 0": [2],
    "名称（全） IS NULL AND 编号 = -7": [3],
    "名称（全） = '黄屋'": [1],
    "\"名称（全）\" LIKE '%屋'": [1],
    "ACCENTI(CASEI(名称（全）)) = 'ecole'": [2],
    "日期 = DATE('2026-01-05')": [1],
    "日期 < TIMESTAMP('2026-01-31T16:00:00Z')": [1],
    "T_DURING(日期, INTERVAL('2026-01-06','..'))": [3],
    "A_CONTAINS(标签, ('乙'))": [1],
    "A_OVERLAPS(标签, ('甲', '丙'))": [1],
    "A_EQUALS(标签, ())": [2],
    "S_INTERSECTS(geometry, BBOX(113.9399,22.98,113.9401,23))": [1],
    "distance_m(geom, POINT(113.94 22.99)) < 150 AND id > 1": [2],
}


def test_imported_collections_are_filtered_by_their_own_names(
    imported: Session, client: FlaskClient
) -> None:
    assert {text: _ids(client, text) for text in FOUND} == FOUND


def test_an_imported_property_goes_before_the_id(session: Session, client: FlaskClient) -> None:
    rows = [(Point(factories.at(0, 0)), {"id": 5, "geom": "x"})]
    factories.add_collection(session, "人口", rows)
    assert _ids(client, "id = 5 AND geom = 'x' AND _id = 1") == [1]
    assert _ids(client, "id = 1") == []
