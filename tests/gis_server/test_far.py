"""Places that a system does not reach are refused, and are no error of the server."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from layers.buildings import Building
from tests.factories import SCOPE


@pytest.fixture
def far(session: Session) -> Session:
    """Build a house on the equator, a quarter of the Earth from the zone's meridian of 114° E."""
    place = "SRID=4326;MULTIPOLYGON(((24 0,24.001 0,24.001 0.001,24 0)))"
    session.add(Building(district=SCOPE.district, code="far", geom=place))
    session.flush()
    return session


def test_what_lies_beyond_a_system_is_refused(client: FlaskClient, far: Session) -> None:
    reply = client.get("/collections/buildings/items?crs=EPSG:4547&code=far")

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, "crs")
