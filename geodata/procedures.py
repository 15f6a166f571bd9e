"""Procedures as data: steps, moves and levels, and how a definition is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STAGES = ("reported", "accepted", "handling", "closed")
TIERS = ("micro", "grid", "village", "town", "district")
BODIES = frozenset({"grid", "village", "town", "petition", "department"})
NEEDS = frozenset({"reason", "photo", "evidence", "rating", "unit", "post", "until", "minutes"})
PARTIES = frozenset({"handler", "unit", "reporter", "helper"})
POSTS = frozenset(
    {
        *("dispatcher", "worker", "department", "administrator", "officer", "branch_secretary"),
        *("group_leader", "micro_leader", "publicity", "governance", "safety_officer", "police"),
        *("volunteer", "doctor", "grid_leader", "desk", "village_secretary", "team_leader"),
        "petition_officer",
    }
)
# Each effect with what its moves must ask for.
EFFECTS: Mapping[str, frozenset[str]] = {
    "advance": frozenset(),
    "assign": frozenset(),
    "return": frozenset({"reason"}),
    "reassign": frozenset({"reason"}),
    "claim": frozenset(),
    "raise": frozenset({"reason"}),
    "lower": frozenset({"reason"}),
    "command": frozenset(),
    "call_up": frozenset({"reason"}),
    "join": frozenset({"unit"}),
    "meet": frozenset({"minutes"}),
    "supervise": frozenset({"reason"}),
    "ask_delay": frozenset({"reason", "until"}),
    "grant_delay": frozenset(),
    "refuse_delay": frozenset({"reason"}),
    "write_off": frozenset({"evidence"}),
    "rate": frozenset({"rating"}),
    "revisit": frozenset(),
    "reopen": frozenset({"reason"}),
}
LEADING = frozenset({"advance", "assign", "return", "claim", "write_off", "reopen"})
LEVELLING = frozenset({"raise", "lower", "command", "call_up"})
AFTERWARDS = frozenset({"rate", "revisit", "reopen"})
OPEN = "*"  # in ``from``: every step at which a case is not closed
UNITS = ("hours", "working_hours", "working_days")
ITEM = "case"  # a step whose limit is that of the case's item
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Step:
    """A step at which a case waits for a move.

    ``limit`` is counted in ``unit``: hours, working_hours or working_days; with the unit ``case``
    the limit is that of the case's item, and a final step has neither.
    """

    code: str
    title: str
    title_en: str
    stage: str
    limit: float | None = None
    unit: str | None = None
    first: bool = False
    final: bool = False


@dataclass(frozen=True)
class Move:
    """A move: from which steps, to which (None: it stays), with what effect, by whom.

    ``by`` holds patterns of level/post, or ``handler``, ``unit``, ``reporter``, ``helper``;
    ``helpers`` the kinds of body that are called in beside the one that a case is assigned to.
    """

    code: str
    title: str
    title_en: str
    key: str
    effect: str
    sources: tuple[str, ...]
    to: str | None
    by: tuple[str, ...]
    needs: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Level:
    """A whistle's level, and what kind of body answers at it."""

    code: str
    title: str
    title_en: str
    body: str


@dataclass(frozen=True)
class Procedure:
    """A procedure; ``separate``: who reports a case neither handles nor closes it (采办分离)."""

    code: str
    title: str
    title_en: str
    steps: tuple[Step, ...]
    moves: tuple[Move, ...]
    levels: tuple[Level, ...] = ()
    separate: bool = False
    posts: tuple[str, ...] = ()

    @property
    def first(self) -> Step:
        """The step at which a case begins."""
        return next(step for step in self.steps if step.first)

    def step(self, code: str) -> Step:
        """Find a step by its code."""
        return next(step for step in self.steps if step.code == code)

    def leaving(self, step: Step) -> list[Move]:
        """List the moves that can be made at a step."""
        named = {step.code} if step.stage == "closed" else {step.code, OPEN}
        return [move for move in self.moves if named & set(move.sources)]

    def to_json(self) -> dict[str, Any]:
        """Write the definition as it is stored and shown."""
        return {
            "code": self.code,
            "title": self.title,
            "title_en": self.title_en,
            "separate": self.separate,
            "posts": list(self.posts),
            "levels": [dict(vars(level)) for level in self.levels],
            "steps": [dict(vars(step)) for step in self.steps],
            "moves": [_move_json(move) for move in self.moves],
        }


def _move_json(move: Move) -> dict[str, Any]:
    told = dict(vars(move))
    return told | {
        "from": list(told.pop("sources")),
        "by": list(move.by),
        "needs": list(move.needs),
        "helpers": list(move.helpers),
    }


def from_json(told: Mapping[str, Any]) -> Procedure:
    """Read a definition that ``to_json`` wrote."""
    return Procedure(
        code=told["code"],
        title=told["title"],
        title_en=told["title_en"],
        separate=told["separate"],
        posts=tuple(told.get("posts", ())),
        levels=tuple(Level(**level) for level in told["levels"]),
        steps=tuple(Step(**step) for step in told["steps"]),
        moves=tuple(_move(move) for move in told["moves"]),
    )


def _move(told: Mapping[str, Any]) -> Move:
    plain = {name: told[name] for name in ("code", "title", "title_en", "key", "effect")}
    return Move(
        **plain,
        sources=tuple(told["from"]),
        to=told.get("to"),
        by=tuple(told["by"]),
        needs=tuple(told.get("needs", ())),
        helpers=tuple(told.get("helpers", ())),
    )
