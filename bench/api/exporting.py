"""What it takes to stream millions of rows as a file: memory that stays flat, and rows a second."""

from __future__ import annotations

import http.client
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event, Thread

import psutil

from bench.figure import Figure, Finding, at_most
from bench.rig import Rig, server
from gis_server.config import Settings
from gis_server.serving import Child

ROWS, QUICK_ROWS = 5_000_000, 100_000
MEMORY_MB = 300
WATCH_S, CHUNK_BYTES, ANSWER_LIMIT_S = 0.5, 2**18, 600
PATH = "/collections/bench_points/items?f="
# Rows are read by their key; the index by place would only take time to build.
BARE = "DROP INDEX ix_reference_geom"
PUBLISH = """
INSERT INTO collections (district, id, name, title, title_zh, geometry, schema, look, rows, source)
OVERRIDING SYSTEM VALUE VALUES (441900, 1, 'bench_points', 'Points', '点', 'POINT',
    '[{"name": "名称", "type": "string"}, {"name": "n", "type": "integer"},
      {"name": "share", "type": "number"}, {"name": "seen_at", "type": "date-time"}]',
    '{"style": {}, "order": 58, "minzoom": 0, "hidden": true}', 0, 'bench')
"""
FILL = """
INSERT INTO reference (district, collection, id, properties, geom)
SELECT 441900, 1, n, jsonb_build_object('名称', '点位' || n, 'n', n, 'share', n / 7.0,
           'seen_at', '2026-03-01T08:30:00Z'),
       ST_SetSRID(ST_MakePoint(113 + n % 1000 / 1000.0, 22 + n / 1000 / 5000.0), 4326)
FROM generate_series(1, {rows}) AS n
"""
# Tells how many rows end in a part of a file; the parts come one after another.
Count = Callable[[bytes], int]


def exporting(rig: Rig) -> Iterator[Finding]:
    """Stream a collection of five million points to a client that reads as fast as it can."""
    rows = QUICK_ROWS if rig.quick else ROWS
    with rig.database(rig.bare) as settings:
        database = settings.database_url.split("?")[0].rsplit("/", 1)[1]
        for statement in (BARE, PUBLISH, FILL.format(rows=rows), "VACUUM ANALYZE reference"):
            rig.run(database, statement)
        for form, count in (("geojsonseq", _Marks()), ("fgb", _Sizes())):
            yield from _streamed(settings, form, rows, count)


def _streamed(settings: Settings, form: str, rows: int, count: Count) -> Iterator[Finding]:
    with server(settings) as web, _Watch(web) as watch:
        started = time.monotonic()
        first_s, found, size = _read(settings, form, count)
        took_s = time.monotonic() - started
    case = f"export of {rows:,} points as {form}"
    yield Figure(case, rows / took_s, "rows/s")
    yield Figure(f"{case}: first bytes", first_s * 1000, "ms")
    yield Figure(f"{case}: size", size / 2**20, "MB")
    yield Figure(f"{case}: memory of the web server", watch.peak_mb, "MB", at_most(MEMORY_MB))
    yield Figure(f"{case}: memory at rest", watch.rest_mb, "MB")
    yield Figure(f"{case}: rows missing", abs(rows - found), "rows", at_most(0))


def _read(settings: Settings, form: str, count: Count) -> tuple[float, int, int]:
    """Read a file; the seconds to its first bytes, its rows and its bytes."""
    found = size = 0
    started = time.monotonic()
    link = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=ANSWER_LIMIT_S)
    with closing(link) as connection:
        connection.request("GET", PATH + form)
        reply = connection.getresponse()
        part = reply.read1(CHUNK_BYTES)
        first_s = time.monotonic() - started
        while part:
            found, size = found + count(part), size + len(part)
            part = reply.read1(CHUNK_BYTES)
    return first_s, found, size


class _Marks:
    """Count the rows of a GeoJSON text sequence by the mark before each."""

    def __call__(self, part: bytes) -> int:
        return part.count(b"\x1e")


class _Sizes:
    """Count the features of a FlatGeobuf file by the size before each, its header left out."""

    def __init__(self) -> None:
        self._held, self._magic, self._counted = b"", 8, -1

    def __call__(self, part: bytes) -> int:
        held = self._held + part
        at, before = self._magic, max(0, self._counted)
        while len(held) >= at + 4 and len(held) >= (end := at + 4 + _size(held, at)):
            at = end
            self._counted += 1
        self._held, self._magic = held[at:], 0
        return max(0, self._counted) - before


def _size(held: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", held, at)[0])


class _Watch:
    """Note how much memory a web server takes, pages that its processes share counted once."""

    def __init__(self, web: Child) -> None:
        self._process, self._over = psutil.Process(web.pid), Event()
        self._thread = Thread(target=self._follow, daemon=True)
        self.rest_mb = self.peak_mb = self._now_mb()

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._over.wait(WATCH_S):
            self.peak_mb = max(self.peak_mb, self._now_mb())

    def _now_mb(self) -> float:
        processes = [self._process, *self._process.children(recursive=True)]
        return float(sum(process.memory_full_info().pss for process in processes)) / 2**20
