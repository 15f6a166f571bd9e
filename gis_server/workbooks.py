"""Workbooks: any list, or a report, as a file that spreadsheet programs open."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson
from flask import Blueprint, Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geodata.errors import NotFound, TooLarge
from gis_server import asked, links
from gis_server.access import Asking
from gis_server.db import Database
from layers import queries
from layers.base import Layer, Link, Query, Scope, Sheet

MOST_ROWS = 50_000
PAGE_ROWS = 2000
CHUNK_BYTES = 1 << 16
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLACE, NAME = ("经度", "纬度"), "名称"
LONGEST_TITLE = 31  # of a sheet, which also holds none of these
LINKED = Font(color="0563C1", underline="single")
# Source: XML 1.0, section 2.2: what is no Char.
NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NO_TITLE = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass
class Writing:
    """How rows are written: at once, or in a thread where others must not wait for it."""

    aside: Callable[..., Any] = field(default=lambda work, *given: work(*given))


WRITING = Writing()


@dataclass(frozen=True)
class Workbooks:
    """Answer lists and reports as workbooks."""

    layers: Mapping[str, Layer]
    asking: Asking
    database: Database

    def items(self, name: str) -> Response:
        """Write the features of a list, the newest first, with all that the filters leave."""
        scope = self.asking()
        layer = asked.layer_for(self.layers, name, scope)
        query = asked.query(layer, scope)
        with self.database.reading() as session:
            found = queries.count(session, layer, scope, query)
            if found > MOST_ROWS:
                raise TooLarge(
                    f"a workbook has at most {MOST_ROWS:,} rows, not {found:,}; "
                    "narrow the list, or use ./gis export"
                )
            sheet = Sheet(layer.title_zh, _headings(layer), _rows(session, layer, scope, query))
            return _sent(layer.title_zh, _written([sheet], scope))

    def item(self, name: str, number: int) -> Response:
        """Write one feature that has sheets, such as a report."""
        layer, scope = asked.layer_of(self.layers, name), self.asking()
        if layer.sheets is None:
            raise NotFound(f"{name} are no workbooks")
        with self.database.reading() as session:
            title, sheets = layer.sheets(session, scope, number)
        return _sent(title, _written(sheets, scope))


def make(layers: Mapping[str, Layer], asking: Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``/collections/<name>/items.xlsx`` and ``…/items/<id>.xlsx``."""
    pages, views = Blueprint("workbooks", __name__), Workbooks(layers, asking, database)
    pages.get("/collections/<name>/items.xlsx")(views.items)
    pages.get("/collections/<name>/items/<int:number>.xlsx")(views.item)
    return pages


def _headings(layer: Layer) -> list[str]:
    """Name the columns by what they say in Chinese, else by the property."""
    told = {name: one.title_zh or name for name, one in layer.fields.items()}
    named = [f"{told[name]}{NAME}" for name in layer.names]
    return [*told.values(), *named, *(PLACE if _is_point(layer) else ())]


def _is_point(layer: Layer) -> bool:
    return layer.geom is not None and layer.geom.type.geometry_type == "POINT"


def _rows(session: Session, layer: Layer, scope: Scope, query: Query) -> Iterator[list[Any]]:
    """Read page after page, so that only one is held at a time."""
    table = layer.table
    columns = [one.column for one in layer.fields.values()]
    place = [func.ST_X(layer.geom), func.ST_Y(layer.geom)] if _is_point(layer) else []
    told = (table.id, *columns, *layer.names.values(), *place)
    found: Select[Any] = select(*told).where(*queries.visible(layer, scope, query))
    found = found.order_by(table.id.desc()).limit(PAGE_ROWS)
    labels = {symbol.value: symbol.label_zh for symbol in layer.symbols}
    names = list(layer.fields)
    by = names.index(layer.by) if layer.by in names else None
    label = names.index(layer.label) if layer.page and layer.label in names else None
    page = session.execute(found).all()
    while page:
        for number, *row in page:
            if label is not None:
                row[label] = Link(str(row[label]), str(layer.page).format(id=number))
            yield _labelled(row, by, labels)
        page = session.execute(found.where(table.id < page[-1][0])).all()


def _labelled(row: list[Any], by: int | None, labels: Mapping[str, str]) -> list[Any]:
    """Say the value that the legend is about in the legend's words."""
    if by is not None:
        row[by] = labels.get(str(row[by]), row[by])
    return row


def _written(sheets: Iterable[Sheet], scope: Scope) -> IO[bytes]:
    """Write sheets into a file that is gone when it is closed."""
    book, house = Workbook(write_only=True), House(ZoneInfo(scope.time_zone), links.href("/"))
    for sheet in sheets:
        page = book.create_sheet(sheet.title.translate(NO_TITLE)[:LONGEST_TITLE])
        page.freeze_panes = "A2"
        page.append([_heading(page, name) for name in sheet.headings])
        for rows in _parts(sheet.rows):
            WRITING.aside(_append, page, rows, house)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed when it was sent
    WRITING.aside(book.save, file)
    file.seek(0)
    return file


def _parts(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    part: list[list[Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == PAGE_ROWS:
            yield part
            part = []
    yield part


class House(NamedTuple):
    """What cells are written with: the zone of times, and this server's address."""

    zone: ZoneInfo
    root: str


def _append(page: Any, rows: list[list[Any]], house: House) -> None:
    for row in rows:
        page.append([_linked(page, value, house) for value in row])


def _linked(page: Any, value: Any, house: House) -> Any:
    """Write a value; words that lead to a page do so from wherever the workbook is opened."""
    if not isinstance(value, Link):
        return _cell(page, value, house.zone)
    cell = _cell(page, value.words, house.zone)
    cell.hyperlink = house.root.rstrip("/") + value.path
    cell.font = LINKED
    return cell


def _heading(page: Any, name: str) -> Any:
    cell = WriteOnlyCell(page, name)
    cell.font = Font(bold=True)
    return cell


def _cell(page: Any, value: Any, zone: ZoneInfo) -> Any:
    """Write a value; text stays text, whatever a spreadsheet would make of it."""
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    if isinstance(value, Range):
        ends = (value.lower, value.upper)
        value = " – ".join(f"{end.astimezone(zone):%Y-%m-%d %H:%M}" if end else "" for end in ends)
    elif isinstance(value, dict | list):
        value = orjson.dumps(value).decode() if value else None
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page, NO_XML.sub("", value))
    cell.data_type = "s"
    return cell


def _sent(title: str, file: IO[bytes]) -> Response:
    def parts() -> Iterator[bytes]:
        with file:
            while part := file.read(CHUNK_BYTES):
                yield part

    named = f"attachment; filename*=UTF-8''{quote(title)}.xlsx"
    return Response(parts(), mimetype=XLSX, headers={"Content-Disposition": named})
