"""What is private of a layer is told to who is signed in, whichever way a visitor asks."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers import find_layers
from layers.base import VISITOR, Layer, Reader
from tests.conftest import Desk
from tests.factories import DISPATCHER

DUTIES = "/collections/duties/items"


@pytest.fixture
def held(town: Session) -> Session:
    """Let a post be held by somebody whose name must not be public."""
    town.execute(text("UPDATE duties SET holder = '任岗者甲' WHERE code = 'D1'"))
    return town


FORMS = ("json", "csv", "geojsonseq", "html")


@pytest.mark.parametrize("form", FORMS)
def test_a_visitors_list_holds_no_name_in_any_form(
    client: FlaskClient, held: Session, form: str
) -> None:
    reply = client.get(f"{DUTIES}?f={form}&limit=100")

    assert (reply.status_code, "D1" in reply.text, "任岗者甲" in reply.text) == (200, True, False)


def test_one_post_a_workbook_and_a_search_hold_none_either(
    client: FlaskClient, held: Session
) -> None:
    number = client.get(f"{DUTIES}?code=D1").get_json(force=True)["features"][0]["id"]
    (sheet,) = load_workbook(io.BytesIO(client.get(f"{DUTIES}.xlsx").data)).worksheets
    said = [client.get(f"{DUTIES}/{number}").text, client.get("/search?q=任岗者甲").text]

    assert "任岗者甲" not in "".join(said)
    assert {"任岗", "任岗者甲"}.isdisjoint(cell for row in sheet.values for cell in row)


@pytest.mark.parametrize(
    "asked",
    [
        {"holder": "任岗者甲"},
        {"filter": "holder = '任岗者甲'"},
        {"properties": "holder"},
    ],
)
@pytest.mark.parametrize("what", ["items", "count", "items.xlsx"])
def test_a_visitor_learns_no_name_by_asking_for_it(
    client: FlaskClient, held: Session, what: str, asked: dict[str, str]
) -> None:
    reply = client.get(f"/collections/duties/{what}?{urlencode(asked)}")

    assert reply.status_code == 400


def test_a_visitor_does_not_sort_by_names(client: FlaskClient, held: Session) -> None:
    assert client.get(f"{DUTIES}?sortby=holder").status_code == 400


def test_who_is_signed_in_is_told_and_may_ask(dispatcher: FlaskClient, held: Session) -> None:
    (post,) = dispatcher.get(f"{DUTIES}?holder=任岗者甲").get_json(force=True)["features"]

    assert (post["properties"]["code"], post["properties"]["holder"]) == ("D1", "任岗者甲")


OWN = [layer.name for layer in find_layers().values() if layer.private or layer.mask]
PATHS = [
    *[f"/collections/{name}/{what}" for name in OWN for what in ("items", "count", "queryables")],
    *[f"{DUTIES}?f={form}" for form in ("html", "csv", "geojsonseq", "fgb")],
    *(f"{DUTIES}.xlsx", f"{DUTIES}/0", "/search?q=%E8%B7%AF", "/collections/incidents/tiles/0/0/0"),
]


@pytest.mark.parametrize("path", PATHS)
def test_no_shared_cache_keeps_what_depends_on_who_asks(
    client: FlaskClient, held: Session, path: str
) -> None:
    told = client.get(path).headers

    assert told["Cache-Control"] == "private, no-cache"
    assert "Cookie" in told["Vary"].split(", ")


def test_a_visitors_tag_is_not_that_of_who_is_signed_in(desk: Desk, held: Session) -> None:
    number = desk.client.get(f"{DUTIES}?code=D1").get_json(force=True)["features"][0]["id"]
    desk.reader = DISPATCHER
    known = {"If-None-Match": desk.client.get(f"{DUTIES}/{number}").headers["ETag"]}
    again = desk.client.get(f"{DUTIES}/{number}", headers=known)
    desk.reader = VISITOR
    visited = desk.client.get(f"{DUTIES}/{number}", headers=known)

    assert (again.status_code, visited.status_code) == (304, 200)
    assert "任岗者甲" not in visited.text


def test_the_tag_that_an_editor_was_told_is_taken_for_the_version(
    client_as: Callable[[Reader], FlaskClient], held: Session
) -> None:
    editor = client_as(Reader(account="a", roles=frozenset({"administrator"})))
    number = editor.get(f"{DUTIES}?code=D1").get_json(force=True)["features"][0]["id"]
    tag = editor.get(f"{DUTIES}/{number}").headers["ETag"]
    reply = editor.patch(
        f"{DUTIES}/{number}",
        json={"properties": {"title": "网格长"}},
        headers={"If-Match": tag, "Content-Type": "application/merge-patch+json"},
    )

    assert (tag, reply.status_code) == ('"1;private"', 204)


PRIVATE = [layer for layer in find_layers().values() if layer.private]


@pytest.mark.parametrize("layer", PRIVATE, ids=lambda layer: layer.name)
def test_what_is_private_is_in_nothing_that_all_readers_share(layer: Layer) -> None:
    shared = {layer.label, layer.by, *layer.tile_properties, *layer.search, *layer.filters}

    assert shared.isdisjoint(layer.private)
    assert set(layer.private) <= set(layer.properties)
