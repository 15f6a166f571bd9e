"""Move a case on by its procedure: the change, its step and its event are one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, text, update
from sqlalchemy.orm import Session

from geodata.errors import Conflict, Forbidden, InvalidInput, NotFound, Stale, VersionRequired
from geodata.procedures import Move, Procedure, Step
from layers import cases
from layers.actors import SPEAKS_FOR_OTHERS, Actor, actor_of, may, on_behalf, responsible
from layers.base import Json, Scope, Target
from layers.bodies import Body, is_in_grid
from layers.effects import EFFECTS
from layers.making import Change, Making
from layers.outbox import Change as Event
from layers.outbox import announce
from layers.procedures import procedure_of
from layers.said import Said

# Moves whose unit and post say to whom the case goes, not on whose behalf it is moved.
HANDING_ON = frozenset({"assign", "reassign", "join", "command"})
# What who reported a case leaves to others, where the procedure keeps them apart (采办分离).
KEPT_APART = frozenset({"advance", "claim", "write_off", "revisit", "reopen"})

CASE = text("""
SELECT i.id, i.number, i.row_version, i.category, i.stage, i.procedure, i.edition, i.step, i.level,
       i.unit, i.post, i.reported_at, i.due_at, i.step_due_at, i.reporter, i.grid_code, i.in_grid,
       i.returns, i.reworks, i.delays, i.raises, i.supervised, i.helpers, i.asked_until,
       i.paused_h, i.rating, i.closed_at, i.duplicate_of, c.limit_h, c.limit_unit,
       c.department, now() AS now
