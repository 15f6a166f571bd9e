"""Choices: which moves a case has now, and why a reader may not make one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.orm import Session

from geodata.procedures import LEVELLING, Move, Procedure
from layers.actors import Actor, actor_of
from layers.base import Scope
from layers.effects import levels_open
from layers.making import Making
from layers.moves import Acting, case_of, is_kept_apart, spoken_for
from layers.procedures import procedure_of
from layers.said import Said

# Why a move cannot be made: a code for pages to translate, and the words.
WHY = {
    "sign_in": "sign in to move a case",
    "not_yours": "this is for others: {}",
    "reporter": "who reported a case neither handles nor closes it",
    "merged": "the case is merged into another",
    "no_level": "there is no such level beyond this one",
    "supervised": "the case is supervised already",
    "asked": "a delay is asked for already",
    "not_asked": "no delay is asked for",
}


@dataclass(frozen=True)
class Choosing:
    """A case that somebody looks at, with the procedure it follows."""

    session: Session
    scope: Scope
    case: Any
    procedure: Procedure
    acting: Acting | None


def moves_of(session: Session, scope: Scope, incident_id: int) -> str:
    """List the moves of a case at its step, for the present reader, as JSON text.

    Raises:
        NotFound: if there is no such incident.
    """
    case = case_of(session, scope, incident_id)
    procedure = procedure_of(session, scope, case.procedure, case.edition)
    acting = None
    if scope.reader.account is not None:
        own, other = actor_of(session, scope), spoken_for(session, scope, case)
        acting = Acting(case, own, other)
    choosing = Choosing(session, scope, case, procedure, acting)
    moves = procedure.leaving(procedure.step(case.step))
    told = {
        "procedure": _about(case, procedure),
        "step": case.step,
        "level": case.level,
        "version": case.row_version,
        "moves": [_told(choosing, move) for move in moves],
    }
    return orjson.dumps(told).decode()


def _about(case: Any, procedure: Procedure) -> dict[str, Any]:
    named = ("code", "title", "title_en")
    steps = [{n: getattr(s, n) for n in (*named, "stage")} for s in procedure.steps]
    levels = [{n: getattr(level, n) for n in named} for level in procedure.levels]
    own = {name: getattr(procedure, name) for name in named}
    return own | {"edition": case.edition, "steps": steps, "levels": levels}


def _told(choosing: Choosing, move: Move) -> dict[str, Any]:
    actor = choosing.acting.by(move) if choosing.acting else None
    why = _hindrance(choosing, move, actor)
    told: dict[str, Any] = {
        **{name: getattr(move, name) for name in ("code", "title", "title_en", "key", "effect")},
        "to": move.to,
        "needs": list(move.needs),
        "allowed": why is None,
        "why": why and WHY[why].format(", ".join(move.by)),
        "why_code": why,
    }
    if actor and choosing.acting and actor != choosing.acting.own:
        told["on_behalf"] = {"post": actor.post, "unit": actor.unit}
    if move.effect in LEVELLING:
        found = levels_open(choosing.procedure, move.effect, choosing.case.level)
        told["levels"] = [level.code for level in found]
    return told


def _hindrance(choosing: Choosing, move: Move, actor: Actor | None) -> str | None:
    """Tell why a move cannot be made, None if it can."""
    if choosing.acting is None:
        return "sign_in"
    if choosing.case.duplicate_of is not None:
        return "merged"
    if actor is None:
        return "not_yours"
    making = Making(
        *(choosing.session, choosing.scope, choosing.case, choosing.procedure, move, actor),
        Said(move.code),
    )
    return "reporter" if is_kept_apart(making) else _state_of_case(choosing, move)


def _state_of_case(choosing: Choosing, move: Move) -> str | None:
    case = choosing.case
    asked = case.asked_until is not None and case.paused_h is None
    if move.effect in LEVELLING and not levels_open(choosing.procedure, move.effect, case.level):
        return "no_level"
    if move.effect == "supervise" and case.supervised:
        return "supervised"
    if move.effect == "ask_delay" and asked:
        return "asked"
    if move.effect in {"grant_delay", "refuse_delay"} and not asked:
        return "not_asked"
    return None
