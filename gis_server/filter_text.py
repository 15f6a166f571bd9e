"""Read CQL2 text: ``cql2`` parses it piece by piece, from the innermost parentheses outwards.

Given as a whole, 20 open parentheses keep the parser busy for seconds and each more doubles them,
a long chain of comparisons ends the process, and every number becomes a float. So it never sees a
parenthesis, a name or a literal: only operators between the numbers of the operands found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import cql2
import shapely
from shapely.errors import GEOSException

from geodata.errors import InvalidGeometry, InvalidInput

MEMBER = "filter"
MOST_IN_ROW = 64  # operators between two AND, OR or commas
NUMBER_CHARACTERS = 40
LEAST, MOST = Decimal("1e-307"), Decimal("1e308")  # what a double holds

Node = Any

# What a name begins with, and what it goes on with.
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_PART = f"{_START}.:0-9\u0300-\u036f\u203f\u2040"
_SHAPES = "(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION"
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<shape>(?:{_SHAPES})\s*Z?\s*(?=\()|(?:{_SHAPES})\s+EMPTY)
    |(?P<text>'(?:[^'\\]|''|\\'|\\)*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<name>[{_START}][{_PART}]*)
    |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<sign><>|<=|>=|[-+*/%^=<>(),])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPED = re.compile(r"''|\\'")
_CALL = re.compile(r"\s*\(")
_WKT = re.compile(rf"(?:[-+.,()\s0-9E]|{_SHAPES}|Z|EMPTY)*", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_WORDS = frozenset(["AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "DIV"])
_COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">=", "LIKE", "IN", "BETWEEN", "IS"})
_SIGNS = _COMPARISONS | _WORDS | frozenset("+-*/%^")
_TRUTH = {"TRUE": True, "FALSE": False}
_INSTANTS = frozenset({"date", "timestamp"})


class Token(NamedTuple):
    """One word of the text: what kind it is, how it is written, and where it begins."""

    kind: str
    text: str
    at: int


@dataclass
class Group:
    """What stands between two parentheses: operands that are done, and the present piece.

    Attributes:
        word: what stands before: a function, IN, or nothing.
        at: where the present piece begins.
    """

    word: str = ""
    at: int = 0
    done: list[Node] = field(default_factory=list)
    piece: list[str] = field(default_factory=list)


def read_text(text: str) -> Node:
    """Read CQL2 text as the tree that CQL2 JSON would have.

    Numbers are ``int`` or ``Decimal``, exactly as written.

    Raises:
        InvalidInput: if it is not CQL2; the message quotes the place.

    Source: OGC 21-065r2, annex B.
    """
    reading = _Reading(text)
    for token in _tokens(text):
        reading.take(token)
    return reading.end()


def number(text: str) -> int | Decimal:
    """Read a number exactly.

    Raises:
        InvalidInput: if it has more than 40 characters or is beyond what a double holds.
    """
    if len(text) > NUMBER_CHARACTERS:
        raise InvalidInput(f"{text[:NUMBER_CHARACTERS]}… has too many digits", MEMBER)
    found = Decimal(text)
    if found and not LEAST <= abs(found) <= MOST:
        raise InvalidInput(f"{text} is out of range", MEMBER)
    return int(found) if found == found.to_integral_value() and abs(found) < 10**40 else found


def _tokens(text: str) -> Iterator[Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidInput(f"the filter is not CQL2 at {_cut(text[at:])}", MEMBER)
        kind = str(match.lastgroup)
        start, at = match.start(kind), match.end()
        if kind == "shape" and text[at : at + 1] == "(":
            at = _closing(text, at)
        elif kind == "name" and _CALL.match(text, at):
            kind = "call" if match[kind].upper() not in _WORDS else kind
        yield Token(kind, text[start:at], start)


def _closing(text: str, at: int) -> int:
    """Find the end of the parentheses that open here."""
    depth = 0
    for i, character in enumerate(text[at:], at):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return i + 1
    raise InvalidInput(f"a parenthesis is not closed in {_cut(text[at:])}", MEMBER)


def _cut(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


class _Reading:
    """The groups that are open, and the operands found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.groups = [Group()]
        self.leaves: dict[str, Node] = {}
        self.word = ""
        self.without_case = False

    def take(self, token: Token) -> None:
        group = self.groups[-1]
        match token.kind:
            case "call":
                self.word = token.text.lower()
            case "sign" if token.text == "(":
                self._open(token)
            case "sign" if token.text in "),":
                self._close_piece(token)
            case "sign":
                group.piece.append(token.text)
            case "name" if token.text.upper() == "ILIKE":
                group.piece.append("LIKE")
                self.without_case = True
            case "name" if token.text.upper() in _WORDS:
                group.piece.append(_keyword(token.text.upper(), group.piece))
            case _:
                group.piece.append(self._leaf(self._operand(token)))

    def end(self) -> Node:
        if len(self.groups) > 1:
            raise InvalidInput("a parenthesis of the filter is not closed", MEMBER)
        return self._parsed(self.groups[0], len(self.text))

    def _open(self, token: Token) -> None:
        piece = self.groups[-1].piece
        word = self.word or ("IN" if piece[-1:] == ["IN"] else "")
        self.groups.append(Group(word, token.at + 1))
        self.word = ""

    def _close_piece(self, token: Token) -> None:
        group = self.groups[-1]
        if len(self.groups) == 1:
            raise InvalidInput(f"the filter is not CQL2 at {_cut(self.text[token.at :])}", MEMBER)
        if group.piece or group.done or token.text == ",":
            group.done.append(self._parsed(group, token.at))
        group.piece, group.at = [], token.at + 1
        if token.text == ")":
            self.groups.pop()
            self.groups[-1].piece += self._closed(group)

    def _closed(self, group: Group) -> list[str]:
        if group.word != "IN":
            return [self._leaf(_combined(group))]
        if not group.done:
            raise InvalidInput("IN has no values", MEMBER)
        return ["(", ",".join(self._leaf(value) for value in group.done), ")"]

    def _operand(self, token: Token) -> Node:
        match token.kind:
            case "text":
                return _ESCAPED.sub("'", token.text[1:-1])
            case "quoted":
                return {"property": token.text[1:-1].replace('""', '"')}
            case "number":
                return self._signed(number(token.text))
            case "shape":
                return _shape(token.text)
        truth = _TRUTH.get(token.text.upper())
        return {"property": token.text} if truth is None else truth

    def _signed(self, value: int | Decimal) -> int | Decimal:
        """Give a number the sign that stands before it where no operand does."""
        piece = self.groups[-1].piece
        if piece[-1:] not in (["-"], ["+"]) or (piece[:-1] and piece[-2] not in _SIGNS):
            return value
        return -value if piece.pop() == "-" else value

    def _leaf(self, value: Node) -> str:
        """Keep an operand under a name; mark it when ILIKE, which is none of CQL2, is before it."""
        if self.without_case:
            value, self.without_case = {"op": "ilike", "args": [value]}, False
        name = f"p{len(self.leaves)}"
        self.leaves[name] = value
        return name

    def _parsed(self, group: Group, end: int) -> Node:
        piece, written = group.piece, self.text[group.at : end]
        if len(piece) == 1 and piece[0] in self.leaves:
            return self.leaves[piece[0]]  # most pieces are one operand, which needs no parser
        _check_rows(piece, written)
        try:
            tree = cql2.parse_text(" ".join(piece)).to_json()
        except cql2.ParseError as error:
            raise InvalidInput(
                f"the filter is not CQL2: {_cut(written.strip())}", MEMBER
            ) from error
        return self._filled(tree)

    def _filled(self, tree: Node) -> Node:
        """Put the operands back; a number in the tree is the sign of a property."""
        if isinstance(tree, list):
            return [self._filled(inner) for inner in tree]
        if not isinstance(tree, dict):
            return int(tree) if isinstance(tree, float) else tree
        if "property" in tree:
            return self._known(tree["property"])
        name, args = tree["op"], self._filled(tree["args"])
        if name == "like" and isinstance(args[1], dict) and args[1].get("op") == "ilike":
            args = [{"op": "casei", "args": [arg]} for arg in (args[0], *args[1]["args"])]
        return {"op": name, "args": args}

    def _known(self, name: str) -> Node:
        if name not in self.leaves:
            raise InvalidInput(f"{name} stands alone in the filter", MEMBER)
        return self.leaves[name]


