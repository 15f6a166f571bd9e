"""Effects: what each kind of move changes in a case, one function per effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import text

from geodata.errors import Conflict, Forbidden, InvalidInput
from geodata.procedures import Level, Procedure
from layers.actors import found_duty, found_unit
from layers.bodies import KINDS, Body, body_at
from layers.delays import ask_delay, grant_delay, refuse_delay
from layers.making import Change, Making
from layers.responsibility import propose

ANEW = text("SELECT due_after(:district, now(), :amount, :unit)")


def advance(_: Making) -> Change:
    """Go on; only the step changes."""
    return Change()


def assign(making: Making) -> Change:
    """Hand the case to a unit or post: the named one, or the first proposed."""
    proposal = _proposed(making)
    named = _named(making)
    if named is None and proposal is None:
        raise Conflict(
            "nobody is proposed for this case; name a unit or a post", "unit", code="no_proposal"
        )
    body = named or Body(proposal["unit"], proposal["post"])  # type: ignore[index]
    change = Change(_given_to(making, body))
    if proposal is not None:
        taken = (proposal["unit"], proposal["post"]) == tuple(body)
        change.evidence["proposal"] = proposal | {"taken": taken}
    called = [body_at(making.session, making.scope, kind, making.case) for kind in _helping(making)]
    change.columns["helpers"] = _joined(making.case.helpers, [b.unit for b in called], body.unit)
    return change


def _helping(making: Making) -> tuple[str, ...]:
    # A case that lies in no grid has no grid's team to call in.
    return making.move.helpers if making.case.grid_code else ()


def _joined(before: list[str], more: list[str | None], but: str | None) -> list[str]:
    return list(dict.fromkeys([*before, *[unit for unit in more if unit and unit != but]]))


def reassign(making: Making) -> Change:
    """Hand the case to another than it is with."""
    change = assign(making)
    if (change.columns["unit"], change.columns["post"]) == (making.case.unit, making.case.post):
        raise Conflict("the case is with that body already", "unit", code="with_it_already")
    change.evidence["taken_from"] = {"unit": making.case.unit, "post": making.case.post}
    return change


def give_back(making: Making) -> Change:
    """Refuse the case: it is nobody's again, and the refusing unit is named."""
    case = making.case
    refused = {"unit": case.unit, "post": case.post}
    columns = {"unit": None, "post": None, "returns": case.returns + 1}
    return Change(columns, {"refused_by": refused})


def claim(making: Making) -> Change:
    """Take the case for oneself."""
    if making.actor.unit is None and making.actor.post is None:
        raise Forbidden("only who has a post or a unit claims a case", "post", code="no_body")
    return Change(_given_to(making, Body(making.actor.unit, making.actor.post)))


def raise_level(making: Making) -> Change:
    """Blow the whistle of a higher level: its body answers now."""
    change = _to_level(making, _above(making))
    change.columns["raises"] = making.case.raises + 1
    return change


def lower_level(making: Making) -> Change:
    """Give the case to the body of a lower level."""
    return _to_level(making, _below(making))


def command(making: Making) -> Change:
    """Send the case down the tree, to the body of a lower level or one named there."""
    level, named = _below(making), _named(making)
    if named is None:
        return _to_level(making, level)
    lies_at = _level_of(making, named)
    at = level if making.said.level else lies_at
    return Change(_given_to(making, named) | {"level": at.code})


def _level_of(making: Making, body: Body) -> Level:
    """Tell at which of the levels below the present one a body lies."""
    session, scope = making.session, making.scope
    known = found_duty if body.post else found_unit
    found = known(session, scope, body.post or body.unit or "")
    kind = "team" if body.post and found.grid_code else found.kind
    for level in levels_open(making.procedure, making.move.effect, making.case.level):
        if kind in KINDS.get(level.body, (["team"], None))[0]:
            return level
    member = "post" if body.post else "unit"
    message = f"{body.post or body.unit!r} does not lie below the case's level"
    raise Conflict(message, member, code="not_below", body=body.post or body.unit)


def call_up(making: Making) -> Change:
    """Take the case up the tree, from a lower level's body."""
    return _to_level(making, _above(making))


def levels_open(procedure: Procedure, effect: str, level: str | None) -> list[Level]:
    """List the levels that a move may lead to, the nearest first."""
    codes = [known.code for known in procedure.levels]
    at = codes.index(level) if level in codes else 0
    if effect in {"raise", "call_up"}:
        return list(procedure.levels[at + 1 :])
    return list(reversed(procedure.levels[:at]))


