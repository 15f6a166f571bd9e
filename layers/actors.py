"""Actors: at which level, in which post and for which unit somebody makes a move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import Forbidden, InvalidInput, SignInRequired
from layers.base import Reader, Scope
from layers.readers import NETS

SPEAKS_FOR_OTHERS = frozenset({"dispatcher", "administrator"})
GRID_DIGITS, MICRO_DIGITS, VILLAGE_DIGITS, DISTRICT_DIGITS = 15, 17, 12, 6

DUTY = text("""
SELECT d.code, d.post, d.holder, d.grid_code, d.organisation_code AS unit, o.kind, o.area_code
FROM duties AS d
LEFT JOIN organisations AS o ON o.district = d.district AND o.code = d.organisation_code
WHERE d.district = :district AND d.code = :post AND d.valid @> now()
""")
UNIT = text("""
SELECT code AS unit, kind, area_code FROM organisations
WHERE district = :district AND code = :unit
""")


@dataclass(frozen=True)
class Actor:
    """Who makes a move.

    ``levels`` and ``posts`` are what patterns are matched with; ``area`` is the prefix of the grid
    codes that the actor answers for, empty for the whole town; ``account`` who wrote it down.
    ``areas`` and ``net`` are those of the account: one of another net than the general moves no
    case, for cases belong to that; ``spoken`` says that the account speaks for the actor, which
    it does in its own areas only.
    """

    account: str
    levels: frozenset[str]
    posts: frozenset[str]
    post: str | None = None
    unit: str | None = None
    area: str = ""
    areas: tuple[str, ...] = ()
    net: str | None = None
    spoken: bool = False

    def is_at(self, grid_code: str | None) -> bool:
        """Tell whether a place is the actor's; one without a grid is the town's."""
        return (grid_code or "").startswith(self.area) and self.covers(grid_code)

    def covers(self, grid_code: str | None) -> bool:
        """Tell whether a case's place is in the net and the areas of the account."""
        if self.net not in NETS:
            return False
        return not self.areas or (grid_code or "").startswith(self.areas)


def actor_of(session: Session, scope: Scope) -> Actor:
    """Tell as whom the reader acts by himself.

    Raises:
        SignInRequired: if nobody has signed in.
    """
    reader = scope.reader
    if reader.account is None:
        raise SignInRequired("sign in to move a case", code="sign_in")
    if reader.post is not None:
        found = _duty(session, scope, reader.post)
        return _acting(reader, found) if found else _roles_only(reader, None)
    return _roles_only(reader, reader.unit and _unit(session, scope, reader.unit))


def on_behalf(session: Session, scope: Scope, post: str | None, unit: str | None) -> Actor:
    """Tell as whom a reader acts who names a post or a unit.

    Raises:
        Forbidden: if it is another's, and the reader does not speak for others.
        InvalidInput: if there is no such post or unit, or the post is another unit's.
    """
    reader = scope.reader
    if (post is None or post == reader.post) and (unit is None or unit == reader.unit):
        return actor_of(session, scope)
    if not reader.roles & SPEAKS_FOR_OTHERS:
        member = "post" if post else "unit"
        message = "only a dispatcher writes on behalf of another"
        raise Forbidden(message, member, code="not_for_others")
    named = _speaking(reader)
    if post is None:
        return replace(_roles_only(named, found_unit(session, scope, unit or "")), spoken=True)
    found = found_duty(session, scope, post)
    if unit is not None and unit != found.unit:
        message = f"the post {post!r} is not of the unit {unit!r}"
        raise InvalidInput(message, "unit", code="other_unit", post=post, unit=unit)
    return replace(_acting(named, found), spoken=True)


def _speaking(reader: Reader) -> Reader:
    """Give a reader without rank: where he may speak for others, and nothing of his own."""
    return Reader(account=reader.account, areas=reader.areas, net=reader.net)


def responsible(session: Session, scope: Scope, case: Any) -> Actor | None:
    """Tell as whom the post or unit acts that a case is with; None if it is with nobody."""
    named = _speaking(scope.reader)
    if case.post is not None and (duty := _duty(session, scope, case.post)) is not None:
        return replace(_acting(named, duty), spoken=True)
    if case.unit is not None and (unit := _unit(session, scope, case.unit)) is not None:
        return replace(_roles_only(named, unit), spoken=True)
    return None


