"""Coded values on pages of the API: in the reader's language, with the code in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from tests.web_map.wells import ABOUT, EVIL, FEATURE, PAGE
from web_map import browse
from web_map.pages import make_pages

COLUMNS = {"quality": "string", "depth_m": "number", "rank": "integer", "dry": "boolean"}
CODED = {
    **ABOUT,
    "by": "quality",
    "legend": [
        {"value": "soft", "label": "Soft water", "label_zh": "软水"},
        {"value": EVIL, "label": f"en {EVIL}", "label_zh": f"zh {EVIL}"},
        {"value": "salt", "label": "salt", "label_zh": "咸水"},
    ],
    "properties": [
        {"name": name, "title_zh": None, "type": kind} for name, kind in COLUMNS.items()
    ],
}
CODES_OF = {"type": "object", "properties": {"quality": {"type": "string", "enum": ["soft", "x"]}}}


def _coded(quality: str) -> dict[str, Any]:
    return {**FEATURE, "properties": {"quality": quality, "depth_m": 3, "rank": 2, "dry": True}}


PATHS: dict[str, Callable[[], Response]] = {
    "/list/soft": lambda: browse.items({**PAGE, "features": [_coded("soft")]}, CODED),
    "/list/salt": lambda: browse.items({**PAGE, "features": [_coded("salt")]}, CODED),
    "/list/evil": lambda: browse.items({**PAGE, "features": [_coded(EVIL)]}, CODED),
    "/one/soft": lambda: browse.item(_coded("soft"), CODED),
    "/one/evil": lambda: browse.item(_coded(EVIL), CODED),
    "/codes": lambda: browse.schema(CODES_OF, CODED),
}
SOFT = '<code data-zh="soft" data-en="soft">soft</code>'


@pytest.fixture
def pages() -> FlaskClient:
    """Ask for pages of wells whose water is of a coded quality."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(make_pages())
    app.register_blueprint(browse.make_browse())
    for path, view in PATHS.items():
        app.add_url_rule(path, endpoint=path, view_func=view)
    return app.test_client()


@pytest.mark.parametrize("path", ["/list/soft", "/one/soft", "/codes"])
def test_a_coded_value_is_told_in_the_readers_language_beside_its_code(
    pages: FlaskClient, path: str
) -> None:
    said = '<span data-zh="软水" data-en="Soft water">'

    assert f"{said}软水</span> {SOFT}" in pages.get(path).text
    english = pages.get(path, headers={"Accept-Language": "en"}).text
    assert f"{said}Soft water</span> {SOFT}" in english


def test_a_word_that_is_the_code_itself_is_told_once(pages: FlaskClient) -> None:
    word, code = '<span data-zh="咸水" data-en="salt">', '<code data-zh="salt" data-en="">'

    assert f"{word}咸水</span> {code}salt</code>" in pages.get("/list/salt").text
    english = pages.get("/list/salt", headers={"Accept-Language": "en"}).text
    assert f"{word}salt</span> {code}</code>" in english


@pytest.mark.parametrize("path", ["/list/evil", "/one/evil"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_words_and_codes_are_text(pages: FlaskClient, path: str, language: str) -> None:
    text = pages.get(path, headers={"Accept-Language": language}).text

    assert EVIL not in text
    assert f">{language[:2]} &lt;/script&gt;&lt;script&gt;alert(1)" in text


def test_a_code_without_words_stays_as_it_is(pages: FlaskClient) -> None:
    assert f"</span> {SOFT} · x</span>" in pages.get("/codes").text
    assert "<td>3</td><td>2</td>" in pages.get("/list/soft").text


@pytest.mark.parametrize(("language", "yes"), [("zh-CN", "是 (true)"), ("en", "yes (true)")])
def test_the_form_offers_yes_and_no_with_their_codes(
    pages: FlaskClient, language: str, yes: str
) -> None:
    text = pages.get("/list/soft?dry=true", headers={"Accept-Language": language}).text

    assert (
        f'<option value="true" selected data-zh="是 (true)" data-en="yes (true)">{yes}</option>'
    ) in text
