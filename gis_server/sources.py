"""Sources: what each may send in its own form, and the rows that it sends."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Response, request

from geodata import adapters, tabular
from geodata.dataset import ReadOptions
from geodata.errors import InvalidInput, TooLarge
from geodata.geojson import parse_json
from geodata.source_rows import table_rows
from gis_server import asked, offline
from gis_server.access import Asking
from gis_server.bulk_taking import BATCH_LIMIT_BYTES, BATCH_LIMIT_ROWS
from gis_server.config import Settings
from gis_server.db import Database
from gis_server.features import json
from layers import sources
from layers.base import Json

TABLES = frozenset({"text/csv"})
OBJECTS = frozenset({"application/json"})
XLSX = ".xlsx"


def make(settings: Settings, asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``/sources``; a wrong mapping file is told at once.

    Raises:
        InvalidInput: naming the mapping file and the member that is wrong.
    """
    pages = Blueprint("sources", __name__)
    known = adapters.adapters(settings.district, settings.time_zone)

    @pages.get("/sources")
    def listed() -> dict[str, Any]:
        return {"sources": [adapter.told() for adapter in known.values()]}

    @pages.get("/sources/<name>")
    def told(name: str) -> dict[str, Any]:
        return adapters.adapter(settings.district, name, settings.time_zone).told()

    @pages.post("/sources/<name>")
    def take(name: str) -> Response:
        adapter = adapters.adapter(settings.district, name, settings.time_zone)
        scope = asking()
        sources.check_sender(scope.reader)
        rows, alone = _rows()
        with database.transaction() as session:
            taken = sources.take(session, scope, adapter, rows)
        return _answer(taken, alone)

    return pages


def _rows() -> tuple[list[Any], bool]:
    """Read the rows of a request, and whether it is one object by itself."""
    asked.content_type(TABLES | OBJECTS)
    request.max_content_length = BATCH_LIMIT_BYTES
    body = asked.body()
    document = table_rows(body) if request.mimetype in TABLES else parse_json(body)
    rows = document if isinstance(document, list) else [document]
    if not rows:
        raise InvalidInput("there is no row", "body")
    if len(rows) > BATCH_LIMIT_ROWS:
        raise TooLarge(f"at most {BATCH_LIMIT_ROWS} rows at once, not {len(rows)}", "body")
    return rows, not isinstance(document, list)


def _answer(taken: Json, alone: bool) -> Response:
    """Answer 201 when anything was stored; one row by itself that is refused is a 400."""
    if alone and taken["rejected"]:
        (refused,) = taken["rejected"]
        raise InvalidInput(refused["detail"], refused["member"])
    reply = json(orjson.dumps(taken))
    reply.status_code = HTTPStatus.CREATED if taken["rows_written"] else HTTPStatus.OK
    return reply


def import_file(settings: Settings, name: str, path: Path, options: ReadOptions) -> Json:
    """Take in a source's CSV or XLSX on the server's own machine.

    Args:
        settings: name the database and the district.
        name: the source.
        path: the file.
        options: its encoding, or the sheet of a workbook.

    Raises:
        NotFound: if there is no such source.
        InvalidInput: if the file cannot be read.
    """
    adapter = adapters.adapter(settings.district, name, settings.time_zone)
    read = tabular.read_xlsx if path.suffix.lower() == XLSX else tabular.read_csv
    raw = read(path, options)
    rows = raw.columns.astype(object).where(raw.columns.notna(), None).to_dict("records")
    scope = offline.scope_of(settings)
    with offline.opened(settings) as begin, begin() as session:
        offline.ensure_categories(session, scope)
        taken: Json = sources.take(session, scope, adapter, rows)
    refused = [{**r, "row": int(raw.rows[r["row"] - 1])} for r in taken["rejected"]]
    refused += [{"row": n, "member": "", "detail": why} for n, why in raw.broken.items()]
    return taken | {"rejected": sorted(refused, key=lambda r: r["row"])}
