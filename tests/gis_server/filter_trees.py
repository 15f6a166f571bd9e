"""Random filter expressions, written as CQL2 text and as CQL2 JSON."""

from __future__ import annotations

from typing import Any

import shapely
from hypothesis import strategies as st

from gis_server import filter_functions, filter_places, filter_times

Node = Any

SIGNS = ("=", "<>", "<", ">", "<=", ">=")
RECKONED = ("+", "-", "*", "/", "%", "div", "^")
SETS = ("a_contains", "a_containedby", "a_equals", "a_overlaps")


def _op(name: str, *args: Node) -> Node:
    return {"op": name, "args": list(args)}


def _named(*names: str) -> st.SearchStrategy[Node]:
    return st.sampled_from(names).map(lambda name: {"property": name})


# A backslash before a quote means two things in CQL2; it stands before others here.
WORDS = st.text(st.sampled_from("aÉ黄'%_ ;-\"𝄞\u0301"), max_size=5) | st.just("50\\%")
NUMBERS = (
    st.integers(-(10**20), 10**20)
    | st.integers(-3, 30)
    | st.floats(-1e300, 1e300).filter(lambda x: not 0 < abs(x) < 1e-300)
)
MOMENTS = st.datetimes().map(lambda at: {"timestamp": f"{at.isoformat(timespec='seconds')}Z"})
DAYS = st.dates().map(lambda day: {"date": day.isoformat()})
BOUNDS = st.just("..") | DAYS.map(lambda n: n["date"]) | MOMENTS.map(lambda n: n["timestamp"])
LON, LAT = st.floats(113.93, 113.95), st.floats(22.98, 23.0)
PLACES = st.tuples(LON, LAT).map(list)
SHAPES = st.one_of(
    PLACES.map(lambda at: {"type": "Point", "coordinates": at}),
    st.lists(PLACES, min_size=2, max_size=4).map(
        lambda line: {"type": "LineString", "coordinates": line}
    ),
    st.lists(PLACES, min_size=3, max_size=4).map(
        lambda ring: {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    ),
    st.lists(PLACES, min_size=1, max_size=3).map(
        lambda points: {"type": "MultiPoint", "coordinates": points}
    ),
)
GATHERED = st.lists(SHAPES, min_size=1, max_size=3).map(
    lambda shapes: {"type": "GeometryCollection", "geometries": shapes}
)
WIDE = st.sampled_from(
    [
        {"bbox": [-180, -90, 180, 90]},
        {"bbox": [-180, -90, -180, 90]},
        {"bbox": [170, -10, -170, 10]},
        {"type": "LineString", "coordinates": [[0, 0], [180, 0]]},
        {"type": "LineString", "coordinates": [[-90, 0], [90, 0]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [90, 0], [180, 0], [90, 80], [0, 0]]]},
    ]
)
BOXES = st.tuples(LON, LAT, LON, LAT).map(lambda box: {"bbox": list(box)})

TEXTS = st.recursive(
    WORDS | _named("code", "name", "kind"),
    lambda inner: st.builds(_op, st.sampled_from(("casei", "accenti", "upper", "trim")), inner),
    max_leaves=3,
)
RECKONINGS = st.recursive(
    NUMBERS | _named("households", "height_m", "year", "big", "id"),
    lambda inner: st.one_of(
        st.builds(_op, st.sampled_from(RECKONED), inner, inner),
        st.builds(_op, st.sampled_from(("abs", "floor", "round")), inner),
        st.builds(_op, st.sampled_from(("area_m2", "length_m")), SHAPES | GATHERED | WIDE),
        st.builds(lambda a, b: _op("distance_m", a, b), _named("geom"), SHAPES | GATHERED | WIDE),
        st.builds(lambda text: _op("length", text), TEXTS),
    ),
    max_leaves=5,
)
INSTANTS = MOMENTS | DAYS | _named("at", "day")
INTERVALS = st.tuples(BOUNDS | _named("at", "day"), BOUNDS).map(
    lambda pair: {"interval": list(pair)}
)
TIMES = INSTANTS | INTERVALS | _named("used")
GEOMETRIES = SHAPES | GATHERED | BOXES | WIDE | _named("geom", "geometry")
LISTS = _named("tags", "more", "notes") | st.lists(WORDS | NUMBERS | st.booleans(), max_size=3)
PATTERNS = WORDS | st.builds(_op, st.sampled_from(("casei", "accenti")), WORDS)