FROM incidents AS i JOIN categories AS c ON c.district = i.district AND c.code = i.category
WHERE i.district = :district AND i.id = :id
""")


def take_step(session: Session, scope: Scope, target: Target, body: Json) -> None:
    """Make a move of a case.

    Raises:
        InvalidInput: if a member is wrong or missing, or the procedure has no such move.
        SignInRequired: if nobody has signed in.
        NotFound: if there is no such incident.
        VersionRequired: without the version that the move is based on; Stale for a former one.
        Conflict: if the case is closed, or at a step without this move.
        Forbidden: if the reader, or he on whose behalf he writes, may not make the move.
    """
    said = Said.parse(body)
    own = actor_of(session, scope)
    case = case_of(session, scope, target.id)
    _check_version(case, target)
    procedure = procedure_of(session, scope, case.procedure, case.edition)
    move = _move(procedure, case, said.move)
    acting = Acting(case, own, spoken_for(session, scope, case))
    actor = _acting(session, scope, acting, (move, said))
    said.check(move)
    making = Making(session, scope, case, procedure, move, actor, said)
    if is_kept_apart(making):
        raise Forbidden(
            "who reported a case neither handles nor closes it", "post", code="kept_apart"
        )
    _store(making, EFFECTS[move.effect](making))


def case_of(session: Session, scope: Scope, incident_id: int) -> Any:
    """Read where a case stands.

    Raises:
        NotFound: if there is no such incident.
    """
    case = session.execute(CASE, {"district": scope.district, "id": incident_id}).first()
    if case is None:
        raise NotFound(f"no incident {incident_id}", code="no_case", id=incident_id)
    return case


def _check_version(case: Any, target: Target) -> None:
    if target.version is None:
        raise VersionRequired(
            "say in If-Match which version the move is based on", "If-Match", code="no_version"
        )
    if target.version != case.row_version:
        raise _stale(case.id, target.version)


def _stale(incident_id: int, version: int) -> Stale:
    message = f"incident {incident_id} has changed since version {version}"
    return Stale(message, "If-Match", code="changed", id=incident_id)


def _move(procedure: Procedure, case: Any, code: str) -> Move:
    known = {move.code: move for move in procedure.moves}
    if code not in known:
        listed = ", ".join(known)
        message = f"{procedure.code} has no move {code!r}; it has {listed}"
        raise InvalidInput(message, "move", code="no_such_move", move=code)
    if case.duplicate_of is not None:
        message = f"incident {case.id} is merged into {case.duplicate_of}"
        raise Conflict(message, "move", code="merged", id=case.id, into=case.duplicate_of)
    open_now = [move.code for move in procedure.leaving(procedure.step(case.step))]
    if code not in open_now:
        state = "closed" if case.stage == "closed" else f"at the step {case.step}"
        listed = ", ".join(open_now) or "none"
        message = f"incident {case.id} is {state}; its moves are {listed}"
        raise Conflict(
            message,
            "move",
            code="closed" if case.stage == "closed" else "not_at_this_step",
            id=case.id,
        )
    return known[code]


@dataclass(frozen=True)
class Acting:
    """Who may act on a case: the reader as who he is himself, and whom he speaks for."""

    case: Any
    own: Actor
    other: Actor | None

    def by(self, move: Move) -> Actor | None:
        """Tell as whom a reader who names nobody makes a move; None if he may not.

        What the responsible post or unit may do, a dispatcher writes down for it.
        """
        able = (actor for actor in (self.own, self.other) if actor)
        return next((actor for actor in able if may(actor, move.by, self.case)), None)


def spoken_for(session: Session, scope: Scope, case: Any) -> Actor | None:
    """Tell whom the reader speaks for unless he names another: whoever the case is with."""
    speaks = scope.reader.roles & SPEAKS_FOR_OTHERS
    return responsible(session, scope, case) if speaks else None


def _acting(session: Session, scope: Scope, acting: Acting, making: tuple[Move, Said]) -> Actor:
    """Tell as whom the reader makes a move."""
    move, said = making
    if move.effect not in HANDING_ON and (said.post or said.unit):
        named = on_behalf(session, scope, said.post, said.unit)
        if may(named, move.by, acting.case):
            return named
        raise _may_not(move, named, "post" if said.post else "unit")
    if (found := acting.by(move)) is None:
        raise _may_not(move, acting.own, "move")
    return found


def _may_not(move: Move, actor: Actor, member: str) -> Forbidden:
    who = actor.post or actor.unit or actor.account
    message = f"{who!r} may not {move.code}; that is for {', '.join(move.by)}"
    return Forbidden(
        message, member, code="not_yours", who=who, move=move.title, move_en=move.title_en
    )


def is_kept_apart(making: Making) -> bool:
    """Tell whether who reported a case is about to handle, verify or close it, against the rule."""
    return (
        making.separate
        and making.case.reporter in {making.actor.post, making.scope.reader.post}
        and making.move.effect in KEPT_APART
        and "reporter" not in making.move.by
    )


def _store(making: Making, change: Change) -> None:
    """Write the changed case, unless it has changed meanwhile, with its step and its event."""
    case, scope, session = making.case, making.scope, making.session
    changed = _completed(making, change.columns)
    table = cases.Incident
    asked = (
        update(table)
        .where(
            table.district == scope.district,
            table.id == case.id,
            table.row_version == case.row_version,
        )
        .values(**changed, row_version=table.row_version + 1)
        .returning(table.due_at, table.step_due_at, table.grid_code)
        .execution_options(synchronize_session=False)
    )
    after = session.execute(asked).first()
    if after is None:
        raise _stale(case.id, case.row_version)
    session.execute(insert(cases.Step).values(**_step(making, change, changed, after)))
    announce(session, scope, Event("incidents", making.move.code, case.id, after.grid_code))


def _completed(making: Making, columns: dict[str, Any]) -> dict[str, Any]:
    """Add to what an effect changes what follows from it: stage, times, whose ground it is on."""
    case, procedure = making.case, making.procedure
    before = procedure.step(case.step)
    after = procedure.step(making.move.to) if making.move.to else before
    changed = dict(columns)
    if "unit" in changed and changed["unit"] is not None:
        body = Body(changed["unit"], changed["post"])
        own = is_in_grid(making.session, making.scope, case.grid_code, body)
        changed["in_grid"] = case.in_grid and own
    if making.move.to:
        changed |= {"step": after.code, "stage": after.stage}
        changed |= _closing(before, after, case.reported_at)
        if case.paused_h is None and "asked_until" not in changed:
            changed["asked_until"] = None
    if making.move.to or "due_at" in changed:
        changed["step_due_at"] = _step_due(making, after, changed.get("due_at", case.due_at))
    return changed


def _closing(before: Step, after: Step, reported_at: datetime) -> dict[str, Any]:
    if (before.stage == "closed") == (after.stage == "closed"):
        return {}
    if after.stage != "closed":
        return {"closed_at": None}
    closed_at = func.greatest(func.now(), reported_at)
    return {"closed_at": closed_at, "asked_until": None, "paused_h": None}


def _step_due(making: Making, step: Step, due_at: Any) -> Any:
    """Tell when a case must leave a step: by the step's limit, but not after the case is due."""
    if step.unit is None:
        return None
    if step.unit == "case" or not making.move.to:
        return due_at
    own = func.due_after(making.scope.district, func.now(), step.limit, step.unit)
    return own if step.stage == "closed" else func.least(own, due_at)


def _step(making: Making, change: Change, changed: dict[str, Any], after: Any) -> dict[str, Any]:
    """Write the step: who did what, and the state after it."""
    case, actor, said = making.case, making.actor, making.said

    def now(name: str) -> Any:
        return changed.get(name, getattr(case, name))

    due = after.step_due_at and after.step_due_at.isoformat()
    evidence = {**said.evidence, **change.evidence, "step_due_at": due}
    if said.until or said.rating:
        evidence |= {"until": said.until and said.until.isoformat(), "rating": said.rating}
    return {
        "district": making.scope.district,
        "incident_id": case.id,
        "move": making.move.code,
        "step_from": case.step,
        "step_to": now("step"),
        "stage_from": case.stage,
        "stage_to": now("stage"),
        "level": now("level"),
        "unit_to": now("unit"),
        "post_to": now("post"),
        "due_at": after.due_at,
        "in_grid": now("in_grid"),
        "post": actor.post,
        "unit": actor.unit,
        "actor": making.scope.reader.account,
        "reason": said.reason,
        # A report may be a little ahead of our clock; what follows it is not before it.
        "at": func.greatest(func.now(), case.reported_at),
        "evidence": {name: value for name, value in evidence.items() if value is not None},
    }
