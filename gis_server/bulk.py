"""Whole collections as files, streamed from one snapshot while the client reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from flask import Response, request
from sqlalchemy import Select
from sqlalchemy.orm import Session

from geodata.csv_rows import Csv
from geodata.errors import InvalidInput
from geodata.flatgeobuf import FlatGeobuf
from geodata.geopackage import GeoPackage
from geodata.geoparquet import GeoParquet
from geodata.streams import Encoder, Head, Lines
from gis_server import bulk_rows
from gis_server.bulk_sending import File, Reading
from gis_server.db import Sessions
from layers.base import Layer, Query, Scope

BATCH_ROWS = 2000
RS = "\x1e"  # Source: RFC 7464, section 2.2.


@dataclass(frozen=True)
class Format:
    """One form of file.

    Attributes:
        mimetype: its media type.
        extension: how the names of such files end.
        rows: selects what the encoder is given of each feature.
        encoder: makes what writes one file.
    """

    mimetype: str
    extension: str
    rows: Callable[[Layer, Scope, Query], Select[Any]]
    encoder: Callable[[Head], Encoder]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "geojsonseq": Format(
            "application/geo+json-seq", "geojsons", bulk_rows.texts, lambda _: Lines(RS)
        ),
        "ndjson": Format("application/x-ndjson", "ndjson", bulk_rows.texts, lambda _: Lines()),
        "fgb": Format("application/vnd.flatgeobuf", "fgb", bulk_rows.rows, FlatGeobuf),
        "parquet": Format("application/vnd.apache.parquet", "parquet", bulk_rows.rows, GeoParquet),
        "gpkg": Format("application/geopackage+sqlite3", "gpkg", bulk_rows.rows, GeoPackage),
        "csv": Format("text/csv", "csv", bulk_rows.rows, Csv),
    }
)
OFFERED: Mapping[str, str] = MappingProxyType(
    {name: form.mimetype for name, form in FORMATS.items()}
)


@dataclass(frozen=True)
class Question:
    """What a file is to hold."""

    layer: Layer
    scope: Scope
    query: Query


def answer(streaming: Sessions, question: Question, form: str) -> Response:
    """Answer with all features that a question finds, by their id unless it names another order.

    What is wrong with the question is found before the first byte. What fails later cuts the
    answer off, so that no part is taken for the whole.

    Args:
        streaming: opens the session of one file; there are few at a time.
        question: its limit holds only if the request names one.
        form: one of ``FORMATS``.

    Raises:
        InvalidInput: if the question asks for a page.
        PoolTimeout: if as many files as may be are under way.
    """
    layer, query, told = question.layer, question.query, FORMATS[form]
    if query.after is not None:
        raise InvalidInput(f"{form} has no pages", "after")
    wanted = query if "limit" in request.args else replace(query, limit=None)
    client = Reading(request.environ.get("gunicorn.socket"))
    with ExitStack() as held:
        session = held.enter_context(streaming())
        batches = _batches(session, told.rows(layer, question.scope, wanted))
        encoder = told.encoder(bulk_rows.head(layer, wanted))
        held.callback(encoder.close)
        client.limit(held)
        kept = held.pop_all()
    reply = Response(File(encoder, batches, kept, client).parts(), mimetype=told.mimetype)
    # Not left to the generator: one that is never started (HEAD) does not end either.
    reply.call_on_close(kept.close)
    reply.headers["Content-Disposition"] = _attachment(layer, told.extension)
    if told.rows is bulk_rows.texts:  # other files name their system inside, and are east first
        reply.headers["Content-Crs"] = f"<{query.crs.uri}>"
    return reply


def _batches(session: Session, statement: Select[Any]) -> Any:
    """Read rows through a cursor on the server; the first are read at once."""
    # By the connection: the session looks at each row for mapped objects, of which there are none.
    options = {"yield_per": BATCH_ROWS}
    found = session.connection().execute(statement, execution_options=options)
    batches = found.partitions()
    first = next(batches, None)
    return chain(() if first is None else (first,), batches)


def _attachment(layer: Layer, extension: str) -> str:
    """Name the file, in plain letters for old clients and by its title.

    Source: RFC 6266, section 4.3; RFC 8187.
    """
    plain = layer.name if layer.name.isascii() and layer.name.isidentifier() else "features"
    title = quote(f"{layer.title_zh}.{extension}", safe="")
    return f"attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{title}"
