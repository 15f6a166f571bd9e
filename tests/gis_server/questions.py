"""What tests of questions share: how they ask, and what they read of the answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from tests.factories import Json

BUILDINGS = "/collections/buildings/items"
GRIDS = "/collections/grids/items"


def answered(client: FlaskClient, path: str, **asked: Any) -> Json:
    """Ask what must be answered; parameters are named with _ for -."""
    told = {name.replace("_", "-"): value for name, value in asked.items()}
    reply = client.get(f"{path}?{urlencode(told)}")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def refused(client: FlaskClient, path: str) -> tuple[int, str]:
    """Ask what must be refused; the status, and the parameter that is wrong."""
    reply = client.get(path)
    return reply.status_code, reply.get_json(force=True)["member"]


def codes(page: Json) -> list[str]:
    """List the codes of a page's features."""
    return [feature["properties"]["code"] for feature in page["features"]]
