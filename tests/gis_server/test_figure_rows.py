"""A figure opens exactly the rows that it counts, however they were picked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from layers.base import Query
from tests.cases import add_case, ago
from tests.factories import Json

PERIOD = {"from": ago(72).isoformat(), "to": ago(-24).isoformat()}
SOME = ("filed", "due", "closed")
# In degrees 113.94,22.98,113.95,23.0.
METRES = "12683742.8,2629283.2,12684856.1,2631703.7"
PICKED = {
    "filter": {"filter": "severity >= 2 AND address <> '50% & more'"},
    "json": {
        "filter": '{"op":">=","args":[{"property":"severity"},2]}',
        "filter-lang": "cql2-json",
    },
    "places": {
        "filter": "S_INTERSECTS(geom, BBOX(22.98, 113.94, 23.0, 113.95))",
        "filter-crs": "http://www.opengis.net/def/crs/EPSG/0/4326",
    },
    "box": {"bbox": METRES, "bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/3857"},
    "time": {"datetime": f"../{ago(5).isoformat()}"},
    "box and filter": {"bbox": "113.94,22.98,113.95,23.0", "filter": "severity >= 2"},
}


@pytest.fixture
def cases(town: Session) -> Session:
    """Store a case that no question picks, and two that all of them pick."""
    inside, outside = (f"SRID=4326;POINT({lon} 22.99)" for lon in (113.945, 113.995))
    add_case(town, ago(2), severity=1, geom=outside, address="50% & more")
    add_case(town, ago(20), severity=2, geom=inside, address="a street")
    add_case(town, ago(20), severity=3, geom=inside, address="a street", closed_at=ago(10))
    return town


def _asked(client: FlaskClient, what: str, asked: Json) -> Json:
    reply = client.get(f"/collections/incidents/{what}?{urlencode(asked)}")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def _listed(client: FlaskClient, group: Json) -> dict[str, Any]:
    return {
        figure: _asked(client, "count", group["rows"] | {"figure": figure})["count"]
        for figure in SOME
    }


@pytest.mark.parametrize("picked", PICKED)
@pytest.mark.parametrize("how", [{"by": "day"}, {"by": "category", "as_of": ago(0).isoformat()}])
def test_the_rows_of_a_group_are_those_that_were_picked(
    client: FlaskClient, cases: Session, picked: str, how: Json
) -> None:
    found = _asked(client, "figures", PERIOD | PICKED[picked] | how)["groups"]

    (group,) = [group for group in found if group["figures"]["filed"]]
    assert group["figures"]["filed"] == 2
    assert _listed(client, group) == {name: group["figures"][name] for name in SOME}


def test_how_a_question_was_worded_makes_it_no_other_question() -> None:
    assert Query(said={"bbox": "0,0,1,1"}) == Query()
