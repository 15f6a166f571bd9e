"""Whatever is sent, nothing breaks: never a 500."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories import point

ITEMS = "/collections/incidents/items"
GEOJSON = "application/geo+json"
FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NUMBERS = st.integers() | st.floats() | st.sampled_from([1e308, -1e308, 2**63, 2**64, -0.0, 5e-324])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
POSITIONS = st.lists(NUMBERS | JSON, max_size=3)
GEOMETRY = st.fixed_dictionaries(
    {"type": st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon"]) | JSON},
    optional={
        "coordinates": POSITIONS | st.lists(POSITIONS) | st.lists(st.lists(POSITIONS)) | JSON
    },
)
FEATURES = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "geometry": st.none() | GEOMETRY | st.just(point(0, 0)) | JSON,
        "properties": st.fixed_dictionaries(
            {"category": st.sampled_from(["101", "999"]) | JSON},
            optional={
                "severity": st.integers(1, 4) | JSON,
                "address": st.text() | JSON,
                "description": st.text() | JSON,
                "source": st.text() | JSON,
                "external_id": st.text() | JSON,
                "accuracy_m": st.floats(0, 1e5) | JSON,
                "reported_at": st.datetimes().map(lambda t: f"{t.isoformat()}+08:00") | JSON,
                "crs": st.sampled_from(["gcj02", "bd09", "EPSG:4547", "EPSG:4490", "CRS84"]) | JSON,
                "photos": st.lists(st.text(), max_size=3) | JSON,
            },
        )
        | JSON,
    }
)


@FUZZ
@given(document=FEATURES)
def test_no_feature_breaks_the_server(client: FlaskClient, town: Session, document: Any) -> None:
    reply = client.post(ITEMS, data=json.dumps(document), content_type=GEOJSON)

    assert reply.status_code in (201, 400, 409)


@FUZZ
@given(document=JSON)
def test_no_json_breaks_an_action(dispatcher: FlaskClient, town: Session, document: Any) -> None:
    body = json.dumps(document)

    stepped = dispatcher.post(f"{ITEMS}/1/steps", data=body, content_type="application/json")
    placed = dispatcher.post(f"{ITEMS}/1/place", data=body, content_type="application/json")

    assert {stepped.status_code, placed.status_code} <= {400, 404}


@FUZZ
@given(body=st.binary(max_size=200), kind=st.sampled_from([GEOJSON, "application/geo+json-seq"]))
def test_no_bytes_break_the_server(
    client: FlaskClient, town: Session, body: bytes, kind: str
) -> None:
    assert client.post(ITEMS, data=body, content_type=kind).status_code in (200, 400)


WORDS = st.text(max_size=30) | st.sampled_from(
    ["nan", "1e400", "-1", "true", "0,0,1,1", "EPSG:4326"]
)


@FUZZ
@given(
    name=st.sampled_from(
        ["bbox", "limit", "ids", "after", "stage", "severity", "live", "confidence"]
    )
    | WORDS,
    value=WORDS,
)
def test_no_question_breaks_a_list(
    client: FlaskClient, town: Session, name: str, value: str
) -> None:
    assert client.get(ITEMS, query_string={name: value}).status_code in (200, 400)


@FUZZ
@given(words=st.text(max_size=60))
def test_no_words_break_the_search(client: FlaskClient, town: Session, words: str) -> None:
    assert client.get("/search", query_string={"q": words}).status_code in (200, 400)
    assert client.get("/locate", query_string={"q": words}).status_code in (200, 400, 404)


@FUZZ
@given(
    crs=st.text(max_size=40)
    | st.from_regex(r"\+proj=[a-z]{3,6}( \+[a-z_0-9]{1,6}=[0-9.a-z-]{1,6}){0,4}", fullmatch=True)
)
def test_no_crs_breaks_the_server(client: FlaskClient, town: Session, crs: str) -> None:
    asked = {"lon": "113.94", "lat": "22.99", "crs": crs}

    assert client.get("/locate", query_string=asked).status_code in (200, 400)
