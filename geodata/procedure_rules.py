"""The rules of a procedure: no case may get stuck in it, and every word of it must be known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from geodata.procedures import (
    AFTERWARDS,
    BODIES,
    CODE,
    EFFECTS,
    LEADING,
    LEVELLING,
    NEEDS,
    OPEN,
    PARTIES,
    POSTS,
    STAGES,
    TIERS,
    Move,
    Procedure,
    Step,
)

ACTOR = re.compile(r"(\*|[a-z]+)/(\*|[a-z_]+)")


def faults(procedure: Procedure) -> Iterator[str]:
    """Tell what is wrong with a procedure, each fault with its step, move or level.

    The ways through it are only looked at when all its words are known.
    """
    found = [
        *_codes(procedure),
        *_firsts(procedure),
        *(fault for step in procedure.steps for fault in _step(step)),
        *(fault for move in procedure.moves for fault in _move(procedure, move)),
        *(
            f"level {level.code!r}: unknown body {level.body!r}"
            for level in procedure.levels
            if level.body not in BODIES
        ),
    ]
    yield from found or [*_keys(procedure), *_ways(procedure)]


def _codes(procedure: Procedure) -> Iterator[str]:
    named = {
        "procedure": [procedure.code],
        "level": [level.code for level in procedure.levels],
        "step": [step.code for step in procedure.steps],
        "move": [move.code for move in procedure.moves],
    }
    for kind, codes in named.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield f"{kind} {code!r}: the code stands twice"
            if not CODE.fullmatch(code):
                yield f"{kind} {code!r}: a code has small letters, digits and _"


def _firsts(procedure: Procedure) -> Iterator[str]:
    firsts = [step for step in procedure.steps if step.first]
    if len(firsts) != 1:
        listed = ", ".join(repr(step.code) for step in firsts) or "none"
        yield f"one step is the first, not {len(firsts)}: {listed}"
    for step in firsts:
        if step.stage != "reported":
            yield f"step {step.code!r}: the first step has the stage reported, not {step.stage}"


def _step(step: Step) -> Iterator[str]:
    if step.stage not in STAGES:
        yield f"step {step.code!r}: unknown stage {step.stage!r}"
    if step.final and step.stage != "closed":
        yield f"step {step.code!r}: a final step has the stage closed, not {step.stage}"
    if step.final and step.unit is not None:
        yield f"step {step.code!r}: a final step has no limit"
    if not step.final and step.unit is None:
        yield f"step {step.code!r}: no limit"


def _move(procedure: Procedure, move: Move) -> Iterator[str]:
    for check in (_ends, _effect, _stages, _words):
        for fault in check(procedure, move):
            yield f"move {move.code!r}: {fault}"


def _ends(procedure: Procedure, move: Move) -> Iterator[str]:
    known = {step.code for step in procedure.steps}
    if not move.sources:
        yield "no from"
    for code in sorted({*move.sources, move.to or OPEN} - known - {OPEN}):
        yield f"unknown step {code!r}"


def _effect(procedure: Procedure, move: Move) -> Iterator[str]:
    if move.effect not in EFFECTS:
        yield f"unknown effect {move.effect!r}"
        return
    if move.effect in LEADING and move.to is None:
        yield f"{move.effect} leads to a step; no to"
    if move.effect in LEVELLING and len(procedure.levels) < 2:
        yield f"{move.effect} needs levels"
    for need in sorted(EFFECTS[move.effect] - set(move.needs)):
        yield f"{move.effect} needs {need}"


def _stages(procedure: Procedure, move: Move) -> Iterator[str]:
    """A closed case is rated, revisited or reopened, nothing else."""
    stages = {step.code: step.stage for step in procedure.steps}
    closed = {code for code in move.sources if stages.get(code) == "closed"}
    opens = move.to is not None and stages.get(move.to) != "closed"
    if closed and move.effect not in AFTERWARDS:
        yield f"{move.effect} moves a closed case; only {', '.join(sorted(AFTERWARDS))} do"
    elif closed and opens and move.effect != "reopen":
        yield f"{move.effect} opens a closed case; only reopen does"
    if move.effect == "write_off" and stages.get(move.to or "") not in {"closed", None}:
        yield f"write_off closes a case; {move.to!r} does not"


def _words(procedure: Procedure, move: Move) -> Iterator[str]:
    if len(move.key) != 1 or not move.key.isascii() or not move.key.islower():
        yield f"a key is one small letter, not {move.key!r}"
    for need in sorted(set(move.needs) - NEEDS):
        yield f"unknown need {need!r}"
    for body in sorted(set(move.helpers) - BODIES):
        yield f"unknown body {body!r}"
    if not move.by:
        yield "nobody may make it: no by"
    for actor in move.by:
        if fault := _actor(procedure, actor):
            yield fault


def _actor(procedure: Procedure, actor: str) -> str | None:
    if actor in PARTIES:
        return None
    if not (match := ACTOR.fullmatch(actor)):
        return f"unknown actor {actor!r}"
    tier, post = match.groups()
    if tier not in {*TIERS, "*"}:
        return f"unknown level {tier!r} of the actor {actor!r}"
    if post not in {*POSTS, *procedure.posts, "*"}:
        return f"unknown post {post!r} of the actor {actor!r}"
    return None


def _keys(procedure: Procedure) -> Iterator[str]:
    for step in procedure.steps:
        for key, times in Counter(move.key for move in procedure.leaving(step)).items():
            if times > 1:
                yield f"step {step.code!r}: {times} moves have the key {key!r}"


def _ways(procedure: Procedure) -> Iterator[str]:
    """Find steps that no case reaches, and those that it reaches and never leaves for good."""
    onward = {
        step.code: {move.to for move in procedure.leaving(step) if move.to and move.to != step.code}
        for step in procedure.steps
    }
    finals = {step.code for step in procedure.steps if step.final}
    reached = _closure({procedure.first.code}, onward)
    backward: dict[str, set[str]] = {step: set() for step in onward}
    for step, targets in onward.items():
        for target in targets:
            backward[target].add(step)
    ending = _closure(finals, backward)
    for code, targets in onward.items():
        if code not in reached:
            yield f"step {code!r}: no move leads to it"
        elif code not in ending and not targets:
            yield f"step {code!r}: a dead end; no move leads on"
        elif code not in ending:
            yield f"step {code!r}: in a loop without exit"


def _closure(start: Iterable[str], onward: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set[str](), list(start)
    while waiting:
        if (code := waiting.pop()) not in found:
            found.add(code)
            waiting += onward[code]
    return found


__all__ = ["faults"]
