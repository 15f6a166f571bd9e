"""Take in many features in one request: the good ones are stored, the others named by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy.orm import Session

from geodata.errors import GisError, InvalidInput, ReadOnly, TooLarge
from geodata.geojson import feature_of, parse_json
from gis_server import asked, written
from gis_server.db import Database
from layers.base import Layer, Scope
from layers.edits import Create
from layers.queries import parse_flag

# A batch holds up its worker's other requests and streams, by some 0.6 ms a row with an accuracy;
# silent for 15 s a stream is taken for broken, and for 30 s a worker is ended. Files have no limit.
BATCH_LIMIT_BYTES, BATCH_LIMIT_ROWS = 2**24, 5000
DRY_RUN, KEY = "dry_run", "Idempotency-Key"
RS = b"\x1e"

Row = dict[str, Any]
Parse = Callable[[Any], Any]
Take = Callable[[Session, Scope, list[Any]], Row]


def taken(layer: Layer, scope: Scope, database: Database) -> Response:
    """Store the features of the request's sequence, or with ``dry_run`` only tell what would be.

    Raises:
        ReadOnly: if the layer takes one feature at a time, or none.
        InvalidInput: if there is a key, or no row.
        TooLarge: if there are too many rows.
    """
    asked.only(DRY_RUN)
    parse, take = _way(layer, scope)
    trying = _flag(DRY_RUN)
    if request.headers.get(KEY) is not None:
        raise InvalidInput("a batch has no key; its rows have external ids", KEY)
    request.max_content_length = BATCH_LIMIT_BYTES
    features, refused = _rows(asked.body(), parse)
    with database.transaction() as session, _kept(session, trying):
        report = take(session, scope, list(features.values()))
    told = _by_row(report, list(features), refused) | ({DRY_RUN: True} if trying else {})
    return Response(orjson.dumps(told), mimetype="application/json")


def _flag(name: str) -> bool:
    return parse_flag(name, request.args.get(name, "false"))


def _kept(session: Session, trying: bool) -> AbstractContextManager[None]:
    return _undone(session) if trying else nullcontext()


@contextmanager
def _undone(session: Session) -> Iterator[None]:
    """Undo what the block does: everything is checked, and nothing is kept or announced."""
    with session.begin_nested() as attempt:
        yield
        attempt.rollback()


def _way(layer: Layer, scope: Scope) -> tuple[Parse, Take]:
    """Tell how the rows of a layer are read and stored."""
    if layer.create_many is not None:
        return feature_of, layer.create_many
    if layer.create is not None:
        raise ReadOnly(f"{layer.name} take one feature at a time")
    if layer.edits is None or (create := layer.edits.create) is None:
        raise ReadOnly(f"{layer.name} cannot be posted to")
    layer.edits.check(scope)
    crs = written.content_crs()
    return (lambda told: written.given_of(told, crs)), (lambda *a: _each(create, *a))


def _each(create: Create, session: Session, scope: Scope, rows: list[Any]) -> Row:
    """Store features one after the other; what is wrong with one undoes that one."""
    rejected = []
    for row, given in enumerate(rows, 1):
        try:
            with session.begin_nested():
                create(session, scope, given)
        except GisError as error:
            rejected.append(_rejected(row, error))
    return {"rows_written": len(rows) - len(rejected), "rejected": rejected}


def _rejected(row: int, error: GisError) -> Row:
    return {"row": row, "member": error.member or "", "detail": error.message}


def _rows(body: bytes, parse: Parse) -> tuple[dict[int, Any], list[Row]]:
    """Read GeoJSON text sequences or newline-delimited GeoJSON.

    Returns:
        The features by their row from 1, and the rows that are none, each with the reason.

    Raises:
        InvalidInput: if there is no row at all.
        TooLarge: if there are too many.

    Source: RFC 8142.
    """
    features, refused = dict[int, Any](), list[Row]()
    parts = [p for p in body.split(RS if RS in body else b"\n") if p.strip()]
    if len(parts) > BATCH_LIMIT_ROWS:
        raise TooLarge(
            f"a batch has at most {BATCH_LIMIT_ROWS} rows, not {len(parts)}; "
            "send several, or use ./gis import",
            "body",
        )
    for row, part in enumerate(parts, 1):
        try:
            features[row] = parse(parse_json(part))
        except InvalidInput as error:
            refused.append(_rejected(row, error))
    if not features and not refused:
        raise InvalidInput("the sequence is empty", "body")
    return features, refused


def _by_row(report: Mapping[str, Any], rows: list[int], refused: list[Row]) -> Row:
    """Count and name the rows as the body has them, with those that never reached the layer."""
    rejected = refused + [{**r, "row": rows[r["row"] - 1]} for r in report["rejected"]]
    rejected.sort(key=lambda r: r["row"])
    return {**report, "rows_read": len(rows) + len(refused), "rejected": rejected}
