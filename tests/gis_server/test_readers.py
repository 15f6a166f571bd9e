"""Who asks: no page of another site by his cookie, nobody by a shared cache, and at no cost."""

from __future__ import annotations

import timeit
from typing import Any, NoReturn

import pytest
from flask import Response
from flask.testing import FlaskClient

from gis_server.access import COOKIE
from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.db import Database
from tests.gis_server.doors import GOOD

OTHERS = [
    {"Origin": "http://elsewhere.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", OTHERS)
@pytest.mark.parametrize(
    "path", ["/login", "/logout", "/collections/incidents/items", "/collections/x/items/1/steps"]
)
def test_no_page_of_another_site_changes_anything(
    door: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    reply = door.post(path, json=GOOD, headers=headers)

    assert (reply.status_code, reply.mimetype) == (403, "application/problem+json")


def test_our_own_pages_may(door: FlaskClient) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}

    assert door.post("/login", json=GOOD, headers=headers).status_code == 200


def test_a_link_from_another_site_may_be_followed(door: FlaskClient) -> None:
    assert door.get("/account", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_what_a_reader_is_told_is_kept_out_of_shared_caches(door: FlaskClient) -> None:
    open_to_all = door.get("/collections/grids/items").headers
    door.post("/login", json=GOOD)
    own = door.get("/collections/grids/items").headers

    assert "Cookie" not in open_to_all.get("Vary", "")
    assert (own["Cache-Control"], "Cookie" in own["Vary"]) == ("private, no-cache", True)


def _never() -> NoReturn:
    raise AssertionError("a session was opened")


def test_a_visitor_costs_next_to_nothing(settings: Settings) -> None:
    app = create_app(settings, Database(_never, _never, _never, _never))
    before, after = app.before_request_funcs[None], app.after_request_funcs[None]

    with app.test_request_context("/collections/incidents/items", method="POST"):
        reply = Response()
        each_s, peer_s = (
            min(timeit.repeat(act, number=500, repeat=9))
            for act in (lambda: _run(before, after, reply), lambda: Response(b"{}", 200))
        )

    assert each_s < 5 * peer_s  # of the order of an empty reply; 1.7 when it was written


@pytest.mark.parametrize("path", ["/wall", "/static/css/tokens.css"])
def test_pages_come_to_who_is_signed_in_without_the_database(
    door: FlaskClient, settings: Settings, path: str
) -> None:
    door.post("/login", json=GOOD)
    cookie = door.get_cookie(COOKIE)
    assert cookie is not None
    away = create_app(settings, Database(_never, _never, _never, _never)).test_client()
    away.set_cookie(COOKIE, cookie.value)

    with away.get(path) as page:
        assert (page.status_code, "Cookie" in page.headers.get("Vary", "")) == (200, False)


def _run(before: list[Any], after: list[Any], reply: Response) -> None:
    for hook in before:
        hook()
    for hook in after:
        hook(reply)
