"""Turn CQL2 filter expressions into conditions over the properties that the API shows.

Values are bound, names come from the layer's fields, and all operations from the tables below.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    not_,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from geodata.errors import InvalidInput
from geodata.served_crs import CRS84, ServedCrs
from gis_server import filter_functions, filter_places, filter_times, schemas
from gis_server.filter_guard import LANGUAGES, tree_of
from gis_server.filter_terms import ARITHMETIC, NUMBERS, Reading, Term, a, arithmetic, exact, need
from gis_server.filter_text import MEMBER, Node
from layers.base import Layer

USUAL = LANGUAGES[0]  # the language of a filter that names none
COMPARED = frozenset({"string", "number", "boolean", "time"})  # families that have an order
LISTED = {"string": String, "number": Numeric}  # families whose literals make one list
LISTS = frozenset({"array", "object"})  # fields that are kept as JSON
SCALARS = (str, int, Decimal)
_ODD_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\$")


@dataclass(frozen=True)
class Parsed:
    """A filter expression as read, before it is known of which layer.

    Attributes:
        tree: CQL2 JSON, with exact numbers.
        crs: the system that its coordinates are written in.
        zone: the time zone whose days its dates are.
    """

    tree: Node
    crs: ServedCrs = CRS84
    zone: str = "UTC"


def parse(text: str, lang: str, crs: ServedCrs = CRS84, zone: str = "UTC") -> Parsed:
    """Read a filter expression.

    Args:
        text: at most 8 kB, nested at most 64 deep.
        lang: cql2-text or cql2-json.
        crs: the system of its coordinates (``filter-crs``).
        zone: the time zone whose days its dates are.

    Raises:
        InvalidInput: naming ``filter`` or ``filter-lang``, if it cannot be read.

    Source: OGC 21-065r2 (CQL2); OGC API – Features Part 3 (19-079r2).
    """
    return Parsed(tree_of(text, lang), crs, zone)


def condition(parsed: Parsed, layer: Layer) -> ColumnElement[bool]:
    """Turn an expression into a condition over the rows of a layer.

    Raises:
        InvalidInput: naming the property or function that is not known, or what cannot be compared.
        InvalidGeometry: if a shape in it is none on Earth.
    """
    reading = Reading(parsed.crs, parsed.zone, _names(layer), OPERATIONS, LITERALS)
    found: ColumnElement[bool] = reading.boolean(parsed.tree)
    return found


def _names(layer: Layer) -> Mapping[str, Term]:
    """Name what a filter may ask of a layer; a property goes before the names that all have."""
    own = {name: Term(field.kind, field.column, name) for name, field in layer.fields.items()}
    key = schemas.free("id", own)
    always = {key: Term("integer", layer.table.id, key)}
    if layer.geom is not None:
        names = ("geom", "geometry", schemas.free("geometry", own))
        always |= {name: Term("geometry", layer.geom, name) for name in names}
    return always | own


def _both(reading: Reading, name: str, nodes: list[Node]) -> Term:
    join: Any = and_ if name == "and" else or_
    if not nodes:
        raise InvalidInput(f"{name} of nothing", MEMBER)
    return Term("boolean", join(*(reading.boolean(node) for node in nodes)), name)


def _not(reading: Reading, name: str, nodes: list[Node]) -> Term:
    if len(nodes) != 1:
        raise InvalidInput(f"not takes 1 argument, not {len(nodes)}", MEMBER)
    return Term("boolean", not_(reading.boolean(nodes[0])), name)


def _compare(reading: Reading, name: str, nodes: list[Node]) -> Term:
    left, right = reading.terms(name, nodes, 2)
    return Term("boolean", _compared(reading, name, left, right), f"… {name} …")


def _compared(reading: Reading, sign: str, left: Term, right: Term) -> Any:
    """Compare two values of one family.

    Source: OGC 21-065r2, requirement classes Basic CQL2 and Property-Property Comparisons.
    """
    left, right = _fitted(reading, left, right), _fitted(reading, right, left)
    for term in (left, right):
        if term.family not in COMPARED:
            raise InvalidInput(f"{term.said} is {a(term.kind)}, which has no {sign}", MEMBER)
    if left.family != right.family:
        raise InvalidInput(
            f"{left.said} is {a(left.kind)} and {right.said} {a(right.kind)}; "
            "they cannot be compared",
            MEMBER,
        )
    if left.family == "time":
        return filter_times.compare_times(sign, left, right, reading.zone)
    one, two = (
        (exact(t) for t in (left, right)) if left.exact or right.exact else (left.sql, right.sql)
    )
    return one.op(sign, is_comparison=True)(two)


def _fitted(reading: Reading, term: Term, other: Term) -> Term:
    """Read a literal as what it is compared with: some write times as texts, and truth as 1."""
    if other.family == "time" and term.kind == "string" and isinstance(term.value, str):
        return filter_times.time_term(reading, term.value)
    if other.kind == "boolean" and term.kind == "integer" and term.value in (0, 1):
        return reading.term(bool(term.value))
    return term


def _between(reading: Reading, name: str, nodes: list[Node]) -> Term:
    value, low, high = reading.terms(name, nodes, 3)
    above, below = (
        _compared(reading, sign, value, bound) for sign, bound in ((">=", low), ("<=", high))
    )
    return Term("boolean", and_(above, below), name)


def _in(reading: Reading, name: str, nodes: list[Node]) -> Term:
    value, values = reading.terms(name, nodes, 2)
    if not isinstance(values.value, list) or not values.value:
        raise InvalidInput("IN takes a list of values", MEMBER)
    if (bound := _listed(value, values.value)) is not None:
        return Term("boolean", value.sql.in_(bound), name)
    return Term("boolean", or_(*(_compared(reading, "=", value, v) for v in values.value)), name)


def _listed(value: Term, values: list[Term]) -> Any:
    """Bind plain values as one list, which is quicker to write and to look up than their row."""
    if value.family not in LISTED or value.exact:
        return None
    if any(v.family != value.family or v.value is None for v in values):
        return None
    held = LISTED[value.family]
    return bindparam(None, [v.value for v in values], type_=held, expanding=True, unique=True)


def _like(reading: Reading, name: str, nodes: list[Node]) -> Term:
    text, pattern = (need(term, {"string"}, name) for term in reading.terms(name, nodes, 2))
    _check_pattern(nodes[1])
    return Term("boolean", text.sql.like(pattern.sql), name)


def _check_pattern(node: Node) -> None:
    """Demand a literal, in CASEI or ACCENTI or not, that does not end with half an escape."""
    while isinstance(node, dict) and str(node.get("op")).lower() in filter_functions.FOLDS:
        node = node["args"][0]
    if not isinstance(node, str):
        raise InvalidInput("LIKE takes a pattern that is written out", MEMBER)
    stripped = re.sub(filter_functions.MARKS, "", unicodedata.normalize("NFD", node))
    if _ODD_ESCAPE.search(stripped) or _ODD_ESCAPE.search(node):
        raise InvalidInput(f"the pattern {node!r} ends with an escape of nothing", MEMBER)


def _is_null(reading: Reading, name: str, nodes: list[Node]) -> Term:
    (term,) = reading.terms(name, nodes, 1)
    if term.sql is None:
        raise InvalidInput(f"{term.said} is never null", MEMBER)
    return Term("boolean", term.sql.is_(None), name)


def _array(reading: Reading, name: str, nodes: list[Node]) -> Term:
    """Compare two lists as sets.

    Source: OGC 21-065r2, requirement class Array Functions.
    """
    one, two = (_set(term, name) for term in reading.terms(name, nodes, 2))
    return Term("boolean", _SETS[name](one, two), name)


def _set(term: Term, name: str) -> Any:
    """Give a list as JSON; in parentheses one value alone is a list, too."""
    if term.sql is None and term.kind == "array":
        return cast(literal(_json(term.value), String), JSONB)
    if term.value is not None and isinstance(term.value, SCALARS):
        return cast(literal(_json([term]), String), JSONB)
    return need(term, LISTS, name).sql


def _json(terms: list[Term]) -> str:
    """Write literals as a JSON list, their numbers digit by digit."""
    return f"[{','.join(_json_value(term) for term in terms)}]"


def _json_value(term: Term) -> str:
    if not isinstance(term.value, SCALARS):
        raise InvalidInput(f"a list holds texts, numbers and truth values, not {term.said}", MEMBER)
    return str(term.value) if term.kind in NUMBERS else json.dumps(term.value)


def _contains(one: Any, two: Any) -> Any:
    return one.op("@>", is_comparison=True)(two)


def _overlap(one: Any, two: Any) -> Any:
    path = "$[*] ? (@ == $other[*])"
    return func.jsonb_path_exists(
        one, cast(literal(path, String), JSONPATH()), func.jsonb_build_object("other", two)
    )


_SETS: Mapping[str, Callable[[Any, Any], Any]] = {
    "a_containedby": lambda one, two: _contains(two, one),
    "a_contains": _contains,
    "a_equals": lambda one, two: and_(_contains(one, two), _contains(two, one)),
    "a_overlaps": _overlap,
}
OPERATIONS: Mapping[str, Callable[[Reading, str, list[Node]], Term]] = {
    "and": _both,
    "or": _both,
    "not": _not,
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), _compare),
    "between": _between,
    "in": _in,
    "like": _like,
    "isnull": _is_null,
    **dict.fromkeys(filter_functions.FOLDS, filter_functions.folding),
    **dict.fromkeys(ARITHMETIC, arithmetic),
    **dict.fromkeys(filter_places.PREDICATES, filter_places.spatial),
    **dict.fromkeys(filter_times.TEMPORAL, filter_times.temporal),
    **dict.fromkeys(_SETS, _array),
    **dict.fromkeys(filter_functions.FUNCTIONS, filter_functions.call),
}
LITERALS: Mapping[str, Callable[[Reading, Node], Term]] = {
    "date": filter_times.date_term,
    "timestamp": filter_times.timestamp_term,
    "interval": filter_times.interval_term,
    "bbox": filter_places.bbox_term,
    "type": filter_places.geometry_term,
}
