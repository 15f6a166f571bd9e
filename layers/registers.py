"""Change registers: the former row goes to its history in the statement that replaces it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from geodata.errors import Conflict
from layers.base import Base, Register, Scope

MANAGED = frozenset({"district", "id", "row_version", "recorded_at"})
MEANT = "meant_id"  # of a staged row: the stored edition that it brings up to date


def history_of(register: type[Register]) -> Table:
    """Find the history table of a register."""
    return Base.metadata.tables[f"{register.__tablename__}_history"]


def revise(session: Session, register: type[Register], changed: Any, values: Any) -> int:
    """Replace rows and keep the former ones, in one statement.

    Args:
        session: an open session.
        register: the register.
        changed: the condition that picks the rows; may join other tables.
        values: the new column values.

    Returns:
        How many rows were revised.
    """
    table, former = register.__table__, history_of(register)
    names = [c.name for c in table.columns]
    # A transaction that began before the row's last change ends that change's time at once.
    moment = func.greatest(func.now(), table.c.recorded_at)
    kept = insert(former).from_select(
        [*names, "recorded"],
        select(*table.columns, func.tstzrange(table.c.recorded_at, moment)).where(changed),
    )
    revised = (
        update(register)
        .where(changed)
        .values(**values, row_version=register.row_version + 1, recorded_at=moment)
        .add_cte(kept.cte("kept"))
        .execution_options(synchronize_session=False)
    )
    return int(session.execute(revised).rowcount)  # type: ignore[attr-defined]


def retire(session: Session, register: type[Register], ended: Any) -> int:
    """Remove rows and keep them in the history, in one statement.

    Args:
        session: an open session.
        register: the register.
        ended: the condition that picks the rows.

    Returns:
        How many rows were removed.
    """
    table, former = register.__table__, history_of(register)
    names = [c.name for c in table.columns]
    until = func.greatest(func.now(), table.c.recorded_at)
    kept = insert(former).from_select(
        [*names, "recorded"],
        select(*table.columns, func.tstzrange(table.c.recorded_at, until)).where(ended),
    )
    gone = delete(table).where(ended).add_cte(kept.cte("kept"))  # type: ignore[arg-type]
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]


def was_used(session: Session, scope: Scope, register: type[Register], row: Any) -> bool:
    """Tell whether the code of a row is, or ever was, that of another."""
    asked = [
        select(1).where(
            rows.c.district == scope.district, rows.c.code == row.code, rows.c.id != row.id
        )
        for rows in (register.__table__, history_of(register))
    ]
    return session.execute(union_all(*asked).limit(1)).first() is not None


def check_unreferred(
    session: Session, scope: Scope, code: str, referring: Iterable[tuple[str, str]]
) -> None:
    """Refuse to end what other tables name by its code.

    Args:
        session: an open session.
        scope: whose district is asked about.
        code: the code that is to end.
        referring: tables and their columns.

    Raises:
        Conflict: naming the first table that does, and how many of its rows.
    """
    for name, column in referring:
        table = Base.metadata.tables[name]
        asked = select(func.count()).where(
            table.c.district == scope.district, table.c[column] == code
        )
        if (count := session.execute(asked).scalar_one()) > 0:
            raise Conflict(f"{count} of {name} refer to {code} by their {column}")


def absorb(session: Session, scope: Scope, register: type[Register], staged: Table) -> int:
    """Merge staged rows into a register by code: revise what differs, insert what is new.

    Of a code with several editions the one that a staged row means is revised, or the first that
    has not ended where rows do not say when they are in force; what has ended is let be.

    Args:
        session: an open session that holds the register.
        scope: whose district the rows belong to.
        register: a register with a ``code``.
        staged: a temporary table with the register's columns, or some of them, and perhaps
            ``meant_id`` (see ``layers/editions.py``).

    Returns:
        How many rows were revised or inserted.
    """
    own = [c.name for c in staged.columns if c.name not in MANAGED | {MEANT}]
    stale = and_(_same(scope, register, staged), differs(register, staged))
    revised = revise(session, register, stale, {n: staged.c[n] for n in own})
    fresh = select(literal_column(str(int(scope.district))), *[staged.c[n] for n in own]).where(
        _new(scope, register, staged)
    )
    added = session.execute(insert(register).from_select(["district", *own], fresh))
    return revised + int(added.rowcount)  # type: ignore[attr-defined]


def _same(scope: Scope, register: type[Register], staged: Table) -> Any:
    table = register.__table__
    if MEANT in staged.c:
        same, present = table.c.id == staged.c[MEANT], [~over(table)]
    else:
        same, present = table.c.code == staged.c.code, _in_force(register)
    return and_(table.c.district == scope.district, same, *present)


def _new(scope: Scope, register: type[Register], staged: Table) -> Any:
    if MEANT in staged.c:
        return staged.c[MEANT].is_(None)
    table = register.__table__
    known = select(table.c.code).where(table.c.district == scope.district)
    return staged.c.code.not_in(known)


def differs(register: type[Register], staged: Table) -> Any:
    """Tell whether a staged row is not what is stored; rows are compared as text."""
    own = [c.name for c in staged.columns if c.name in register.__table__.columns]
    return _row(register.__table__, own).is_distinct_from(_row(staged, own))


def hold(session: Session, register: type[Register]) -> None:
    """Let whoever else changes the register wait until this transaction ends; not who reads it."""
    session.execute(text(f"LOCK TABLE {register.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def enter(session: Session, register: type[Register]) -> None:
    """Wait for who holds the register, before a row is held: or each would wait for the other."""
    session.execute(text(f"LOCK TABLE {register.__tablename__} IN ROW EXCLUSIVE MODE"))


def ended(scope: Scope, register: type[Register]) -> CompoundSelect[Any]:
    """Select the codes that are no more, each with the local day ``until``.

    Their rows were removed, or all of their editions have ended.
    """
    table, former = register.__table__, history_of(register)
    left = select(1).where(table.c.district == former.c.district, table.c.code == former.c.code)
    removed = _until(scope, former, former.c.recorded).where(~left.exists())
    if "valid" not in table.c:
        return union_all(removed)
    return union_all(
        removed, _until(scope, table, table.c.valid).having(func.bool_and(over(table)))
    )


def _until(scope: Scope, rows: Any, period: Any) -> Select[Any]:
    last = func.timezone(scope.time_zone, func.max(func.upper(period)))
    return (
        select(rows.c.code, func.to_char(last, "YYYY-MM-DD").label("until"))
        .where(rows.c.district == scope.district)
        .group_by(rows.c.code)
    )


def _in_force(register: type[Register]) -> list[Any]:
    """Pick the first edition of a code that has not ended, in a register that has editions."""
    table: Any = register.__table__
    if "valid" not in table.c:
        return []
    other = table.alias("other")
    before = select(1).where(
        other.c.district == table.c.district,
        other.c.code == table.c.code,
        other.c.valid.op("<<")(table.c.valid),
        ~over(other),
    )
    return [~over(table), ~before.exists()]


def over(editions: Any) -> Any:
    """Tell whether an edition has ended."""
    return func.coalesce(func.upper(editions.c.valid) <= func.now(), False)


def _row(table: Any, names: list[str]) -> Any:
    # As text, since jsonb and geometry have no common equality.
    return func.concat_ws("\x1f", *[func.coalesce(table.c[n].cast(Text), "\x1e") for n in names])
