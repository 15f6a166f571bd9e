"""Answers come packed when they are long and the client can unpack them; their tags stay true."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import brotli
import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from gis_server import compressing
from gis_server.compressing import LONG_BYTES, SMALL_BYTES
from layers.base import Reader
from tests.gis_server.editors import PLANNER, created, house

GZIP = {"Accept-Encoding": "gzip"}
GRIDS = "/collections/grids/items"


@pytest.fixture
def web() -> FlaskClient:
    """Answer as many bytes, in the type and with the tag, as the address asks for."""
    app = Flask(__name__)
    compressing.beside(app)

    @app.get("/<int:size>")
    def answer(size: int) -> Response:
        told = request.args
        reply = Response(b"1" * size, mimetype=told.get("type", "application/json"))
        if "tag" in told:
            reply.headers["ETag"] = told["tag"]
        return reply.make_conditional(request)

    @app.get("/stream")
    def stream() -> Response:
        return Response(iter([b"1" * SMALL_BYTES]), mimetype="application/json")

    return app.test_client()


@pytest.mark.parametrize("size", [SMALL_BYTES, LONG_BYTES])
def test_a_long_answer_is_packed(web: FlaskClient, size: int) -> None:
    reply = web.get(f"/{size}", headers=GZIP)

    assert (reply.headers["Content-Encoding"], reply.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(reply.data) == b"1" * size
    assert int(reply.headers["Content-Length"]) == len(reply.data) < size


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        (f"/{SMALL_BYTES - 1}", "gzip"),
        (f"/{SMALL_BYTES}", ""),
        (f"/{SMALL_BYTES}", "zstd"),
        (f"/{SMALL_BYTES}", "gzip;q=0, br;q=0"),
        (f"/{SMALL_BYTES}?type=image/png", "gzip"),
        (f"/{SMALL_BYTES}?type=text/event-stream", "gzip"),
        ("/stream", "gzip"),
    ],
)
def test_other_answers_are_as_they_are(web: FlaskClient, path: str, accepted: str) -> None:
    reply = web.get(path, headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in reply.headers
    assert set(reply.data) == {ord("1")}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=0, br", "br"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("*", "br"),
    ],
)
def test_the_form_is_the_one_that_the_client_likes_best(
    web: FlaskClient, accepted: str, coding: str
) -> None:
    tagged = {"tag": '"7"'}
    reply = web.get(f"/{SMALL_BYTES}", query_string=tagged, headers={"Accept-Encoding": accepted})

    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress}[coding](reply.data)
    assert (reply.headers["Content-Encoding"], unpacked) == (coding, b"1" * SMALL_BYTES)
    assert reply.headers["ETag"] == f'"7;{coding}"'


@pytest.mark.parametrize("kind", ["application/geo+json", "application/problem+json"])
def test_every_kind_of_json_is_packed(web: FlaskClient, kind: str) -> None:
    reply = web.get(f"/{SMALL_BYTES}", query_string={"type": kind}, headers=GZIP)

    assert reply.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "packed"])
def test_what_is_packed_for_some_says_so_to_caches(
    web: FlaskClient, headers: dict[str, str]
) -> None:
    assert web.get(f"/{SMALL_BYTES}", headers=headers).headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("tag", "packed"), [('"7"', '"7;gzip"'), ('W/"7"', 'W/"7"')])
def test_a_packed_answer_has_a_tag_of_its_own(web: FlaskClient, tag: str, packed: str) -> None:
    reply = web.get(f"/{SMALL_BYTES}", query_string={"tag": tag}, headers=GZIP)

    assert reply.headers["ETag"] == packed


@pytest.mark.parametrize("tag", ['"7"', '"7;gzip"', '"7;br"', 'W/"7"', '"3", "7;gzip"'])
def test_what_the_client_holds_is_not_sent_again(web: FlaskClient, tag: str) -> None:
    headers = {**GZIP, "If-None-Match": tag}

    reply = web.get(f"/{SMALL_BYTES}", query_string={"tag": '"7"'}, headers=headers)

    assert (reply.status_code, reply.data) == (304, b"")
    assert reply.headers["ETag"] == ('"7"' if ";" not in tag else tag.rpartition(", ")[2])


def test_a_feature_that_came_packed_can_be_changed_by_its_tag(
    client_as: Callable[[Reader], FlaskClient], town: Session
) -> None:
    planner = client_as(PLANNER)
    address = created(planner, house(name="长" * 900))
    held = planner.get(address, headers=GZIP)
    assert held.headers["ETag"] == '"1;gzip"'

    changed = {"If-Match": held.headers["ETag"], "Content-Type": "application/merge-patch+json"}
    patch = json.dumps({"properties": {"name": "短"}})
    first, again = (planner.patch(address, data=patch, headers=changed) for _ in range(2))

    assert (first.status_code, again.status_code) == (204, 412)


def test_a_list_comes_packed_as_it_comes_plain(client: FlaskClient, town: Session) -> None:
    plain, packed = (client.get(GRIDS, headers=headers) for headers in ({}, GZIP))

    told = json.loads(gzip.decompress(packed.data))
    assert told["features"] == plain.get_json(force=True)["features"]