def _pairs(names: Any, operands: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.builds(_op, st.sampled_from(tuple(names)), operands, operands)


PREDICATES = st.one_of(
    st.booleans(),
    _named("rental"),
    _pairs(SIGNS, TEXTS),
    _pairs(SIGNS, RECKONINGS),
    _pairs(SIGNS, INSTANTS),
    _pairs(filter_times.TEMPORAL, TIMES),
    _pairs(filter_places.PREDICATES, GEOMETRIES),
    _pairs(SETS, LISTS),
    st.builds(lambda a, b: _op("like", a, b), TEXTS, PATTERNS),
    st.builds(lambda *args: _op("between", *args), RECKONINGS, RECKONINGS, RECKONINGS),
    st.builds(
        lambda a, b: _op("in", a, b), RECKONINGS, st.lists(RECKONINGS, min_size=1, max_size=3)
    ),
    st.builds(lambda a: _op("isNull", a), TEXTS | RECKONINGS | INSTANTS | GEOMETRIES),
)
CONDITIONS = st.recursive(
    PREDICATES,
    lambda inner: st.one_of(
        st.builds(lambda a: _op("not", a), inner),
        st.builds(_op, st.sampled_from(("and", "or")), inner, inner),
    ),
    max_leaves=4,
)
ANY_NAME = st.sampled_from(
    (
        *(*SIGNS, *RECKONED, *SETS, *filter_times.TEMPORAL, *filter_places.PREDICATES),
        *(*filter_functions.FUNCTIONS, "and", "or", "not", "in", "between", "like", "isNull"),
        "casei",
    )
)
# Trees of the right shape that mostly mean nothing.
NONSENSE = st.recursive(
    st.none() | st.booleans() | TEXTS | RECKONINGS | TIMES | GEOMETRIES | LISTS | _named("?", ""),
    lambda inner: st.builds(lambda name, args: _op(name, *args), ANY_NAME, st.lists(inner)),
    max_leaves=6,
)


def as_text(node: Node) -> str:
    """Write a tree as CQL2 text, every operation in parentheses."""
    if isinstance(node, bool):
        return str(node).upper()
    if isinstance(node, str):
        return f"'{_doubled(node)}'"
    if isinstance(node, list):
        return f"({','.join(map(as_text, node))})"
    if isinstance(node, dict):
        return _object_text(node)
    return repr(node)


def _doubled(text: str) -> str:
    return text.replace("'", "''")


def _object_text(node: dict[str, Node]) -> str:
    if "op" in node:
        return f"({_operation_text(node['op'], [as_text(arg) for arg in node['args']])})"
    if "property" in node:
        return f'"{node["property"]}"'
    if "type" in node:
        return str(shapely.geometry.shape(node).wkt)
    ((word, value),) = node.items()
    inner = value if isinstance(value, list) else [value]
    return f"{word.upper()}({','.join(map(as_text, inner))})"


def _operation_text(name: str, args: list[str]) -> str:
    if name in (*SIGNS, *RECKONED, "and", "or", "like", "in"):
        return f" {name.upper()} ".join(args)
    if name == "not":
        return f"NOT {args[0]}"
    if name == "between":
        return f"{args[0]} BETWEEN {args[1]} AND {args[2]}"
    if name == "isNull":
        return f"{args[0]} IS NULL"
    return f"{name.upper()}({','.join(args)})"
