"""Whose many places are: a table or a sequence in, the same rows with their micro-grids out.

The rows are taken in slices beside the event loop, and each slice is sent when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from threading import BoundedSemaphore

import orjson
import pyarrow as pa
from flask import Blueprint, Response, request

from geodata.crs import SourceCrs
from geodata.csv_rows import heading, lines
from geodata.places_wanted import RS, Wanted, of_sequence, of_table
from gis_server import asked, formats
from gis_server.access import Asking
from gis_server.db import Database
from gis_server.workbooks import WRITING
from gis_server.written import check_type
from layers.locating import Locate, Located, locator
from layers.report import WGS84_NAME

LIMIT_BYTES = 2**24
SLICE_ROWS = 250
# Slices that are worked on at once in one process; other work beside the loop waits its turn too.
TURNS = BoundedSemaphore(2)
CSV, JSON = "text/csv", "application/json"
SEQUENCE, LINES = "application/geo+json-seq", "application/x-ndjson"
READ: Mapping[str, Callable[[bytes, str], list[Wanted]]] = {
    CSV: of_table,
    SEQUENCE: of_sequence,
    LINES: of_sequence,
}
FORMS = {"json": JSON, "csv": CSV, "geojsonseq": SEQUENCE, "ndjson": LINES}
# The columns of the answer: what a row is called there, in the order of what is told of it.
NAMES = {"name": "id"}
COLUMNS = tuple(NAMES.get(one.name, one.name) for one in fields(Located))
TEXTS = ("id", "grid_code", "grid_name", "placed_by", "label", "member", "reason")


def make(asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``POST /locate:batch``."""
    pages = Blueprint("locating", __name__)

    @pages.post("/locate:batch")
    def locate() -> Response:
        asked.only("crs", "valid_at", formats.F)
        check_type(frozenset(READ))
        # Who does not say how he wants it gets it as he sent it.
        usual = {name: kind for name, kind in FORMS.items() if kind == request.mimetype}
        form, at = formats.wanted({**usual, **FORMS}), asked.time("valid_at")
        request.max_content_length = LIMIT_BYTES
        crs = request.args.get("crs", WGS84_NAME)
        SourceCrs.parse(crs)  # refused for all rows at once
        wanted = READ[request.mimetype](asked.body(), crs)
        with database.reading() as session:
            locating = locator(session, asking(), wanted, at)
        slices = (wanted[i : i + SLICE_ROWS] for i in range(0, len(wanted), SLICE_ROWS))
        found = (_in_turn(locating, some) for some in slices)
        return Response(WRITE[form](found), mimetype=FORMS[form])

    return pages


def _in_turn(locate: Locate, some: Sequence[Wanted]) -> list[Located]:
    with TURNS:
        located: list[Located] = WRITING.aside(locate, some)
    return located


def _told(one: Located) -> dict[str, object]:
    return {NAMES.get(name, name): value for name, value in asdict(one).items()}


def _as_json(found: Iterable[Sequence[Located]]) -> Iterator[bytes]:
    """Write one object: the rows, and how many there were and have a grid."""
    rows, placed = 0, 0
    yield b'{"rows":['
    for some in found:
        told = b",".join(orjson.dumps(_told(one)) for one in some)
        yield told if rows == 0 else b"," + told
        rows, placed = rows + len(some), placed + _placed(some)
    yield b'],"rows_read":%d,"rows_placed":%d}' % (rows, placed)


def _placed(some: Sequence[Located]) -> int:
    return sum(one.grid_code is not None for one in some)


def _as_csv(found: Iterable[Sequence[Located]]) -> Iterator[bytes]:
    yield heading(COLUMNS)
    for some in found:
        told = [_told(one) for one in some]
        yield lines(pa.table({name: _column(name, told) for name in COLUMNS}))


def _column(name: str, told: Sequence[Mapping[str, object]]) -> pa.Array:
    kind = pa.string() if name in TEXTS else pa.int64() if name == "row" else pa.float64()
    return pa.array([row[name] for row in told], kind)


def _as_sequence(found: Iterable[Sequence[Located]]) -> Iterator[bytes]:
    for some in found:
        yield b"".join(RS + _feature(one) + b"\n" for one in some)


def _as_lines(found: Iterable[Sequence[Located]]) -> Iterator[bytes]:
    for some in found:
        yield b"".join(_feature(one) + b"\n" for one in some)


def _feature(one: Located) -> bytes:
    told = _told(one)
    lon, lat = told.pop("lon"), told.pop("lat")
    point = None if lon is None else {"type": "Point", "coordinates": [lon, lat]}
    return orjson.dumps({"type": "Feature", "geometry": point, "properties": told})


WRITE: Mapping[str, Callable[[Iterable[Sequence[Located]]], Iterator[bytes]]] = {
    "json": _as_json,
    "csv": _as_csv,
    "geojsonseq": _as_sequence,
    "ndjson": _as_lines,
}
