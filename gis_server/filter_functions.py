"""Functions that a filter expression may call: a short list, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from geoalchemy2 import Geography
from sqlalchemy import cast, func, literal_column

from geodata.crs import WGS84
from gis_server.filter_terms import NUMBERS, Reading, Term, exact, need
from gis_server.filter_text import Node

# An edge half round the globe cannot be measured; a straight one in degrees is bent in steps.
STEP_DEGREES = 1
ROOT = "und-x-icu"  # folds case by Unicode, whatever the database's own locale does
MARKS = "[\u0300-\u036f]"  # the combining marks of Latin, Greek and Cyrillic letters

TEXT, NUMBER, SHAPE = frozenset({"string"}), NUMBERS, frozenset({"geometry"})
TYPE = {TEXT: "string", NUMBER: "number", SHAPE: "geometry"}


class Argument(NamedTuple):
    """One argument of a function: what it is called, and of which kinds it may be."""

    name: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class Function:
    """One function.

    Attributes:
        description: what it gives, in English.
        arguments: what it takes.
        returns: the kind of its result.
        sql: makes the SQL expression of its arguments.
        exact: whether the result is ``numeric``.
    """

    description: str
    arguments: tuple[Argument, ...]
    returns: str
    sql: Callable[..., Any]
    exact: bool = False


def call(reading: Reading, name: str, nodes: list[Node]) -> Term:
    """Call a function of the list."""
    function = FUNCTIONS[name]
    terms = reading.terms(name, nodes, len(function.arguments))
    for term, argument in zip(terms, function.arguments, strict=True):
        need(term, argument.kinds, name)
    given = [exact(term) if function.exact else term.sql for term in terms]
    return Term(function.returns, function.sql(*given), f"{name}(…)", exact=function.exact)


def fold_case(text: Any) -> Any:
    """Make capital and small letters the same (CASEI)."""
    return func.lower(text.collate(ROOT))


def strip_accents(text: Any) -> Any:
    """Leave the accents of letters out (ACCENTI)."""
    return func.regexp_replace(func.normalize(text, literal_column("NFD")), MARKS, "", "g")


def folding(reading: Reading, name: str, nodes: list[Node]) -> Term:
    """Read CASEI or ACCENTI of a text.

    Source: OGC 21-065r2, requirement classes Case- and Accent-insensitive Comparison.
    """
    (term,) = reading.terms(name, nodes, 1)
    need(term, TEXT, name)
    return Term("string", FOLDS[name](term.sql), f"{name}({term.said})")


FOLDS: Mapping[str, Callable[[Any], Any]] = {"casei": fold_case, "accenti": strip_accents}


def _on_ellipsoid(shape: Any) -> Any:
    """Lay a shape, whose edges are straight in degrees (RFC 7946, 3.1.1), on the ellipsoid."""
    return cast(func.ST_Segmentize(shape, STEP_DEGREES), Geography(srid=WGS84))


_TEXT, _NUMBER, _SHAPE = Argument("text", TEXT), Argument("number", NUMBER), Argument("geom", SHAPE)
_CEILING = Function("The next whole number above.", (_NUMBER,), "number", func.ceil, exact=True)
FUNCTIONS: Mapping[str, Function] = {
    "lower": Function("The text in small letters.", (_TEXT,), "string", fold_case),
    "upper": Function(
        "The text in capital letters.",
        (_TEXT,),
        "string",
        lambda text: func.upper(text.collate(ROOT)),
    ),
    "length": Function("How many characters a text has.", (_TEXT,), "integer", func.char_length),
    "trim": Function("The text without spaces around it.", (_TEXT,), "string", func.btrim),
    "abs": Function("The number without its sign.", (_NUMBER,), "number", func.abs, exact=True),
    "floor": Function("The next whole number below.", (_NUMBER,), "number", func.floor, exact=True),
    "ceil": _CEILING,
    "ceiling": _CEILING,
    "round": Function("The nearest whole number.", (_NUMBER,), "number", func.round, exact=True),
    "area_m2": Function(
        "The area in square metres, on the ellipsoid.",
        (_SHAPE,),
        "number",
        lambda shape: func.ST_Area(_on_ellipsoid(shape)),
    ),
    "length_m": Function(
        "The length in metres, on the ellipsoid; of areas 0.",
        (_SHAPE,),
        "number",
        lambda shape: func.ST_Length(_on_ellipsoid(shape)),
    ),
    "distance_m": Function(
        "The shortest distance in metres, on the ellipsoid.",
        (_SHAPE, Argument("other", SHAPE)),
        "number",
        lambda one, two: func.ST_Distance(_on_ellipsoid(one), _on_ellipsoid(two)),
    ),
}
