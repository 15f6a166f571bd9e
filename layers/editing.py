"""Write a register's features one by one: checked, kept in the history, and announced."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from geodata.errors import Conflict, NotFound, Stale, VersionRequired
from layers.base import Field, Register, Scope
from layers.broken_rules import told
from layers.drafts import (
    SOURCE,
    Values,
    check_complete,
    check_nulls,
    differs,
    fields_of,
    merge_patch,
    read_properties,
    read_shape,
    stored_as,
)
from layers.edits import Aim, Edits, Given, Written
from layers.outbox import Change, announce, bump
from layers.registers import check_unreferred, enter, retire, revise, was_used
from layers.repeated import earlier, keep
from layers.written_grounds import check_ground, grounds_of

FOR_EVER = "a code names one thing for ever"
DEFAULT = text("DEFAULT")

# Tells what follows from all values of a row.
Complete = Callable[[Session, Scope, Mapping[str, Any]], Values]


def editing(
    register: type[Register],
    roles: Collection[str] = (),
    referred: Collection[tuple[str, str]] = (),
    complete: Complete | None = None,
) -> Edits:
    """Let a register's features be written one by one.

    Args:
        register: a register with a ``code``.
        roles: who may write beside an administrator, each within the areas he answers for.
        referred: tables and columns that name a row by its code; while one does, it stays.
        complete: tells what follows from the values that a row is to have.
    """
    desk = Desk(register, {"code": FOR_EVER}, tuple(referred), complete)
    return Edits(
        roles=frozenset({"administrator", *roles}),
        create=desk.create,
        replace=desk.replace,
        update=desk.update,
        remove=desk.remove,
        fixed=desk.fixed,
        written=frozenset(desk.fields),
    )


def renaming(register: type[Register], roles: Collection[str], fixed: Mapping[str, str]) -> Edits:
    """Let a register's features be changed, but not made, ended or moved: something else does that.

    Args:
        register: a register with a ``code``.
        roles: who may write beside an administrator, each within the areas he answers for.
        fixed: what stays as it is, each with the reason.
    """
    desk = Desk(register, {"code": FOR_EVER, **fixed})
    return Edits(
        roles=frozenset({"administrator", *roles}),
        replace=desk.replace,
        update=desk.update,
        fixed=desk.fixed,
        written=frozenset(desk.fields) - set(desk.fixed),
    )


@dataclass(frozen=True)
class Desk:
    """Write the rows of one register.

    Attributes:
        register: the register.
        fixed: what stays as it was created, each with the reason.
        referred: tables and columns that name a row by its code.
        complete: tells what follows from the values that a row is to have.
    """

    register: type[Register]
    fixed: Mapping[str, str] = field(default_factory=dict)
    referred: tuple[tuple[str, str], ...] = ()
    complete: Complete | None = None

    @cached_property
    def table(self) -> Any:
        """The register's table."""
        return self.register.__table__

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The properties of a row, by name."""
        return fields_of(self.register)

    def create(self, session: Session, scope: Scope, given: Given) -> Written:
        """Store a new row, under a code that was never used.

        Raises:
            InvalidInput: naming what is wrong or missing.
            Conflict: if the code is in use, or was; or the key was used for another feature.
            Forbidden: if the place is not the reader's.
        """
        values = self._read(given, given.properties)
        if (before := earlier(session, scope, self.table.name, given)) is not None:
            return before
        check_complete(self.table, self.fields, {n for n, v in values.items() if v is not None})
        values = self._with_following(session, scope, values, given)
        row = insert(self.table).values({"district": scope.district, **stored_as(values)})
        with told(self.table):
            stored = session.execute(row.returning(*self.table.columns)).one()
        # Not before: only now has whoever just ended the row of this code committed.
        if was_used(session, scope, self.register, stored):
            raise Conflict(
                f"code {stored.code} was used before; codes are never used again",
                "properties.code",
            )
        done = self._told(session, scope, "created", stored)
        keep(session, scope, self.table.name, given, done)
        return done

    def replace(self, session: Session, scope: Scope, aim: Aim, given: Given) -> Written:
        """Put another row in the place of one; what is not given becomes null or its default.

        Raises:
            NotFound, VersionRequired, Stale: if the row is not the one that was read.
            InvalidInput: naming what is wrong or missing.
            Conflict: naming what cannot be changed.
            Forbidden: if the place is not the reader's.
        """
        row = self._held(session, scope, aim)
        kept = {name: row._mapping[name] for name in self.fixed if name in self.fields}
        values = {**self._unsaid(), **kept, **self._read(given, given.properties)}
        whole = {n for n, v in values.items() if v is not None}
        check_complete(self.table, self.fields, whole | {"geom"} & self.fixed.keys())
        return self._revised(
            session, scope, row, self._with_following(session, scope, values, given)
        )

    def update(self, session: Session, scope: Scope, aim: Aim, given: Given) -> Written:
        """Change what is given of a row; null removes it.

        Raises:
            NotFound, VersionRequired, Stale, InvalidInput, Conflict, Forbidden: as ``replace``.
        """
        row = self._held(session, scope, aim)
        merged = {name: self._merged(row, name, v) for name, v in given.properties.items()}
        values = self._read(given, merged)
        whole = {name: row._mapping[name] for name in self.fields} | values
        following = self._with_following(session, scope, whole, given) if values else {}
        changed = {n: v for n, v in following.items() if n in values or v != whole[n]}
        return self._revised(session, scope, row, values | changed)

    def remove(self, session: Session, scope: Scope, aim: Aim) -> None:
        """End a row; its history keeps it.

        Raises:
            NotFound, VersionRequired, Stale: if the row is not the one that was read.
            Conflict: if others refer to it, naming them.
            Forbidden: if the place is not the reader's.
        """
        row = self._held(session, scope, aim)
        check_unreferred(session, scope, row.code, self.referred)
        with told(self.table):
            retire(session, self.register, self._is(scope, row.id))
        self._told(session, scope, "removed", row)

    def _held(self, session: Session, scope: Scope, aim: Aim) -> Any:
        """Hold a row against others who would change it, and see that it is the one meant."""
        enter(session, self.register)
        held = select(self.table).where(self._is(scope, aim.id)).with_for_update()
        row = session.execute(held).first()
        if row is None:
            raise NotFound(f"no feature {aim.id} in {self.table.name}")
        if aim.versions is None:
            raise VersionRequired("say in If-Match which version the change is based on")
        if row.row_version not in aim.versions:
            raise Stale(f"feature {aim.id} is at version {row.row_version}", "If-Match")
        check_ground(scope, grounds_of(session, scope, row))
        return row

    def _is(self, scope: Scope, number: int) -> Any:
        return (self.table.c.district == scope.district) & (self.table.c.id == number)

    def _read(self, given: Given, properties: Mapping[str, Any]) -> Values:
        values = read_properties(self.table, self.fields, properties)
        check_nulls(self.fields, values)
        return values | read_shape(self.table, given)

    def _unsaid(self) -> Values:
        given = {n: one.column.server_default is not None for n, one in self.fields.items()}
        return {name: DEFAULT if default else None for name, default in given.items()}

    def _merged(self, row: Any, name: str, value: Any) -> Any:
        nested = name in self.fields and self.fields[name].kind == "object"
        return merge_patch(row._mapping[name], value) if nested else value

    def _with_following(
        self, session: Session, scope: Scope, values: Values, given: Given
    ) -> Values:
        """Add what follows from the values, where the client does not say it himself."""
        follows = self.complete(session, scope, values) if self.complete else {}
        return values | {n: v for n, v in follows.items() if n not in given.properties}

    def _revised(self, session: Session, scope: Scope, row: Any, values: Values) -> Written:
        """Store what differs from a row, if anything does."""
        changed = {name: v for name, v in values.items() if differs(row, name, v)}
        for name, reason in self.fixed.items():
            if name in changed:
                member = "geometry" if name == "geom" else f"properties.{name}"
                raise Conflict(f"{member} cannot be changed: {reason}", member)
        if changed.keys() <= {SOURCE}:
            return Written(row.id, row.row_version)
        with told(self.table):
            revise(session, self.register, self._is(scope, row.id), stored_as(changed))
        present = session.execute(select(self.table).where(self._is(scope, row.id))).one()
        return self._told(session, scope, "changed", present)

    def _told(self, session: Session, scope: Scope, kind: str, row: Any) -> Written:
        """Announce a change on the reader's ground, and give the layer its next version."""
        grounds = grounds_of(session, scope, row)
        check_ground(scope, grounds)
        name = self.register.__tablename__
        announce(session, scope, Change(name, kind, row.id, grounds[0] if grounds else None))
        bump(session, scope, name)
        return Written(row.id, row.row_version)
