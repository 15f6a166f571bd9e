"""The questions that every layer answers the same way; ``visible`` is the one way in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from geodata.crs import WGS84
from geodata.errors import InvalidInput, NotFound
from layers import paging, usual
from layers.base import Layer, Query, Scope, Stored
from layers.masks import still_unmasked, unmasked
from layers.periods import in_time
from layers.prepared import running
from layers.records import as_recorded
from layers.showing import feature_json
from layers.versions import Fetch

NUMBERS: Mapping[str, Any] = {"integer": int, "number": float}
ANY = Query()


def visible(layer: Layer, scope: Scope, query: Query = ANY) -> list[ColumnElement[bool]]:
    """Say which rows of a layer a reader gets: the conditions of every list, count and tile.

    ``as_of`` is not among them: whoever asks for a past record gives his statement to
    ``records.as_recorded``.
    """
    table = layer.table
    masking = unmasked if query.as_of is None else still_unmasked
    conditions = [table.district == scope.district, *layer.only, *masking(layer, scope)]
    if query.bbox:
        conditions.append(_touching(layer, query.bbox))
    if query.ids is not None:
        conditions.append(table.id.in_(query.ids))
    if query.condition is not None:
        conditions.append(query.condition)
    jointly, used = layer.together(scope, query.where) if layer.together else ([], frozenset())
    alone = [(name, value) for name, value in query.where.items() if name not in used]
    named = [_condition(layer, name, value) for name, value in alone]
    return [*conditions, *in_time(layer, scope, query), *jointly, *named]


def _touching(layer: Layer, box: tuple[float, float, float, float]) -> ColumnElement[bool]:
    if layer.geom is None:
        raise InvalidInput(f"{layer.name} have no place", "bbox", code="no_place")
    west, south, east, north = box
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    boxes = [func.ST_MakeEnvelope(w, south, e, north, WGS84) for w, e in parts]
    return or_(*[func.ST_Intersects(layer.geom, box) for box in boxes])


def _condition(layer: Layer, name: str, value: str) -> ColumnElement[bool]:
    """Turn ``name=value`` into a condition, over the layer's properties and named filters."""
    if name in layer.filters:
        found: ColumnElement[bool] = layer.filters[name](value)
        return found
    if name not in layer.fields:
        message = f"{layer.name} have no property {name!r}"
        raise InvalidInput(message, name, code="no_property", name=name)
    field = layer.fields[name]
    equal: ColumnElement[bool] = field.column == _typed(field.kind, name, value)
    return equal


def _typed(kind: str, name: str, value: str) -> Any:
    if kind == "boolean":
        return parse_flag(name, value)
    if kind == "date-time":
        return parse_time(name, value)
    if kind == "date":
        return parse_date(name, value)
    if kind in NUMBERS:
        try:
            return NUMBERS[kind](value)
        except ValueError as error:
            raise not_a_number(name, value) from error
    if kind != "string":
        raise InvalidInput(f"{name} cannot be filtered by a value", name)
    return value


def not_a_number(name: str, value: str) -> InvalidInput:
    """Say that the value of a parameter is no number."""
    message = f"{name} is a number, not {value!r}"
    return InvalidInput(message, name, code="no_number", name=name, given=value)


def parse_flag(name: str, value: str) -> bool:
    """Read true or false."""
    if value not in ("true", "false"):
        message = f"{name} is true or false, not {value!r}"
        raise InvalidInput(message, name, code="no_flag", name=name, given=value)
    return value == "true"


def parse_date(name: str, value: str) -> date:
    """Read a day as 2026-11-22."""
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        message = f"{name} is a day such as 2026-11-22, not {value!r}"
        raise InvalidInput(message, name, code="no_day", name=name, given=value) from error


def parse_time(name: str, value: str) -> datetime:
    """Read an ISO 8601 time with a zone, as UTC: PostgreSQL does not know all zones."""
    try:
        # A plus sign in a query string arrives as a space.
        found = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError as error:
        message = f"{name} is no ISO 8601 time: {value!r}"
        raise InvalidInput(message, name, code="no_moment", name=name, given=value) from error
    if found.tzinfo is None:
        message = f"{name} needs a time zone: {value!r}"
        raise InvalidInput(message, name, code="no_zone", name=name, given=value)
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(f"{name} lies beyond the calendar: {value!r}", name) from error


def check_seen(session: Session, layer: Layer, scope: Scope, feature_id: int) -> None:
    """Refuse to tell more of a feature that the reader may not see than of one that is not there.

    Raises:
        NotFound: if the reader may not see it.
    """
    if unmasked(layer, scope) and not seen(session, layer, scope, (feature_id,)):
        raise NotFound(f"no feature {feature_id} in {layer.name}", code="no_feature", id=feature_id)


