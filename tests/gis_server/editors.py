"""What tests of editing share: who edits, what is sent, and a building to send."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from layers.base import Reader
from tests.factories import block

ITEMS = "/collections/buildings/items"
MERGE = "application/merge-patch+json"
PLANNER = Reader(account="planner", roles=frozenset({"planner"}))

Json = dict[str, Any]


def ring(west_m: float = -60, south_m: float = 10) -> list[list[float]]:
    """Draw a square of 10 m as the coordinates of a ring."""
    square = block(west_m, south_m, west_m + 10, south_m + 10)
    return [list(position) for position in square.exterior.coords]


def house(code: str = "N1", **properties: Any) -> Json:
    """Write a building of 10 m × 10 m in the western half."""
    shape = {"type": "Polygon", "coordinates": [ring()]}
    return {"type": "Feature", "geometry": shape, "properties": {"code": code, **properties}}


def created(client: FlaskClient, feature: Json, items: str = ITEMS) -> str:
    """Create a feature that must be taken; its address."""
    reply = client.post(items, json=feature, content_type="application/geo+json")
    assert reply.status_code == 201, reply.text
    return str(reply.headers["Location"])


def patched(client: FlaskClient, address: str, patch: Any, **headers: str) -> TestResponse:
    """Send a merge patch based on the present version, unless the headers say another."""
    based = {"If-Match": client.get(address).headers["ETag"], **headers}
    return client.patch(address, json=patch, content_type=MERGE, headers=based)


def properties(client: FlaskClient, address: str) -> Json:
    """Read the properties of a feature."""
    return dict(client.get(address).get_json(force=True)["properties"])
