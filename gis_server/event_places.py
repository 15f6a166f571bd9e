"""Where changed features are, for those who follow one place; looked up only when somebody does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gis_server.messages import Bounds, Event, Places
from layers.base import Layer, Register, Scope
from layers.registers import history_of

EDGES = ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")

# Tells the boxes around changed features, by layer and id.
Placing = Callable[[Session, Collection[Event]], Places]


def placing(layers: Mapping[str, Layer], scope: Scope) -> Placing:
    """Give what tells where changed features are, and where those of a register were before.

    A feature that is not there any more is left out; one without a place has no box.
    """

    def placed(session: Session, changes: Collection[Event]) -> Places:
        ids: dict[str, set[int]] = defaultdict(set)
        for change in changes:
            ids[change["layer"]].add(change["id"])
        found: dict[tuple[str, int], tuple[Bounds, ...]] = {}
        for name, changed in ids.items():
            if (layer := layers.get(name)) is not None:
                boxes = _boxes(session, layer, scope, changed - {None})
                found |= {(name, number): tuple(told) for number, told in boxes.items()}
        return found

    return placed


def _boxes(
    session: Session, layer: Layer, scope: Scope, ids: Collection[int]
) -> dict[int, list[Bounds]]:
    if layer.geom is None:
        return {number: [] for number in ids}
    present = session.execute(_edges(layer.table.__table__, scope, ids)).all()
    boxes: dict[int, list[Bounds]] = {row[0]: [] for row in present}
    before: Collection[Any] = ()
    if issubclass(layer.table, Register) and boxes:
        before = session.execute(_edges(history_of(layer.table), scope, boxes)).all()
    for number, *edges in (*present, *before):
        if edges[0] is not None:
            boxes[number].append((edges[0], edges[1], edges[2], edges[3]))
    return boxes


def _edges(table: Any, scope: Scope, ids: Collection[int]) -> Select[Any]:
    edges = [getattr(func, name)(table.c.geom) for name in EDGES]
    return select(table.c.id, *edges).where(table.c.district == scope.district, table.c.id.in_(ids))