def seen(session: Session, layer: Layer, scope: Scope, ids: Collection[int]) -> set[int]:
    """Pick the features that the reader may see among some; for lists made by plain SQL."""
    asked = select(layer.table.id).where(*visible(layer, scope, Query(ids=tuple(ids))))
    return set(session.execute(asked).scalars())


class Page(NamedTuple):
    """A page of features.

    Attributes:
        features: at most as many as were asked for.
        further: where the next page begins, as ``Query.after``; None on the last one.
        matched: how many the question finds in all; None when that would have to be counted.
    """

    features: list[Stored]
    further: tuple[Any, ...] | None
    matched: int | None


def features(session: Session, layer: Layer, scope: Scope, query: Query) -> Page:
    """List features in the order asked for, the newest first if none was."""
    if usual.is_usual(layer, query):
        found = few(running(session), layer, scope, query)
        return found or _paged(query, usual.page(session, layer, scope, query))
    keys = paging.keys_of(layer, query)
    asked = (
        select(
            layer.table.id,
            cast(feature_json(layer, query), String),
            *[key.label(f"key_{i}") for i, key in enumerate(keys)],
        )
        .where(*visible(layer, scope, query), *paging.beyond(layer, query))
        .order_by(*paging.order(layer, query))
        .limit(None if query.limit is None else query.limit + 1)
        .offset(query.offset or None)
    )
    return _paged(query, session.execute(as_recorded(layer, query, asked)).all())


def few(fetch: Fetch, layer: Layer, scope: Scope, query: Query) -> Page | None:
    """List the few points of a box that is asked for in the usual way; None for all else."""
    if not usual.is_usual(layer, query) or not usual.has_few(layer, query):
        return None
    rows = usual.few(fetch, layer, scope, query)
    return None if rows is None else _paged(query, rows)


def _paged(query: Query, rows: Sequence[Any]) -> Page:
    page = rows[: query.limit]
    further = (*page[-1][2:], page[-1][0]) if len(rows) > len(page) else None
    return Page([Stored(row[0], row[1]) for row in page], further, _matched(query, rows))


def _matched(query: Query, rows: Sequence[Any]) -> int | None:
    first = query.after is None and not query.offset
    return len(rows) if first and (query.limit is None or len(rows) <= query.limit) else None


def feature(session: Session, layer: Layer, scope: Scope, query: Query) -> tuple[int, str]:
    """Read one feature: its row version and its GeoJSON.

    Args:
        session: an open session.
        layer: the layer.
        scope: who asks.
        query: a question for one id, and how the feature is to be shown.

    Raises:
        NotFound: if there is no such feature.
    """
    if usual.is_single(layer, query):
        return single(running(session), layer, scope, query)
    more = layer.details if query.shown is None else ()
    shown = cast(feature_json(layer, query, more), String)
    asked: Any = select(layer.table.row_version, shown).where(*visible(layer, scope, query))
    return _found(layer, query, session.execute(as_recorded(layer, query, asked)).all())


def single(fetch: Fetch, layer: Layer, scope: Scope, query: Query) -> tuple[int, str]:
    """Read one feature that is asked for in the usual way, as ``feature``.

    Raises:
        NotFound: if there is no such feature.
    """
    return _found(layer, query, usual.one(fetch, layer, scope, query))


def _found(layer: Layer, query: Query, rows: Sequence[Any]) -> tuple[int, str]:
    if not rows:
        number = (query.ids or ("?",))[0]
        raise NotFound(f"no feature {number} in {layer.name}", code="no_feature", id=number)
    return int(rows[0][0]), str(rows[0][1])


def count(session: Session, layer: Layer, scope: Scope, query: Query) -> int:
    """Count the features that a question finds."""
    asked = (
        select(func.count()).select_from(layer.table.__table__).where(*visible(layer, scope, query))
    )
    return int(session.execute(as_recorded(layer, query, asked)).scalar_one())


def extent(session: Session, layer: Layer, scope: Scope) -> list[float] | None:
    """Tell the box around a layer as west, south, east, north; None when it is empty."""
    box = select(func.ST_Extent(layer.geom).label("box")).where(*visible(layer, scope)).subquery()
    asked = select(
        *[getattr(func, f)(box.c.box) for f in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")]
    )
    row = session.execute(asked).one()
    return None if row[0] is None else [float(v) for v in row]
