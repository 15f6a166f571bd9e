"""Whatever is sent as a feature or a patch, nothing breaks: never a 500."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories import add_building
from tests.gis_server.editors import ITEMS, MERGE, house
from tests.gis_server.test_fuzz import FUZZ, GEOMETRY, JSON

NAMES = st.sampled_from(
    [
        *("code", "name", "road", "households", "rental", "height_m", "floors", "danger_grade"),
        *("kind", "deadline", "l", "state", "attributes", "class", "nature", "id", "point"),
    ]
)
PROPERTIES = st.dictionaries(NAMES | st.text(max_size=5), JSON | st.text(max_size=5), max_size=6)
SHAPES = st.just(house()["geometry"]) | GEOMETRY | JSON
CODES = count(1)
REFUSED = {400, 404, 409, 412, 428}


@FUZZ
@given(
    items=st.sampled_from(["buildings", "facilities", "hazards", "grids", "areas", "streets"]),
    shape=SHAPES,
    named=PROPERTIES,
    crs=st.sampled_from(["EPSG:4547", "EPSG:4490", "EPSG:3857", "CRS84"]) | st.none(),
)
def test_no_feature_breaks_a_creation(
    planner: FlaskClient, items: str, shape: Any, named: Any, crs: str | None
) -> None:
    given_name = {"code": "N1", "kind": "x", "class": "x", **named}
    document = {"type": "Feature", "geometry": shape, "properties": given_name}
    headers = {"Content-Crs": f"<{crs}>"} if crs else {}

    reply = planner.post(
        f"/collections/{items}/items",
        data=json.dumps(document),
        content_type="application/geo+json",
        headers=headers,
    )

    assert reply.status_code in REFUSED | {201, 405}


@FUZZ
@given(
    patch=st.fixed_dictionaries(
        {}, optional={"properties": PROPERTIES | JSON, "geometry": SHAPES, "type": JSON}
    )
    | JSON,
    match=st.sampled_from(['"1"', '"1", "2"', "*", "1"]) | st.text('0123456789"W/*, ', max_size=6),
)
def test_no_patch_breaks_a_change(
    planner: FlaskClient, town: Session, patch: Any, match: str
) -> None:
    number = add_building(town, f"B{next(CODES)}", (-100, 0)).id

    reply = planner.patch(
        f"{ITEMS}/{number}",
        data=json.dumps(patch),
        content_type=MERGE,
        headers={"If-Match": match},
    )

    assert reply.status_code in REFUSED | {204}


@FUZZ
@given(body=st.binary(max_size=120), method=st.sampled_from(["PUT", "PATCH", "POST", "DELETE"]))
def test_no_bytes_break_an_edit(planner: FlaskClient, body: bytes, method: str) -> None:
    kind = MERGE if method == "PATCH" else "application/geo+json"
    address = ITEMS if method == "POST" else f"{ITEMS}/1"

    reply = planner.open(address, method=method, data=body, content_type=kind)

    assert reply.status_code in REFUSED


@FUZZ
@given(
    body=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: f"lon,lat\n{t}".encode()),
    kind=st.sampled_from(["text/csv", "application/geo+json-seq", "application/x-ndjson"]),
)
def test_no_bytes_break_a_batch_of_places(
    client: FlaskClient, town: Session, body: bytes, kind: str
) -> None:
    reply = client.post("/locate:batch", data=body, content_type=kind)

    assert reply.status_code in {200, 400}
    assert reply.data
