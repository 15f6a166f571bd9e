"""Base maps in one PMTiles file: pictures and vector tiles, read in parts by the browser."""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from gis_server import serving
from gis_server.config import Basemap, Settings
from tests.browser import acts
from tests.browser.conftest import Open, fill_town

pytestmark = pytest.mark.browser

GREEN = (0x20, 0x70, 0x30)
UNPACKED, MVT, PNG = 1, 1, 2
DEEPEST = 15
SQUARE = text(
    "SELECT ST_AsMVT(t, 'roads', 4096, 'geom') FROM (SELECT ST_MakeEnvelope("
    "0, 0, :side, :side) AS geom) AS t"
)


def archive(tile: bytes, kind: int) -> bytes:
    """Write a PMTiles file in which every tile down to ``DEEPEST`` is the same.

    Source: PMTiles Version 3 Specification.
    """
    tiles = (4 ** (DEEPEST + 1) - 1) // 3
    directory = b"".join(map(varint, (1, 0, tiles, len(tile), 1)))
    metadata = b"{}"
    start = 127 + len(directory)
    sections = (127, len(directory), start, len(metadata), 0, 0, start + 2, len(tile))
    header = b"PMTiles\x03" + struct.pack("<8Q", *sections) + struct.pack("<3Q", tiles, 1, 1)
    header += struct.pack("<6B", 1, UNPACKED, UNPACKED, kind, 0, DEEPEST)
    header += struct.pack("<4iB2i", -1800000000, -850000000, 1800000000, 850000000, 0, 0, 0)
    return header + directory + metadata + tile


def varint(number: int) -> bytes:
    """Write a number seven bits at a time, the lowest first."""
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


class Part(BaseHTTPRequestHandler):
    """Answer the part of the file that Range asks for."""

    def do_OPTIONS(self) -> None:  # noqa: D102 - the name is the base class's
        self.send_response(204)
        self._let_any_page_read()
        self.end_headers()

    def do_GET(self) -> None:  # noqa: D102 - the name is the base class's
        whole = self.server.whole  # type: ignore[attr-defined]
        first, last = (int(n) for n in self.headers["Range"].removeprefix("bytes=").split("-"))
        part = whole[first : last + 1]
        self.send_response(206)
        self._let_any_page_read()
        self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def _let_any_page_read(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "range")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(whole: bytes) -> Iterator[str]:
    """Serve a file in parts; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Part)
    server.whole = whole  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/town.pmtiles"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def shown_over(own_database: Settings, open_page: Open) -> Iterator[Callable[[bytes], bytes]]:
    """Give what serves the small town over an archive, and returns a picture of the map."""
    fill_town(own_database)

    def shown(whole: bytes) -> bytes:
        with served(whole) as url:
            given = Basemap.parse(f'{{"url": "{url}", "crs": "EPSG:3857", "attribution": "图源"}}')
            settings = replace(own_database, basemap=given)
            with serving.running(settings, [serving.web(settings)]):
                serving.await_answer(settings)
                page = open_page(f"{serving.address(settings)}/wall")
                acts.await_wall(page)
                expect(page.locator(".leaflet-control-attribution")).to_have_text("图源")
                expect(page.locator(".leaflet-basemap-pane .leaflet-tile").first).to_be_attached()
                page.wait_for_timeout(1500)
                return page.locator("#map").screenshot()

    yield shown


def _colours(picture: bytes) -> dict[tuple[int, int, int], int]:
    shown = Image.open(io.BytesIO(picture)).convert("RGB")
    counted = shown.getcolors(shown.width * shown.height) or []
    return {colour: count for count, colour in counted}  # type: ignore[misc]


def test_pictures_of_an_archive_lie_below_the_town(shown_over: Callable[[bytes], bytes]) -> None:
    body = io.BytesIO()
    Image.new("RGB", (256, 256), GREEN).save(body, "PNG")
    found = _colours(shown_over(archive(body.getvalue(), PNG)))
    assert found.get(GREEN, 0) > 0.2 * sum(found.values())


def test_vector_tiles_of_an_archive_are_drawn_as_lines(
    shown_over: Callable[[bytes], bytes], own_engine: Engine
) -> None:
    with own_engine.connect() as connection:
        square = bytes(connection.execute(SQUARE, {"side": 3000}).scalar_one())
        speck = bytes(connection.execute(SQUARE, {"side": 1}).scalar_one())
    drawn = _colours(shown_over(archive(square, MVT)))
    empty = _colours(shown_over(archive(speck, MVT)))
    new = {colour for colour, count in drawn.items() if count > 200 and colour not in empty}
    assert new, "the archive's squares add no colour to the map"
