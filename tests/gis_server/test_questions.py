"""Questions of OGC API Features: where in any system, when, in which order, shown how."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyproj import Transformer
from sqlalchemy.orm import Session

from geodata.served_crs import OGC, SERVED
from layers.buildings import Building
from tests.factories import (
    SCOPE,
    add_building,
    at,
    incident,
    posted,
)
from tests.gis_server.questions import BUILDINGS, answered, codes, refused

ITEMS = "/collections/incidents/items"
ZONE, DEGREES = f"{OGC}/EPSG/0/4547", f"{OGC}/EPSG/0/4326"
DAY = timedelta(days=1)


def test_a_box_in_metres_finds_what_the_same_box_in_degrees_finds(
    client: FlaskClient, street: Session
) -> None:
    lonlat = Transformer.from_crs(4326, 4547, always_xy=True)
    (west, south), (east, north) = (lonlat.transform(*at(*p)) for p in ((-9, -9), (29, 9)))

    found = answered(client, BUILDINGS, bbox=f"{south},{west},{north},{east}", bbox_crs=ZONE)

    assert sorted(codes(found)) == ["A1", "A2"]


def test_a_box_of_epsg_4326_begins_with_its_latitude(client: FlaskClient, street: Session) -> None:
    (west, south), (east, north) = at(-9, -9), at(29, 9)

    found = answered(client, BUILDINGS, bbox=f"{south},{west},{north},{east}", bbox_crs=DEGREES)

    assert sorted(codes(found)) == ["A1", "A2"]


def test_a_box_across_the_180th_meridian_finds_both_its_sides(
    client: FlaskClient, session: Session
) -> None:
    for code, lon in {"W": 179.9, "E": -179.9, "far": 0.0}.items():
        place = f"SRID=4326;MULTIPOLYGON((({lon} 1,{lon + 0.01} 1,{lon + 0.01} 1.01,{lon} 1)))"
        session.add(Building(district=SCOPE.district, code=code, geom=place))
    session.flush()

    assert sorted(codes(answered(client, BUILDINGS, bbox="179,0,-179,2"))) == ["E", "W"]


def test_a_box_finds_shapes_and_not_their_boxes(client: FlaskClient, session: Session) -> None:
    corner = "SRID=4326;MULTIPOLYGON(((113 22,114 22,113 23,113 22)))"
    session.add(Building(district=SCOPE.district, code="half", geom=corner))
    session.flush()

    assert codes(answered(client, BUILDINGS, bbox="113.9,22.9,114,23")) == []


@pytest.mark.parametrize("uri", [uri for uri in SERVED if "CRS84" not in uri])
def test_shapes_are_written_in_the_system_and_axis_order_asked_for(
    client: FlaskClient, town: Session, uri: str
) -> None:
    posted(client, incident(10, 10))
    there = Transformer.from_crs(4326, SERVED[uri].srid, always_xy=True)
    east, north = there.transform(*at(10, 10))

    reply = client.get(f"{ITEMS}?crs={quote(uri)}")

    shape = reply.get_json(force=True)["features"][0]["geometry"]["coordinates"]
    wanted = [north, east] if SERVED[uri].flipped else [east, north]
    assert shape == pytest.approx(wanted, abs=1e-6 if "4326" in uri or "4490" in uri else 0.01)
    assert reply.headers["Content-Crs"] == f"<{uri}>"


def test_one_feature_is_written_in_the_system_asked_for(client: FlaskClient, town: Session) -> None:
    made = posted(client, incident(10, 10))

    found = answered(client, f"{ITEMS}/{made['id']}", crs=DEGREES)

    assert found["geometry"]["coordinates"] == made["geometry"]["coordinates"][::-1]


@pytest.mark.parametrize(
    ("query", "member"),
    {
        "crs=http://www.opengis.net/def/crs/EPSG/0/2154": "crs",
        "bbox=0,0,1,1&bbox-crs=EPSG:2154": "bbox-crs",
        f"bbox=0,0,1e30,1e30&bbox-crs={ZONE}": "bbox",
        f"bbox=-1e300,-1e300,1e300,1e300&bbox-crs={ZONE}": "bbox",
        f"bbox=9,9,1,1&bbox-crs={ZONE}": "bbox",
        "bbox=1,2,3,4,5": "bbox",
        "datetime=2026-13-01": "datetime",
        "datetime=2026-02-02/2026-01-01": "datetime",
        "datetime=2026-02-02T00:00:00": "datetime",
        "datetime=..": "datetime",
        "datetime=a/b/c": "datetime",
        "datetime=": "datetime",
        "sortby=nothing": "sortby",
        "resulttype=hits&sortby=nothing": "sortby",
        "sortby=candidates": "sortby",
        "sortby=": "sortby",
        "properties=nothing": "properties",
        "resulttype=few": "resulttype",
        "after=[1,2]": "after",
        "after=x": "after",
        "after=[true]": "after",
        'sortby=due_at&after=["x",1]': "after",
        'sortby=severity&after=["x",1]': "after",
        "offset=-1": "offset",
        "limit=unlimited": "limit",
        "f=docx": "f",
        "valid_at=yesterday": "valid_at",
        "nothing=1": "nothing",
    }.items(),
)
def test_a_question_that_means_nothing_is_refused_by_name(
    client: FlaskClient, town: Session, query: str, member: str
) -> None:
    assert refused(client, f"{ITEMS}?{query}") == (400, member)


def test_a_form_that_is_not_offered_is_not_acceptable(client: FlaskClient, town: Session) -> None:
    assert client.get(ITEMS, headers={"Accept": "image/png"}).status_code == 406


def test_features_come_in_the_order_asked_for_and_those_without_a_value_last(
    client: FlaskClient, street: Session
) -> None:
    rising = codes(answered(client, BUILDINGS, sortby="name,-floors"))
    falling = codes(answered(client, BUILDINGS, sortby="-name,floors"))

    assert rising == ["A5", "A1", "A4", "A2", "A3"]  # by pinyin: an, cang, che
    assert falling == ["A2", "A4", "A1", "A5", "A3"]


@pytest.mark.parametrize(
    "order", ["&sortby=name", "&sortby=-name", "&sortby=floors", "&sortby=name,-floors", ""]
)
def test_pages_hold_every_feature_once_while_others_come(
    client: FlaskClient, street: Session, order: str
) -> None:
    address, seen = f"{BUILDINGS}?limit=2{order}", list[str]()
    while address:
        page = client.get(address).get_json(force=True)
        seen += codes(page)
        if len(seen) < 6:
            add_building(street, f"0{len(seen)}", (300, 0), name="安", floors=-len(seen))
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")

    old = [code for code in seen if code.startswith("A")]
    assert sorted(old) == ["A1", "A2", "A3", "A4", "A5"]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("order", ["in_grid", "-in_grid"])
def test_pages_go_on_in_the_order_of_a_truth_value(
    client: FlaskClient, town: Session, order: str
) -> None:
    made = [posted(client, incident(10, 10))["id"] for _ in range(3)]

    first = answered(client, ITEMS, sortby=order, limit=1)
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")

    assert client.get(following).get_json(force=True)["features"][0]["id"] == made[1]


def test_an_offset_passes_over_features(client: FlaskClient, street: Session) -> None:
    whole = codes(answered(client, BUILDINGS, sortby="code"))

    assert codes(answered(client, BUILDINGS, sortby="code", offset=3)) == whole[3:]
