"""The pages: HTML shells with nothing in them but where to find the scripts."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web_map.pages import PAGES, make_pages

ADDRESSES = (*PAGES.values(), "/reports/7", "/procedures/basic")


def browse(basemap_url: str = "") -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(make_pages(basemap_url))
    return app.test_client()


@pytest.mark.parametrize("page", ADDRESSES)
def test_a_page_is_chinese_first(page: str) -> None:
    assert 'lang="zh-CN"' in browse().get(page).text


@pytest.mark.parametrize("page", ADDRESSES)
def test_a_page_allows_no_other_host(page: str) -> None:
    policy = browse().get(page).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-")
    assert "http" not in policy


@pytest.mark.parametrize("page", ADDRESSES)
def test_a_page_names_itself_and_where_else_one_may_go(page: str) -> None:
    shell = browse().get(page).text
    assert "<title></title>" not in shell
    assert {f'<a href="{address}"' for address in PAGES.values()} <= set(
        re.findall(r'<a href="[^"]+"', shell)
    )


def test_a_report_has_a_number() -> None:
    assert browse().get("/reports/yesterday").status_code == 404


def test_only_the_base_maps_host_is_allowed_beside_our_own() -> None:
    policy = (
        browse("https://t{s}.tiles.example/{z}/{x}/{y}.png")
        .get("/wall")
        .headers["Content-Security-Policy"]
    )
    assert "connect-src 'self' https://*.tiles.example;" in policy


def test_a_base_map_from_our_own_host_opens_nothing() -> None:
    policy = browse("/static/town.pmtiles").get("/wall").headers["Content-Security-Policy"]
    assert "connect-src 'self';" in policy


def test_the_import_map_carries_the_nonce_of_its_own_reply() -> None:
    reply = browse().get("/wall")
    nonce = reply.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    assert f'type="importmap" nonce="{nonce}"' in reply.text


def test_two_replies_have_different_nonces() -> None:
    pages = browse()
    first, second = (pages.get("/wall").headers["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_the_page_names_the_layers_that_have_a_module() -> None:
    assert 'data-behaviours="areas facilities grids' in browse().get("/wall").text


def test_a_static_file_is_asked_for_again_by_its_version() -> None:
    pages = browse()
    with pages.get("/static/css/tokens.css") as first:
        known = {"If-None-Match": first.headers["ETag"]}
    with pages.get("/static/css/tokens.css", headers=known) as again:
        assert (first.status_code, again.status_code) == (200, 304)


def test_a_file_outside_the_static_folder_is_not_found() -> None:
    assert browse().get("/static/../pages.py").status_code == 404