def found_duty(session: Session, scope: Scope, post: str, member: str = "post") -> Any:
    """Find a duty in force by its code.

    Raises:
        InvalidInput: naming ``member`` if there is none.
    """
    if (found := _duty(session, scope, post)) is None:
        raise InvalidInput(f"no post {post!r}", member, code="no_post", post=post)
    return found


def found_unit(session: Session, scope: Scope, unit: str, member: str = "unit") -> Any:
    """Find an organisation by its code.

    Raises:
        InvalidInput: naming ``member`` if there is none.
    """
    if (found := _unit(session, scope, unit)) is None:
        raise InvalidInput(f"no unit {unit!r}", member, code="no_unit", unit=unit)
    return found


def _duty(session: Session, scope: Scope, post: str) -> Any:
    return session.execute(DUTY, {"district": scope.district, "post": post}).first()


def _unit(session: Session, scope: Scope, unit: str) -> Any:
    return session.execute(UNIT, {"district": scope.district, "unit": unit}).first()


def _acting(reader: Reader, duty: Any) -> Actor:
    """Act in a post: at the level of its grid, or of its organisation."""
    levels, area = _of_grid(duty.grid_code) if duty.grid_code else _of_unit(duty)
    return Actor(
        account=reader.account or "",
        levels=levels,
        posts=frozenset({duty.post}) | reader.roles,
        post=duty.code,
        unit=duty.unit,
        area=area,
        areas=reader.areas,
        net=reader.net,
    )


def _roles_only(reader: Reader, unit: Any) -> Actor:
    """Act without a post: at the level of one's unit, or of the areas one answers for."""
    levels, area = _of_unit(unit) if unit else _of_areas(reader.areas)
    if reader.roles & SPEAKS_FOR_OTHERS and not reader.areas:
        levels, area = levels | {"town", "district"}, ""
    return Actor(
        account=reader.account or "",
        levels=levels,
        posts=reader.roles,
        unit=unit.unit if unit else reader.unit,
        area=area,
        areas=reader.areas,
        net=reader.net,
    )


Standing = tuple[frozenset[str], str]


def _of_grid(code: str) -> Standing:
    return frozenset({"micro" if len(code) >= MICRO_DIGITS else "grid"}), code


def _of_unit(unit: Any) -> Standing:
    area = unit.area_code or ""
    if unit.kind == "village":
        return frozenset({"village"}), area[:VILLAGE_DIGITS]
    if unit.kind == "team" and len(unit.unit.rstrip("T")) >= GRID_DIGITS:
        return _of_grid(unit.unit.rstrip("T"))
    if len(area) == DISTRICT_DIGITS:
        return frozenset({"district"}), ""
    return frozenset({"town"}), ""


def _of_areas(areas: tuple[str, ...]) -> Standing:
    shortest = min(map(len, areas), default=0)
    if shortest >= GRID_DIGITS:
        return _of_grid("0" * shortest)[0], ""
    if shortest >= VILLAGE_DIGITS:
        return frozenset({"village"}), ""
    return frozenset({"town"}), ""


def may(actor: Actor, patterns: Sequence[str], case: Any) -> bool:
    """Tell whether an actor is one of those who may make a move of a case."""
    if (actor.spoken or actor.net not in NETS) and not actor.covers(case.grid_code):
        return False
    return any(_is(actor, pattern, case) for pattern in patterns)


def _is(actor: Actor, pattern: str, case: Any) -> bool:
    if pattern == "handler":
        return actor.post == case.post if case.post else _of(actor, case.unit)
    if pattern == "unit":
        return _of(actor, case.unit)
    if pattern == "reporter":
        return actor.post is not None and actor.post == case.reporter
    if pattern == "helper":
        return actor.unit is not None and actor.unit in case.helpers
    level, post = pattern.split("/")
    return (
        (level == "*" or level in actor.levels)
        and (post == "*" or post in actor.posts)
        and actor.is_at(case.grid_code)
    )


def _of(actor: Actor, unit: str | None) -> bool:
    return unit is not None and actor.unit == unit