def _above(making: Making) -> Level:
    return _chosen(making, "the highest")


def _below(making: Making) -> Level:
    return _chosen(making, "the lowest")


def _chosen(making: Making, end: str) -> Level:
    found = levels_open(making.procedure, making.move.effect, making.case.level)
    if not found:
        raise Conflict(f"the case is at {end} level already", "level", code="no_level")
    if (wanted := making.said.level) is None:
        return found[0]
    for level in found:
        if level.code == wanted:
            return level
    codes = ", ".join(level.code for level in found)
    message = f"the level is one of {codes}, not {wanted!r}"
    raise InvalidInput(message, "level", code="no_such_level", level=wanted)


def _to_level(making: Making, level: Level) -> Change:
    body = body_at(making.session, making.scope, level.body, making.case)
    return Change(_given_to(making, body) | {"level": level.code})


def join(making: Making) -> Change:
    """Call in a unit beside the responsible one."""
    unit = making.said.unit or ""
    found_unit(making.session, making.scope, unit)
    if unit == making.case.unit or unit in making.case.helpers:
        message = f"the unit {unit!r} is on the case already"
        raise Conflict(message, "unit", code="helps_already", unit=unit)
    return Change({"helpers": [*making.case.helpers, unit]}, {"joined": unit})


def meet(making: Making) -> Change:
    """Keep the minutes of a joint meeting."""
    return Change({}, {"minutes": making.said.minutes})


def supervise(making: Making) -> Change:
    """Put the case under supervision."""
    if making.case.supervised:
        raise Conflict("the case is supervised already", "move", code="supervised")
    return Change({"supervised": True})


def rate(making: Making) -> Change:
    """Keep how satisfied the reporter is, 1 to 5."""
    return Change({"rating": making.said.rating})


def reopen(making: Making) -> Change:
    """Take the work up again; a closed case gets its item's limit anew."""
    case = making.case
    changed: dict[str, Any] = {"reworks": case.reworks + 1}
    if case.closed_at is not None:
        asked = {"district": making.scope.district, "amount": case.limit_h, "unit": case.limit_unit}
        anew = making.session.execute(ANEW, asked).scalar_one()
        changed |= {"due_at": max(anew, case.due_at), "asked_until": None, "paused_h": None}
    return Change(changed, {"closed_before": case.closed_at and case.closed_at.isoformat()})


def _given_to(making: Making, body: Body) -> dict[str, Any]:
    """Make a body responsible; never who reported, where the procedure keeps them apart."""
    if making.separate and body.post == making.case.reporter:
        raise Forbidden("who reported a case does not handle it", "post", code="kept_apart")
    return {"unit": body.unit, "post": body.post}


def _named(making: Making) -> Body | None:
    """Read the unit or post that a case is to go to."""
    unit, post = making.said.unit, making.said.post
    if post is None and unit is None:
        return None
    if post is None:
        found_unit(making.session, making.scope, unit or "")
        return Body(unit, None)
    duty = found_duty(making.session, making.scope, post)
    if duty.holder == "":
        raise Conflict(f"nobody holds the post {post!r}", "post", code="vacant", post=post)
    if unit is not None and unit != duty.unit:
        message = f"the post {post!r} is not of the unit {unit!r}"
        raise InvalidInput(message, "unit", code="other_unit", post=post, unit=unit)
    return Body(duty.unit, post)


def _proposed(making: Making) -> dict[str, Any] | None:
    """Ask whom the case is best dispatched to, who reported left out where he must be."""
    found = propose(making.session, making.scope, making.case.id)
    for proposal in found:
        if not (making.separate and proposal.post == making.case.reporter):
            return proposal.evidence()
    return None


EFFECTS: Mapping[str, Callable[[Making], Change]] = {
    "advance": advance,
    "assign": assign,
    "return": give_back,
    "reassign": reassign,
    "claim": claim,
    "raise": raise_level,
    "lower": lower_level,
    "command": command,
    "call_up": call_up,
    "join": join,
    "meet": meet,
    "supervise": supervise,
    "ask_delay": ask_delay,
    "grant_delay": grant_delay,
    "refuse_delay": refuse_delay,
    "write_off": advance,
    "rate": rate,
    "revisit": advance,
    "reopen": reopen,
}