def _keyword(word: str, piece: list[str]) -> str:
    if word == "NULL" and "IS" not in piece[-2:]:
        raise InvalidInput("nothing compares with NULL; write IS NULL", MEMBER)
    return word


def _check_rows(piece: list[str], written: str) -> None:
    """Refuse what would make the parser recurse: comparisons of comparisons, endless rows."""
    if not piece:
        raise InvalidInput(f"the filter lacks something in {_cut(written)}", MEMBER)
    compared = operators = 0
    for word in piece:
        # The AND of BETWEEN begins a row as well; that only lets more pass.
        if word in ("AND", "OR"):
            compared = operators = 0
        compared += word in _COMPARISONS
        operators += word in _SIGNS
        if compared > 1 or operators > MOST_IN_ROW:
            raise InvalidInput(
                f"too many operators in a row; use parentheses in {_cut(written.strip())}", MEMBER
            )


def _combined(group: Group) -> Node:
    """Make a tree of a call, a list, or an expression in parentheses."""
    if not group.word:
        return group.done[0] if len(group.done) == 1 else group.done
    if group.word in _INSTANTS and len(group.done) == 1:
        return {group.word: group.done[0]}
    if group.word in ("interval", "bbox"):
        return {group.word: group.done}
    return {"op": group.word, "args": group.done}


def _shape(text: str) -> Node:
    """Read a geometry as GeoJSON would have it."""
    try:
        if not _WKT.fullmatch(text) or any(abs(float(n)) > MOST for n in _NUMBER.findall(text)):
            raise InvalidGeometry(f"no geometry: {_cut(text)}", MEMBER)
        return shapely.geometry.mapping(shapely.from_wkt(text))
    except (GEOSException, ValueError) as error:
        raise InvalidGeometry(f"no geometry: {_cut(text)}: {error}", MEMBER) from error
