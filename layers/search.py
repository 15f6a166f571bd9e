"""Search every layer by name, code or address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Float, Integer, String, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from layers.base import Layer, Scope
from layers.queries import visible

SEARCH_ROWS_PER_LAYER = 8


def search(
    session: Session, scope: Scope, layers: Mapping[str, Layer], words: str
) -> list[dict[str, Any]]:
    """Find features whose name or code contains the words, the closest first."""
    parts = [_matches(layer, scope, words) for layer in layers.values() if layer.search]
    asked = union_all(*parts).subquery()
    rows = session.execute(select(asked).order_by(asked.c.score.desc(), asked.c.label)).mappings()
    return [dict(row) for row in rows]


def _matches(layer: Layer, scope: Scope, words: str) -> Any:
    table = layer.table
    columns = [cast(table.__table__.c[name], String) for name in layer.search]
    label = func.coalesce(*columns, "")
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
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
            table.id.label("id"),
            label.label("label"),
            func.concat_ws(" · ", *columns).label("detail"),
            func.ST_X(point).label("lon"),
            func.ST_Y(point).label("lat"),
            cast(closeness, Float).label("score"),
        )
        .where(*visible(layer, scope), or_(*[c.ilike(pattern) for c in columns]))
        .order_by(cast(closeness, Float).desc())
        .limit(SEARCH_ROWS_PER_LAYER)
    )
    return select(found.subquery())
