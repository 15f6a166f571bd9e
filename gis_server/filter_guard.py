"""Guard the reading of filter expressions: what passes is a small tree of known shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from geodata.errors import InvalidInput
from gis_server.filter_text import MEMBER, Node, number, read_text

LIMIT_BYTES = 8192
DEPTH_LIMIT = 64
ARITHMETIC_LIMIT, POWER_LIMIT = 64, 4  # operations on numbers, which each row costs
# How much operations within operations may weigh: the frames of Python's stack, in units of 6 or 7,
# that writing them as SQL takes; there are 1,000, some of which are taken.
WEIGHT_LIMIT = 110
WEIGHTS = {
    **dict.fromkeys(("and", "or", "not", "+", "-", "*"), 1),
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">=", "in", "between", "like", "isnull"), 3),
    "^": 8,
}
WEIGHT = 4  # of the others: functions, division
# The draft's name of the text comes last: GDAL asks for it by that (seen in 3.12.4).
LANGUAGES = ("cql2-text", "cql2-json", "cql-text")
JSON = "cql2-json"

_QUOTED_TEXT = re.compile(r"'(?:[^'\\]|''|\\'|\\)*'|\"[^\"]*\"")
_QUOTED_JSON = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def check_language(language: str) -> None:
    """Refuse a language that no filter is written in.

    Raises:
        InvalidInput: naming ``filter-lang``.
    """
    if language not in LANGUAGES:
        raise InvalidInput(
            f"filter-lang is {' or '.join(LANGUAGES)}, not {language!r}", "filter-lang"
        )


def tree_of(text: str, language: str) -> Node:
    """Read a filter expression as a tree of CQL2 JSON.

    Args:
        text: the expression, at most 8 kB, nested at most 64 deep.
        language: cql2-text, cql2-json, or cql-text, which is read as cql2-text.

    Raises:
        InvalidInput: naming ``filter-lang`` or ``filter``, if it cannot be read.
    """
    check_language(language)
    _check_text(text, language)
    tree = _read_json(text) if language == JSON else read_text(text)
    _check_tree(tree)
    return tree


def _check_text(text: str, language: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidInput("the filter is not Unicode text", MEMBER) from error
    if size > LIMIT_BYTES:
        raise InvalidInput(f"the filter has {size} bytes; at most {LIMIT_BYTES}", MEMBER)
    if "\x00" in text:
        raise InvalidInput("the filter holds a null character", MEMBER)
    depth = 0
    quoted = _QUOTED_JSON if language == JSON else _QUOTED_TEXT
    for character in quoted.sub("", text):
        depth += _BRACKETS.get(character, 0)
        if depth > DEPTH_LIMIT:
            raise InvalidInput(f"the filter is nested deeper than {DEPTH_LIMIT}", MEMBER)


def _read_json(text: str) -> Node:
    try:
        return json.loads(
            text,
            parse_int=number,
            parse_float=number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_members,
        )
    except json.JSONDecodeError as error:
        raise InvalidInput(f"the filter is not JSON: {error}", MEMBER) from error


def _refuse_constant(name: str) -> Any:
    raise InvalidInput(f"{name} is no number", MEMBER)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidInput("a member is given twice", MEMBER)
    return found


def _check_tree(tree: Node) -> None:
    """Refuse texts that no database takes, and what is deep or dear to reckon."""
    counts = dict.fromkeys(("^", "+"), 0)
    for node, weight in _walk(tree):
        if isinstance(node, str):
            _check_string(node)
        elif weight > WEIGHT_LIMIT:
            raise InvalidInput("the filter has too many operations within operations", MEMBER)
        elif isinstance(node, dict) and node.get("op") in ("+", "-", "*", "/", "%", "div", "^"):
            counts["^" if node["op"] == "^" else "+"] += 1
    if counts["^"] > POWER_LIMIT or sum(counts.values()) > ARITHMETIC_LIMIT:
        raise InvalidInput(
            f"the filter reckons too much: at most {POWER_LIMIT} powers and {ARITHMETIC_LIMIT} "
            "operations on numbers",
            MEMBER,
        )


def _walk(tree: Node) -> Iterator[tuple[Node, int]]:
    """Visit all nodes, each with the weight of the operations around it."""
    left = [(tree, 0)]
    while left:
        node, weight = left.pop()
        yield node, weight
        if isinstance(node, dict):
            weight += _weight(node["op"]) if "op" in node else 0
            left += [(key, weight) for key in node]
            left += [(value, weight) for value in node.values()]
        elif isinstance(node, list | tuple):
            left += [(value, weight) for value in node]


def _weight(name: Node) -> int:
    return WEIGHTS.get(str(name).lower(), WEIGHT)


def _check_string(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{value!r} is not Unicode text", MEMBER) from error
    if "\x00" in value:
        raise InvalidInput("a text of the filter holds a null character", MEMBER)
