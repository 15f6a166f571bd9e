"""Dispatch many cases at once, each to whom it is first proposed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from geodata.errors import Conflict, GisError, InvalidInput, SignInRequired
from layers.base import Json, Scope, Target
from layers.incident_filters import ASKED
from layers.moves import case_of, take_step
from layers.procedures import procedure_of
from layers.queries import check_seen
from layers.said import only

MOST = 200


def dispatch_many(session: Session, scope: Scope, body: Json) -> Json:
    """Dispatch cases, each to its first proposal; one that is refused stays as it is.

    They are taken in the order of their ids, so that two lists do not wait for each other. What
    the reader may not see is refused in the words for what is not there.

    Raises:
        InvalidInput: if the body does not list cases with their versions, each once.
        SignInRequired: if nobody has signed in.
    """
    wanted = _cases(body)
    if scope.reader.account is None:
        raise SignInRequired("sign in to dispatch cases", code="sign_in")
    done, refused = list[dict[str, Any]](), list[dict[str, Any]]()
    for target in wanted:
        try:
            with session.begin_nested():
                done.append(_dispatched(session, scope, target))
        except GisError as error:
            refused.append({"id": target.id, **_told(error)})
    return {"done": done, "refused": refused}


def _told(error: GisError) -> dict[str, Any]:
    coded = {"code": error.code, "params": error.told} if error.code else {}
    return {"member": error.member, "detail": error.message, **coded}


def _dispatched(session: Session, scope: Scope, target: Target) -> dict[str, Any]:
    check_seen(session, ASKED, scope, target.id)
    before = case_of(session, scope, target.id)
    procedure = procedure_of(session, scope, before.procedure, before.edition)
    moves = procedure.leaving(procedure.step(before.step))
    move = next((move for move in moves if move.effect == "assign"), None)
    if move is None:
        message = f"incident {target.id} is not to be dispatched at {before.step}"
        raise Conflict(message, "move", code="not_to_dispatch", id=target.id)
    take_step(session, scope, target, {"move": move.code})
    after = case_of(session, scope, target.id)
    return {"id": after.id, "version": after.row_version, "unit": after.unit, "post": after.post}


def _cases(body: Json) -> list[Target]:
    only(body, frozenset({"cases"}))
    listed = body.get("cases")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise InvalidInput(
            f"cases is a list of 1…{MOST} cases", "cases", code="too_many_cases", most=MOST
        )
    targets: dict[int, Target] = {}
    for at, case in enumerate(listed):
        target = _target(case, at)
        if target.id in targets:
            message = f"the case {target.id} is listed twice"
            raise InvalidInput(message, f"cases[{at}]", code="listed_twice", id=target.id)
        targets[target.id] = target
    return [targets[number] for number in sorted(targets)]


def _target(case: Json, at: int) -> Target:
    given = case if isinstance(case, dict) else {}
    if not (_is_number(given.get("id")) and _is_number(given.get("version"))):
        raise InvalidInput(
            "a case has an id and a version", f"cases[{at}]", code="no_id_and_version"
        )
    return Target(given["id"], given["version"])


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
