"""Search every layer by name, code or address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from layers.base import Layer, Query, Scope
from layers.queries import visible

SEARCH_ROWS_PER_LAYER = 8
LIVE = "live"  # the filter of a layer that tells live features from past ones


def search(
    session: Session, scope: Scope, layers: Mapping[str, Layer], words: str
) -> list[dict[str, Any]]:
    """Find features whose name or code contains the words, the closest first.

    Of a layer that tells live features from past ones the past are found by their whole label
    only, so that a question never reads all that ever was.
    """
    searched = [layer for layer in layers.values() if layer.search]
    parts = [part for layer in searched for part in _parts(layer, scope, words)]
    asked = union_all(*parts).subquery()
    rows = session.execute(select(asked).order_by(asked.c.score.desc(), asked.c.label)).mappings()
    return [dict(row) for row in rows]


def _parts(layer: Layer, scope: Scope, words: str) -> list[Select[Any]]:
    """Select what contains the words; of past features, the one that they name."""
    columns, pattern = _columns(layer), _pattern(words)
    likely = or_(*[column.ilike(pattern) for column in columns])
    if LIVE not in layer.filters:
        return [_matches(layer, words, [*visible(layer, scope), likely])]
    live, past = (visible(layer, scope, Query(where={LIVE: told})) for told in ("true", "false"))
    named = layer.column(layer.label) == words
    return [_matches(layer, words, [*live, likely]), _matches(layer, words, [*past, named])]


def _columns(layer: Layer) -> list[Any]:
    return [cast(layer.column(name), String) for name in layer.search]


def _pattern(words: str) -> str:
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _matches(layer: Layer, words: str, where: list[ColumnElement[bool]]) -> Select[Any]:
    columns, pattern = _columns(layer), _pattern(words)
    label = func.coalesce(*columns, "")
    point = func.ST_PointOnSurface(layer.geom)
    closeness = func.greatest(
        *[
            func.coalesce(len(words) * 1.0 / func.nullif(func.length(c), 0), 0.0)
            * func.coalesce(cast(c.ilike(pattern), Integer), 0)
            for c in columns
        ]
    )
    found = (
        select(
            literal(layer.name).label("layer"),
            layer.table.id.label("id"),
            label.label("label"),
            func.concat_ws(" · ", *columns).label("detail"),
            func.ST_X(point).label("lon"),
            func.ST_Y(point).label("lat"),
            cast(closeness, Float).label("score"),
        )
        .where(*where)
        .order_by(cast(closeness, Float).desc())
        .limit(SEARCH_ROWS_PER_LAYER)
    )
    return select(found.subquery())
