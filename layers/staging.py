"""The rows of a file wait in a table of their own, where those that the rules forbid are found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Integer,
    MetaData,
    Select,
    Table,
    delete,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from layers import editions
from layers.base import Register, Scope
from layers.loading import Rejected
from layers.registers import MEANT, differs, ended, over

ROW = "row_in_frame"
ROW_NUMBER: Column[Any] = Column(ROW, Integer)


def described(*columns: Column[Any]) -> Table:
    """Describe the table in which a file's rows wait, or some columns of it."""
    copies = [Column(c.name, c.type) for c in columns]
    return Table("staged", MetaData(), *copies, prefixes=["TEMPORARY"])


def refuse(
    session: Session, scope: Scope, register: type[Register], staged: Table
) -> list[Rejected]:
    """Take the rows that the rules forbid out of the staging table.

    Args:
        session: an open session that holds the register.
        scope: whose district the rows belong to.
        register: whose rules they are.
        staged: the rows, numbered; with ``meant_id`` if they say when they are in force.

    Returns:
        The rows taken out, each with the column at fault and the reason.
    """
    dated = MEANT in staged.c
    unfit = editions.match(session, scope, register, staged) if dated else []
    rules = [*_rules(register, staged), *_used_up(scope, register, staged)]
    rules += [_past(scope, register, staged)] if dated else [_twice(staged)]
    asked = union_all(*rules).order_by(ROW)
    broken = [Rejected(row, name, why) for row, name, why in session.execute(asked)]
    found = {one.row: one for one in (*broken, *unfit)}
    if found:
        session.execute(delete(staged).where(staged.c[ROW].in_(list(found))))
    return list(found.values())


def _rules(register: type[Register], staged: Table) -> Iterator[Select[Any]]:
    """Select the rows that break a rule, with the column at fault and the reason."""
    table, row = register.__table__, staged.c[ROW]
    for name in set(staged.c.keys()) - {ROW, MEANT}:
        if not table.c[name].nullable:
            empty = literal(name), literal(f"no {name}")
            yield select(row, *empty).where(staged.c[name].is_(None))
    for rule in table.constraints:  # type: ignore[attr-defined]
        if isinstance(rule, CheckConstraint):
            told = literal(str(rule.name)), literal(f"against the rule {_words(rule)}")
            yield (
                select(row, *told)
                .where(literal_column(f"NOT ({rule.sqltext})"))
                .select_from(staged)
            )


def _twice(staged: Table) -> Select[Any]:
    """Select the rows whose code an earlier row has."""
    row = staged.c[ROW]
    again = func.row_number().over(partition_by=staged.c.code, order_by=row).label("turn")
    turns = select(row, staged.c.code, again).subquery()
    twice = func.concat("code ", turns.c.code, " stands twice in this file")
    return select(turns.c[ROW], literal("code"), twice).where(turns.c.turn > 1)


def _used_up(scope: Scope, register: type[Register], staged: Table) -> Iterator[Select[Any]]:
    """Select the rows whose code was used for what is no more."""
    past = ended(scope, register).subquery()
    until = func.concat("code ", past.c.code, " was used until ", past.c.until)
    why = until.concat("; codes are never used again")
    used = staged.c.code == past.c.code
    new = [staged.c[MEANT].is_(None)] if MEANT in staged.c else []
    asked = select(staged.c[ROW], literal("code"), why).select_from(staged.join(past, used))
    yield asked.where(*new)


def _past(scope: Scope, register: type[Register], staged: Table) -> Select[Any]:
    """Select the rows that would change an edition that has ended."""
    table: Any = register.__table__
    meant = (table.c.district == scope.district) & (table.c.id == staged.c[MEANT])
    why = func.concat("this edition of ", table.c.code, " has ended and stays as it is")
    return (
        select(staged.c[ROW], literal("valid"), why)
        .select_from(staged.join(table, meant))
        .where(over(table), differs(register, staged))
    )


def _words(rule: CheckConstraint) -> str:
    return re.sub(r"\s+", " ", str(rule.sqltext))
