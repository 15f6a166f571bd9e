"""Masks: rows that are not for everybody, and who may see them. The one place of that rule.

A layer says which of its rows are restricted, and gives each row's audience as marks: codes of the
units and posts that answer for it and of the areas it lies in. A reader carries marks too, and sees
a restricted row when one of them is the row's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    Text,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from layers.base import Layer, Reader, Scope
from layers.readers import NETS
from layers.records import instead

SEES_ALL = frozenset({"dispatcher", "administrator"})
# Who runs a command on the server's own machine reads its database anyway.
CONSOLE = Reader(account="console", roles=frozenset({"administrator"}))
AREA, UNIT, POST = "area:", "unit:", "post:"
# Digits of the codes of a district, town, village, grid and micro-grid.
AREA_DIGITS = (6, 9, 12, 15, 17)


class Mask(NamedTuple):
    """Say of a layer which rows are restricted, and for whom those are.

    ``restricted`` is a condition; ``audience`` a text[] of marks that may hold nulls.
    """

    restricted: ColumnElement[bool]
    audience: ColumnElement[Any]


def lifted(scope: Scope) -> Scope:
    """Give the scope of one who sees all, in place of its reader."""
    return replace(scope, reader=CONSOLE)


def marks(scope: Scope) -> frozenset[str] | None:
    """Tell a reader's marks; None for one who sees all.

    Ground is its general net's: who answers for another net has his post's and unit's marks only.
    """
    reader = scope.reader
    if reader.roles & SEES_ALL:
        return None
    found = set()
    if reader.unit and reader.roles & {"worker", "department"}:
        found.add(UNIT + reader.unit)
    if "worker" in reader.roles:
        found |= {POST + reader.post} if reader.post else set()
    if "worker" in reader.roles and reader.net in NETS:
        found |= {AREA + area for area in reader.areas or (str(scope.district),)}
    return frozenset(found)


def unmasked(layer: Layer, scope: Scope) -> list[ColumnElement[bool]]:
    """Say which rows of a layer a reader may see; no condition when that is all of them."""
    if layer.mask is None or (own := marks(scope)) is None:
        return []
    mask: Mask = layer.mask(scope)
    if not own:
        return [~mask.restricted]
    shared = mask.audience.op("&&")(cast(array(sorted(own)), ARRAY(Text)))
    return [or_(~mask.restricted, shared)]


def still_unmasked(layer: Layer, scope: Scope) -> list[ColumnElement[bool]]:
    """Say which rows of a layer a reader may see now, for a statement that reads their past.

    Whoever has given a case away sees nothing of it any more, neither how it is nor how it was. The
    present rows stand here under another name, as those of the statement become the past ones.
    """
    if not (conditions := unmasked(layer, scope)):
        return []
    own = layer.table.__table__
    columns = [column(c.name, c.type) for c in own.columns]
    now = table(layer.table.__tablename__, *columns).alias("present")
    seen = [instead(own, now).traverse(one) for one in conditions]
    kept = select(now.c.id).where(now.c.district == scope.district, *seen)
    return [layer.table.id.in_(kept)]


def told(layer: Layer, scope: Scope) -> Layer:
    """Give a layer as its reader is told of it: a visitor's lacks what is private.

    What it lacks can neither be read, filtered by nor sorted by.
    """
    return _public(layer) if layer.private and scope.reader.account is None else layer


@cache
def _public(layer: Layer) -> Layer:
    kept = tuple(name for name in layer.properties if name not in layer.private)
    return replace(layer, properties=kept, private=())


def audience_of(row: Any, scope: Scope) -> ColumnElement[Any]:
    """Write the marks of a row with a grid_code, a unit, a post and helpers (units as jsonb)."""
    whole = literal(f"{AREA}{scope.district}")
    areas = [literal(AREA) + func.left(row.grid_code, digits) for digits in AREA_DIGITS]
    listed = array([whole, *areas, literal(UNIT) + row.unit, literal(POST) + row.post])
    own = cast(listed, ARRAY(Text))
    also = func.jsonb_array_elements_text(row.helpers).table_valued("value", name="helper")
    others = select(literal(UNIT) + cast(also.c.value, String)).scalar_subquery()
    # Few have helpers, and to look into an empty list takes longer than all the rest.
    alone = row.helpers == cast(literal("[]"), JSONB)
    return case((alone, own), else_=func.array_cat(own, func.array(others)))


Keeping = Callable[[Session, Collection[Any]], dict[tuple[str, int], frozenset[str]]]


def keeping(layers: Mapping[str, Layer], scope: Scope) -> Keeping:
    """Give what finds, among changes, the features that are restricted, by layer and id.

    Each is told with the marks of who may see it. The statements are written once, as a feed asks
    ten times a second.
    """
    asked = {name: _restricted(layer, scope) for name, layer in layers.items() if layer.mask}

    def kept(session: Session, changes: Collection[Any]) -> dict[tuple[str, int], frozenset[str]]:
        found = {}
        for name in {change["layer"] for change in changes} & asked.keys():
            ids = {change["id"] for change in changes if change["layer"] == name} - {None}
            for id_, told in session.execute(asked[name], {"ids": list(ids)}):
                found[name, id_] = frozenset(filter(None, told))
        return found

    return kept


def _restricted(layer: Layer, scope: Scope) -> Select[Any]:
    assert layer.mask is not None
    mask: Mask = layer.mask(scope)
    known = layer.table.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
    return select(layer.table.id, mask.audience).where(
        layer.table.district == scope.district, known, mask.restricted
    )


def sees(own: frozenset[str] | None, audience: frozenset[str] | None) -> bool:
    """Tell whether a reader with some marks may see what is for an audience; None is everybody."""
    return own is None or audience is None or not own.isdisjoint(audience)
