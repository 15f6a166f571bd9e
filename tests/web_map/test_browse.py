"""Pages of the API: what documents say, as HTML that can be read and copied without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from tests.web_map.wells import (
    ABOUT,
    API,
    CONFORMANCE,
    DUG_AT,
    EVIL,
    FEATURE,
    LANDING,
    LINKS,
    PAGE,
    SCHEMA,
)
from web_map import browse
from web_map.pages import make_pages

PATHS: dict[str, Callable[[], Response]] = {
    "/": lambda: browse.landing(LANDING),
    "/conformance": lambda: browse.conformance(CONFORMANCE),
    "/collections": lambda: browse.collections({"collections": [ABOUT], "links": LINKS}),
    "/collections/wells": lambda: browse.collection(ABOUT),
    "/collections/wells/items": lambda: browse.items(PAGE, ABOUT),
    "/collections/wells/items/7": lambda: browse.item(FEATURE, ABOUT),
    "/collections/wells/queryables": lambda: browse.schema(SCHEMA, ABOUT),
    "/api": lambda: browse.api(API),
}
ITEMS = "/collections/wells/items"


@pytest.fixture
def pages() -> FlaskClient:
    """Ask for every page, each made of a sample document."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(make_pages())
    app.register_blueprint(browse.make_browse("Asia/Shanghai"))
    for path, view in PATHS.items():
        app.add_url_rule(path, endpoint=path, view_func=view)
    return app.test_client()


