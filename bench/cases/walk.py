"""Walk cases through their procedures at random, by legal and illegal moves, and check each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import GisError
from geodata.procedures import Move, Procedure
from layers.base import VISITOR, Reader, Scope, Target
from layers.moves import case_of, take_step
from layers.procedures import procedure_of

CENTRE = Reader(account="centre", roles=frozenset({"dispatcher"}))
BOSS = Reader(account="boss", roles=frozenset({"administrator"}))
# Shares of the moves: by the wrong person, of another step, without what it needs, outdated.
WRONG_PERSON, WRONG_MOVE, WITHOUT, OUTDATED = 0.15, 0.1, 0.08, 0.05
# Shares of the moves by who reported the case, and of those that hand it to a named post.
REPORTER, NAMED = 0.1, 0.2
HELD = text("""
SELECT d.code AS post, d.organisation_code AS unit, d.grid_code, o.kind
FROM duties AS d
LEFT JOIN organisations AS o ON o.district = d.district AND o.code = d.organisation_code
WHERE d.district = :district AND d.holder <> '' ORDER BY d.id
""")
STEPS = text("SELECT count(*) FROM steps WHERE district = :district AND incident_id = :id")


@dataclass(frozen=True)
class Tried:
    """One try: which move, whether it was legal by the definition, and what came of it."""

    case: int
    move: str
    legal: bool
    refused: str | None


@dataclass
class Walk:
    """Many cases, moved at random.

    Args:
        session: an open session; each try is a savepoint of it.
        scope: the district.
        cases: the ids of the cases.
        chance: draws what is tried.
    """

    session: Session
    scope: Scope
    cases: Sequence[int]
    chance: random.Random
    told: Counter[str] = field(default_factory=Counter)
    changed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open an account for everybody who holds a post."""
        self.people = people(self.session, self.scope)

    def go(self, tries: int) -> None:
        """Try so many moves; a refused one that changed its case is noted in ``changed``."""
        for _ in range(tries):
            self.note(self.attempt(self.chance.choice(self.cases)))

    def note(self, tried: Tried) -> None:
        """Count what came of a try."""
        self.told["moves"] += 1
        self.told["made" if tried.refused is None else f"refused {tried.refused}"] += 1
        self.told["made against the rules"] += tried.refused is None and not tried.legal

    def attempt(self, case_id: int) -> Tried:
        """Try one move of a case."""
        case = case_of(self.session, self.scope, case_id)
        procedure = procedure_of(self.session, self.scope, case.procedure, case.edition)
        open_now = procedure.leaving(procedure.step(case.step))
        move = self._drawn(procedure, open_now)
        outdated = self.chance.random() < OUTDATED
        version = case.row_version - 1 if outdated else case.row_version
        said = self._said(move, case)
        reader = self._reader(case)
        refused = self._made(
            case, replace(self.scope, reader=reader), Target(case_id, version), said
        )
        legal = move in open_now and not outdated and reader != VISITOR
        return Tried(case_id, move.code, legal, refused)

    def _made(self, case: Any, scope: Scope, target: Target, said: dict[str, Any]) -> str | None:
        before = self._state(case.id)
        try:
            with self.session.begin_nested():
                take_step(self.session, scope, target, said)
        except GisError as error:
            if self._state(case.id) != before:
                self.changed.append(case.id)
            return type(error).__name__
        return None

    def _state(self, case_id: int) -> tuple[Any, ...]:
        asked = {"district": self.scope.district, "id": case_id}
        case = case_of(self.session, self.scope, case_id)
        return (*case[:-1], self.session.execute(STEPS, asked).scalar_one())

    def _drawn(self, procedure: Procedure, open_now: Sequence[Move]) -> Move:
        if not open_now or self.chance.random() < WRONG_MOVE:
            return self.chance.choice(procedure.moves)
        return self.chance.choice(open_now)

    def _reader(self, case: Any) -> Reader:
        drawn = self.chance.random()
        if drawn < WRONG_PERSON:
            return self.chance.choice([VISITOR, *self.people.values()])
        if case.reporter in self.people and drawn > 1 - REPORTER:
            return self.people[case.reporter]
        if case.post in self.people and drawn < (1 + WRONG_PERSON) / 2:
            return self.people[case.post]
        return self.chance.choice([CENTRE, CENTRE, CENTRE, BOSS])

    def _said(self, move: Move, case: Any) -> dict[str, Any]:
        given = {
            "reason": "随机",
            "minutes": "会商纪要",
            "rating": self.chance.randint(1, 5),
            "evidence": {"photos": ["a.jpg"], "note": "已处置"},
            "until": (datetime.now(UTC) + timedelta(hours=self.chance.uniform(1, 400))).isoformat(),
            "unit": self.chance.choice([*self.people.values()]).unit,
        }
        needs = {"evidence" if need == "photo" else need for need in move.needs}
        if needs and self.chance.random() < WITHOUT:
            needs.discard(self.chance.choice(sorted(needs)))
        if move.effect in {"assign", "reassign", "command"} and self.chance.random() < NAMED:
            given["post"] = case.reporter or self.chance.choice([*self.people])
            needs.add("post")
        return {"move": move.code, **{name: given[name] for name in needs if name in given}}


def people(session: Session, scope: Scope) -> dict[str, Reader]:
    """Give everybody who holds a post an account, by the code of the post."""
    rows = session.execute(HELD, {"district": scope.district})
    return {row.post: _person(row) for row in rows}


def _person(row: Any) -> Reader:
    role = "department" if row.kind == "department" else "worker"
    areas = (row.grid_code,) if row.grid_code else ()
    return Reader(row.post, frozenset({role}), row.post, row.unit, areas)
