"""The questions that every layer answers the same way; ``visible`` is the one way in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, cast, func, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from geodata.crs import WGS84
from geodata.errors import InvalidInput, NotFound
from layers.base import Layer, Query, Scope, Stored
from layers.masks import unmasked

GEOJSON_DIGITS = 7
ANY = Query()


def visible(layer: Layer, scope: Scope, query: Query = ANY) -> list[ColumnElement[bool]]:
    """Say which rows of a layer a reader gets: the conditions of every list, count and tile."""
    table = layer.table
    conditions = [table.district == scope.district, *unmasked(layer, scope)]
    if query.bbox:
        conditions.append(func.ST_Intersects(_placed(layer), _envelope(query.bbox)))
    if query.ids is not None:
        conditions.append(table.id.in_(query.ids))
    jointly, used = layer.together(scope, query.where) if layer.together else ([], frozenset())
    alone = [(name, value) for name, value in query.where.items() if name not in used]
    return [*conditions, *jointly, *[_condition(layer, name, value) for name, value in alone]]


def _envelope(box: Sequence[float]) -> Any:
    return func.ST_MakeEnvelope(*box, WGS84)


def _placed(layer: Layer) -> Any:
    if layer.geom is None:
        raise InvalidInput(f"{layer.name} have no place", "bbox")
    return layer.geom


def _condition(layer: Layer, name: str, value: str) -> ColumnElement[bool]:
    """Turn ``name=value`` into a condition, over the layer's properties and named filters."""
    if name in layer.filters:
        found: ColumnElement[bool] = layer.filters[name](value)
        return found
    if name not in layer.properties:
        raise InvalidInput(f"{layer.name} have no property {name!r}", name)
    column = layer.table.__table__.c[name]
    equal: ColumnElement[bool] = column == _typed(column.type, name, value)
    return equal


def _typed(kind: Any, name: str, value: str) -> Any:
    try:
        python_type = kind.python_type
    except NotImplementedError as error:
        raise InvalidInput(f"{name} cannot be filtered by a value", name) from error
    if python_type is bool:
        return parse_flag(name, value)
    if python_type in (int, float):
        try:
            return python_type(value)
        except ValueError as error:
            raise InvalidInput(f"{name} is a number, not {value!r}", name) from error
    if python_type is not str:
        raise InvalidInput(f"{name} cannot be filtered by a value", name)
    return value


def parse_flag(name: str, value: str) -> bool:
    """Read true or false."""
    if value not in ("true", "false"):
        raise InvalidInput(f"{name} is true or false, not {value!r}", name)
    return value == "true"


def parse_time(name: str, value: str) -> datetime:
    """Read an ISO 8601 time with a zone, as UTC: PostgreSQL does not know all zones."""
    try:
        # A plus sign in a query string arrives as a space.
        found = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError as error:
        raise InvalidInput(f"{name} is no ISO 8601 time: {value!r}", name) from error
    if found.tzinfo is None:
        raise InvalidInput(f"{name} needs a time zone: {value!r}", name)
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(f"{name} lies beyond the calendar: {value!r}", name) from error


def feature_json(layer: Layer, more: Sequence[str] = ()) -> Any:
    """Write one row as GeoJSON, in the database, with some columns beside the properties.

    The foreign member ``version`` is what a change of the row is based on, as its ETag tells too.
    """
    columns = layer.table.__table__.c
    members: list[Any] = []
    for name in (*layer.properties, *more):
        members += [literal_column(f"'{name}'"), _shown(columns[name])]
    shape = (
        literal_column("NULL")
        if layer.geom is None
        else func.ST_AsGeoJSON(layer.geom, GEOJSON_DIGITS).op("::")(literal_column("json"))
    )
    return func.json_build_object(
        literal_column("'type'"),
        literal_column("'Feature'"),
        literal_column("'id'"),
        columns["id"],
        literal_column("'version'"),
        columns["row_version"],
        literal_column("'geometry'"),
        shape,
        literal_column("'properties'"),
        func.json_build_object(*members),
    )


def _shown(column: Any) -> Any:
    """Show a period as two ISO times; everything else as JSON writes it."""
    if column.type.__visit_name__ == "TSTZRANGE":
        return func.json_build_array(func.lower(column), func.upper(column))
    return column


def check_seen(session: Session, layer: Layer, scope: Scope, feature_id: int) -> None:
    """Refuse to tell more of a feature that the reader may not see than of one that is not there.

    Raises:
        NotFound: if the reader may not see it.
    """
    if unmasked(layer, scope) and not seen(session, layer, scope, (feature_id,)):
        raise NotFound(f"no feature {feature_id} in {layer.name}")


def seen(session: Session, layer: Layer, scope: Scope, ids: Collection[int]) -> set[int]:
    """Pick the features that the reader may see among some; for lists made by plain SQL."""
    asked = select(layer.table.id).where(*visible(layer, scope, Query(ids=tuple(ids))))
    return set(session.execute(asked).scalars())


def features(session: Session, layer: Layer, scope: Scope, query: Query) -> list[Stored]:
    """List features, the newest first.

    Returns:
        At most ``query.limit`` + 1 rows: the last one only tells that there is a next page.
    """
    asked = (
        select(layer.table.id, cast(feature_json(layer), String))
        .where(*visible(layer, scope, query))
        .order_by(layer.table.id.desc())
        .limit(query.limit + 1)
    )
    if query.after is not None:
        asked = asked.where(layer.table.id < query.after)
    return [Stored(*row) for row in session.execute(asked)]


def feature(session: Session, layer: Layer, scope: Scope, feature_id: int) -> tuple[int, str]:
    """Read one feature: its row version and its GeoJSON.

    Raises:
        NotFound: if there is no such feature.
    """
    shown = cast(feature_json(layer, layer.details), String)
    asked = select(layer.table.row_version, shown).where(
        *visible(layer, scope, Query(ids=(feature_id,)))
    )
    row = session.execute(asked).first()
    if row is None:
        raise NotFound(f"no feature {feature_id} in {layer.name}")
    return int(row[0]), str(row[1])


def count(session: Session, layer: Layer, scope: Scope, query: Query) -> int:
    """Count the features that a question finds."""
    asked = select(func.count()).select_from(layer.table).where(*visible(layer, scope, query))
    return int(session.execute(asked).scalar_one())


def extent(session: Session, layer: Layer, scope: Scope) -> list[float] | None:
    """Tell the box around a layer as west, south, east, north; None when it is empty."""
    box = select(func.ST_Extent(layer.geom).label("box")).where(*visible(layer, scope)).subquery()
    asked = select(
        *[getattr(func, f)(box.c.box) for f in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")]
    )
    row = session.execute(asked).one()
    return None if row[0] is None else [float(v) for v in row]
