"""Plain questions that are answered before Flask routes them get the routes' own answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from gis_server import listing
from tests.factories import add_building, at

BUILDINGS = "/collections/buildings/items"
BY_THE_ROUTES = {"Authorization": "none"}  # what the quick way leaves to the routes
LEFT_OUT = {"Content-Length", "Date"}  # the server adds the date of its own
TIME = re.compile(rb'"timeStamp":"[^"]+"')
BOX = ",".join(str(v) for v in (*at(-10, -10), *at(50, 10)))


@pytest.fixture
def street(session: Session) -> list[int]:
    """Build a dozen houses in a row; their ids."""
    built = [add_building(session, f"A{i:02}", (10.0 * i, 0.0), name="安居") for i in range(12)]
    session.flush()
    return [house.id for house in built]


def _answer(client: FlaskClient, path: str, headers: dict[str, str]) -> Any:
    reply = client.get(path, headers=headers)
    told = {name: value for name, value in reply.headers if name not in LEFT_OUT}
    told["Vary"] = sorted(part for part in told.get("Vary", "").split(", ") if part != "Cookie")
    body = reply.data if "Content-Encoding" in told else TIME.sub(b"", reply.data)
    return reply.status_code, told, body if "Content-Encoding" not in told else b""


@pytest.mark.parametrize("coding", ["", "gzip", "gzip, br", "deflate"])
@pytest.mark.parametrize(
    "query",
    [
        *("", "?limit=3", f"?bbox={BOX}", f"?bbox={BOX}&limit=2", "?bbox=179,0,-179,1"),
        *("?limit=0", "?limit=x", "?bbox=1,2", "?bbox=", "?limit=1&limit=2", "?nothing=1"),
        *("?f=json", "?sortby=code&limit=2", "?limit=99999"),
    ],
)
def test_both_ways_list_the_same(
    client: FlaskClient, street: list[int], query: str, coding: str
) -> None:
    headers = {"Accept-Encoding": coding} if coding else {}

    quick = _answer(client, BUILDINGS + query, headers)

    assert quick == _answer(client, BUILDINGS + query, headers | BY_THE_ROUTES)


@pytest.mark.parametrize("coding", ["", "gzip", "gzip, br"])
@pytest.mark.parametrize("tail", ["", "?crs=EPSG:3857", "?limit=1"])
def test_both_ways_tell_the_same_of_one_feature(
    client: FlaskClient, street: list[int], tail: str, coding: str
) -> None:
    path, headers = f"{BUILDINGS}/{street[0]}{tail}", {"Accept-Encoding": coding}

    quick = _answer(client, path, headers)

    assert quick == _answer(client, path, headers | BY_THE_ROUTES)


@pytest.mark.parametrize(
    "path", [f"{BUILDINGS}/0", f"{BUILDINGS}/999999", "/collections/dragons/items"]
)
def test_what_is_not_there_is_not_found_by_either_way(client: FlaskClient, path: str) -> None:
    assert _answer(client, path, {}) == _answer(client, path, BY_THE_ROUTES)


@pytest.mark.parametrize(
    "host", ["gis", "gis.cn:8400", "GIS", "a..b", ".", "gis:0080", "gis:65536", "a" * 64, "[::1]:8"]
)
def test_both_ways_name_the_same_host(client: FlaskClient, street: list[int], host: str) -> None:
    path, headers = f"{BUILDINGS}/{street[0]}", {"Host": host}

    quick = _answer(client, path, headers)

    assert quick == _answer(client, path, headers | BY_THE_ROUTES)


def test_a_plain_question_never_reaches_the_routes(
    client: FlaskClient, street: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FORMS", {})
    monkeypatch.setattr(listing, "SINGLE_FORMS", {})

    found = client.get(f"{BUILDINGS}?bbox={BOX}&limit=2"), client.get(f"{BUILDINGS}/{street[0]}")

    assert [reply.status_code for reply in found] == [200, 200]
