"""Operands of filter expressions: properties, literals, arithmetic; each with its kind and SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Numeric, String, and_, case, cast, func, literal, or_

from geodata.errors import InvalidInput
from geodata.served_crs import ServedCrs
from gis_server.filter_text import MEMBER, Node

# Families of kinds whose values compare with each other.
FAMILIES = {"integer": "number", "date": "time", "date-time": "time"}
NUMBERS = frozenset({"integer", "number"})
ARITHMETIC = ("+", "-", "*", "/", "%", "div", "^")
MOST_BASE, MOST_EXPONENT = 10**38, 64  # beyond, a power is null instead of an error
BIGINT = 2**63


@dataclass(frozen=True)
class Term:
    """One operand.

    Attributes:
        kind: that of a field, or ``geometry`` or ``interval``.
        sql: the SQL expression; None for a list.
        said: what messages call it.
        value: of a literal; None for what the database reckons.
        exact: whether it was reckoned exactly, as ``numeric``.
    """

    kind: str
    sql: Any
    said: str
    value: Any = None
    exact: bool = False

    @property
    def family(self) -> str:
        """What it compares with."""
        return FAMILIES.get(self.kind, self.kind)


@dataclass(frozen=True)
class Reading:
    """Reads the nodes of one expression.

    Attributes:
        crs: the system that the coordinates of literals are written in.
        zone: the time zone whose days the dates are.
        names: the properties that may be named.
        operations: what there is by name of operation; each reads its own arguments.
        literals: reads an object that is no operation, by the member that tells what it is.
    """

    crs: ServedCrs
    zone: str
    names: Mapping[str, Term]
    operations: Mapping[str, Callable[[Reading, str, list[Node]], Term]]
    literals: Mapping[str, Callable[[Reading, Node], Term]]

    def term(self, node: Node) -> Term:
        """Read one node.

        Raises:
            InvalidInput: naming what is not known, or not of the kind that is needed.
        """
        if isinstance(node, dict):
            return self._object(node)
        if isinstance(node, list):
            return Term("array", None, "a list", [self.term(inner) for inner in node])
        if isinstance(node, bool):
            return Term("boolean", literal(node), str(node).lower(), node)
        if isinstance(node, str):
            return Term("string", literal(node, String), repr(node), node)
        if isinstance(node, int | Decimal):
            return number_term(node)
        raise InvalidInput("a filter holds no null; write IS NULL", MEMBER)

    def terms(self, name: str, nodes: list[Node], count: int) -> list[Term]:
        """Read the arguments of an operation, of which there must be so many."""
        if len(nodes) != count:
            raise InvalidInput(f"{name} takes {count} arguments, not {len(nodes)}", MEMBER)
        return [self.term(node) for node in nodes]

    def boolean(self, node: Node) -> Any:
        """Read a condition as SQL."""
        term = self.term(node)
        if term.kind != "boolean":
            raise InvalidInput(f"{term.said} is no condition but {a(term.kind)}", MEMBER)
        return term.sql

    def _object(self, node: dict[str, Node]) -> Term:
        if set(node) == {"op", "args"}:
            return self._operation(node["op"], node["args"])
        if set(node) == {"property"}:
            return self._property(node["property"])
        for member, read in self.literals.items():
            if member in node:
                return read(self, node)
        known = ", ".join(("op with args", "property", *self.literals))
        raise InvalidInput(f"{sorted(node)} is none of {known}", MEMBER)

    def _operation(self, name: Node, nodes: Node) -> Term:
        if not isinstance(name, str) or not isinstance(nodes, list):
            raise InvalidInput("op is a text and args a list", MEMBER)
        read = self.operations.get(name.lower())
        if read is None:
            raise InvalidInput(f"there is no function {name!r}", MEMBER)
        return read(self, name.lower(), nodes)

    def _property(self, name: Node) -> Term:
        if not isinstance(name, str) or name not in self.names:
            known = ", ".join(self.names)
            raise InvalidInput(f"there is no property {name!r}; there are {known}", MEMBER)
        return self.names[name]


def a(kind: str) -> str:
    """Name a kind in a message."""
    told = {
        "string": "a text",
        "object": "an object",
        "array": "a list",
        "date-time": "a time",
        "integer": "a number",
        "interval": "an interval",
    }
    return told.get(kind, f"a {kind}")


def number_term(value: int | Decimal) -> Term:
    """Bind a number so that it compares exactly."""
    kind = "integer" if isinstance(value, int) else "number"
    held = BigInteger if isinstance(value, int) and abs(value) < BIGINT else Numeric
    return Term(kind, literal(value, held), str(value), value)


def need(term: Term, kinds: frozenset[str] | set[str], name: str) -> Term:
    """Refuse an operand of another kind.

    Raises:
        InvalidInput: naming it, its kind and the operation.
    """
    if term.kind not in kinds:
        raise InvalidInput(f"{name} takes no {term.said}, which is {a(term.kind)}", MEMBER)
    return term


def exact(term: Term) -> Any:
    """Give a number as ``numeric``, which neither overflows nor rounds."""
    return term.sql if term.exact else cast(term.sql, Numeric)


def arithmetic(reading: Reading, name: str, nodes: list[Node]) -> Term:
    """Reckon with two numbers; what has no result, such as a division by zero, is null.

    Source: OGC 21-065r2, requirement class Arithmetic Expressions.
    """
    terms = reading.terms(name, nodes, 2)
    left, right = (exact(need(term, NUMBERS, name)) for term in terms)
    return Term("number", _RECKON[name](left, right), f"{terms[0].said} {name} …", exact=True)


def _power(base: Any, exponent: Any) -> Any:
    whole = exponent == func.trunc(exponent)
    reckoned = or_(base > 0, and_(base < 0, whole), and_(base == 0, exponent >= 0))
    bounded = and_(func.abs(base) <= MOST_BASE, func.abs(exponent) <= MOST_EXPONENT)
    return case((and_(bounded, reckoned), func.power(base, exponent)))


_RECKON: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / func.nullif(right, 0),
    "%": lambda left, right: func.mod(left, func.nullif(right, 0)),
    "div": lambda left, right: func.div(left, func.nullif(right, 0)),
    "^": _power,
}