class Outline(HTMLParser):
    """Note what a reader of a page by ear or by key meets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Give the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_one_heading_one_main_part_and_a_way_to_it(
    pages: FlaskClient, path: str
) -> None:
    outline = Outline(pages.get(path).text)

    assert (len(outline.of("h1")), len(outline.of("main"))) == (1, 1)
    assert {"class": "skip", "href": "#content", "data-i18n": "skip.content"} in outline.of("a")


@pytest.mark.parametrize("path", PATHS)
def test_every_heading_of_a_table_says_what_it_heads(pages: FlaskClient, path: str) -> None:
    assert all(
        cell.get("scope") in ("row", "col") for cell in Outline(pages.get(path).text).of("th")
    )


@pytest.mark.parametrize("path", PATHS)
def test_no_two_elements_have_one_id_and_every_reference_is_kept(
    pages: FlaskClient, path: str
) -> None:
    elements = Outline(pages.get(path).text).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    named = ("for", "aria-labelledby", "aria-describedby", "data-copy", "aria-controls", "list")
    meant = {attributes[name] for _, attributes in elements for name in named if name in attributes}

    assert len(ids) == len(set(ids))
    assert meant <= set(ids)


@pytest.mark.parametrize("path", PATHS)
def test_every_field_has_a_label_and_every_button_a_name(pages: FlaskClient, path: str) -> None:
    text = pages.get(path).text
    outline = Outline(text)
    labelled = {label["for"] for label in outline.of("label")}
    fields = {field["id"] for kind in ("input", "select") for field in outline.of(kind)}

    assert fields == labelled
    assert re.findall(r"<button[^>]*>\s*</button>", text) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_kept_to_this_host_and_to_its_reader(pages: FlaskClient, path: str) -> None:
    headers = pages.get(path).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self' ")
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert {"Accept", "Accept-Language"} <= set(headers["Vary"].split(", "))


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/7"])
def test_what_data_say_is_text(pages: FlaskClient, path: str) -> None:
    text = pages.get(path).text

    assert EVIL not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_page_is_chinese_unless_the_browser_asks_for_english(pages: FlaskClient) -> None:
    chinese = pages.get(ITEMS)
    english = pages.get(ITEMS, headers={"Accept-Language": "en-GB,en;q=0.9"})

    assert ('lang="zh-CN"' in chinese.text, ">水井<" in chinese.text) == (True, True)
    assert ('<html lang="en"' in english.text, ">Wells<" in english.text) == (True, True)


def test_a_page_of_features_leads_to_each_of_them_and_on(pages: FlaskClient) -> None:
    led = [link.get("href") for link in Outline(pages.get(ITEMS).text).of("a")]

    assert f"{ITEMS}/7" in led
    assert LINKS[1]["href"] in led


def test_a_template_of_an_address_is_no_link(pages: FlaskClient) -> None:
    assert not [link for link in Outline(pages.get("/").text).of("a") if "{z}" in str(link)]


def test_a_table_leaves_out_objects_and_shows_what_is_missing(pages: FlaskClient) -> None:
    text = pages.get(ITEMS).text

    assert ">notes<" not in text
    assert "<td>–</td><td>12.5</td>" in re.sub(r"\s*\n\s*", "", text)


def test_lines_ask_for_this_very_address(pages: FlaskClient) -> None:
    text = pages.get(f"{ITEMS}?bbox=113.93,22.98,113.95,23&name=a%27b&f=html").text

    address = "http://localhost/collections/wells/items?bbox=113.93,22.98,113.95,23&amp;name=a%27b"
    assert f"curl &#39;{address}&#39;" in text
    assert f"ogr2ogr -f GPKG wells.gpkg &#39;{address}&#39;" in text


def test_the_form_keeps_what_was_asked(pages: FlaskClient) -> None:
    outline = Outline(pages.get(f"{ITEMS}?depth_m=3&limit=100").text)

    assert next(f["value"] for f in outline.of("input") if f["name"] == "depth_m") == "3"
    assert {"value": "100", "selected": None} in outline.of("option")


def test_the_form_leads_to_the_features_without_what_was_left_empty(pages: FlaskClient) -> None:
    reply = pages.get("/browse/wells?bbox=&name=a%26b&limit=10&filter=%20")

    assert (reply.status_code, reply.location) == (303, f"{ITEMS}?name=a%26b&limit=10")


@pytest.mark.parametrize("crs", ["EPSG:4547", "http://www.opengis.net/def/crs/EPSG/0/4326"])
def test_no_map_is_drawn_of_other_coordinates(pages: FlaskClient, crs: str) -> None:
    assert 'id="map"' in pages.get(ITEMS).text
    assert 'id="map"' not in pages.get(ITEMS, query_string={"crs": crs}).text


def test_the_map_is_given_the_features(pages: FlaskClient) -> None:
    mapped = re.search(r'id="mapped">(.*?)</script>', pages.get(f"{ITEMS}/7").text)

    assert mapped is not None
    assert '"coordinates": [113.94, 22.99]' in mapped[1]


def test_the_api_is_shown_with_lines_that_can_be_tried(pages: FlaskClient) -> None:
    text = pages.get("/api").text

    assert "curl http://localhost/collections/wells/items/7<" in text
    assert "curl -b cookies -X POST -H &#39;Content-Type: application/json&#39;" in text
    assert "integer 1…" in text


def test_rules_of_a_property_are_told(pages: FlaskClient) -> None:
    assert "minimum: 0" in pages.get("/collections/wells/queryables").text


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/7"])
def test_a_period_is_told_in_words_of_both_languages(pages: FlaskClient, path: str) -> None:
    said = '<span data-zh="2024-01-01 起" data-en="since 2024-01-01">'

    assert f"{said}2024-01-01 起</span>" in pages.get(path).text
    english = pages.get(path, headers={"Accept-Language": "en"}).text
    assert f"{said}since 2024-01-01</span>" in english


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/7"])
def test_a_time_is_told_as_it_is_in_the_town(pages: FlaskClient, path: str) -> None:
    told = f'<time datetime="{DUG_AT}">2026-11-22 21:00:05</time>'

    assert told in pages.get(path).text


@pytest.mark.parametrize(
    ("path", "zh", "en"),
    [
        ("/collections", "点", "POINT"),
        ("/collections/wells", "数值", "number"),
        ("/collections/wells/queryables", "数值", "number"),
    ],
)
def test_words_of_the_api_are_told_in_the_readers_language(
    pages: FlaskClient, path: str, zh: str, en: str
) -> None:
    assert f">{zh}</span>" in pages.get(path).text
    assert f">{en}</span>" in pages.get(path, headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (True, "true"), ([1, None], "[1,null]"), ("词", "词")]
)
def test_values_are_written_as_json_unless_they_are_text(value: Any, text: str) -> None:
    assert browse._plain(value) == text
