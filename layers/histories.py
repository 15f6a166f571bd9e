"""Cases that come with their past: replay what happened by their procedures, store its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.procedures import Procedure
from layers.base import Scope
from layers.bulk import copy_arrays
from layers.procedures import procedure_of

CENTRE = "dispatcher"  # the account that the command centre's moves are written by
TEAMS = text("""
SELECT DISTINCT ON (grid_code) grid_code AS key, organisation_code AS unit, code AS post
FROM duties
WHERE district = :district AND grid_code IS NOT NULL AND net = 'general' AND holder <> ''
  AND category IS NULL AND post NOT IN ('police', 'doctor', 'volunteer')
ORDER BY grid_code, post NOT IN ('micro_leader', 'group_leader', 'grid_leader'), rank, id
""")
VILLAGES = text("""
SELECT DISTINCT ON (o.code) o.area_code AS key, o.code AS unit, d.code AS post
FROM organisations AS o
LEFT JOIN duties AS d ON d.district = o.district AND d.organisation_code = o.code
                     AND d.grid_code IS NULL AND d.holder <> ''
WHERE o.district = :district AND o.kind = 'village'
ORDER BY o.code, d.rank, d.id
""")
DESKS = text("""
SELECT DISTINCT ON (category) category AS key, organisation_code AS unit, code AS post
FROM duties WHERE district = :district AND category IS NOT NULL AND holder <> ''
ORDER BY category, rank, id
""")
PUT_OFF = text("""
SELECT w.left_h, greatest(CAST(:due_at AS timestamptz),
                          due_after(:district, :until, w.left_h, 'working_hours')) AS due_at
FROM (SELECT greatest(0, worked_between(:district, :at, :due_at)) AS left_h) AS w
""")
COUNTED = {"return": "returns", "raise": "raises", "grant_delay": "delays", "reopen": "reworks"}
STATE = ("step", "stage", "level", "unit", "post", "due_at", "closed_at", "in_grid")
STEP_COLUMNS = (
    *("move", "step_from", "step_to", "stage_from", "stage_to", "level", "unit_to", "post_to"),
    *("due_at", "in_grid", "post", "unit", "actor", "reason", "at", "evidence"),
)
TIMES = frozenset({"due_at", "at"})

Body = tuple[str | None, str | None]
NOBODY: Body = (None, None)
Row = dict[str, Any]


class Told(NamedTuple):
    """Cases in the state that their past left them in, and the steps after their first.

    ``steps`` has the column ``case``: the row of the table.
    """

    table: pd.DataFrame
    steps: pd.DataFrame


@dataclass(frozen=True)
class Bodies:
    """Who answered: by micro-grid, by village, by item."""

    grid: Mapping[str, Body]
    village: Mapping[str, Body]
    department: Mapping[str, Body]

    def of(self, kind: str | None, case: Row) -> Body:
        """Find the body of a kind that answers for a case, or the next best."""
        code = case["grid_code"] or ""
        found = {
            "grid": self.grid.get(code),
            "village": self.village.get(code[:12]),
            "department": self.department.get(case["category"]),
        }
        order = (found.get(kind or ""), found["grid"], found["village"], found["department"])
        return next(filter(None, order), NOBODY)


@dataclass
class Replay:
    """One case on its way through its procedure."""

    session: Session
    scope: Scope
    case: Row
    procedure: Procedure
    bodies: Bodies
    steps: list[Row] = field(default_factory=list)

    def play(self, event: Row) -> None:
        """Make one move of the past; the case is then as the move left it."""
        case, move = self.case, self._move(event["move"])
        before = dict(case)
        doer = (case["unit"], case["post"]) if event["by"] == "body" else NOBODY
        if move.effect in COUNTED:
            case[COUNTED[move.effect]] += 1
        self._hand_on(move.effect, event)
        if move.to is not None:
            self._go(move.to, event)
        self.steps.append(self._told(before, event, doer))

    def _move(self, code: str) -> Any:
        return next(move for move in self.procedure.moves if move.code == code)

    def _hand_on(self, effect: str, event: Row) -> None:
        case = self.case
        if effect == "return":
            case["unit"], case["post"] = NOBODY
        if effect in {"assign", "raise"}:
            case["unit"], case["post"] = self.bodies.of(event["to"], case)
            case["in_grid"] = case["in_grid"] and event["to"] == "grid"
        if effect == "raise":
            levels = [level.code for level in self.procedure.levels]
            case["level"] = levels[levels.index(case["level"]) + 1]
        if effect == "ask_delay":
            case["asked_until"] = event["until"]
        if effect == "grant_delay":
            self._put_off(event)

    def _put_off(self, event: Row) -> None:
        asked = {"due_at": self.case["due_at"], "until": self.case["asked_until"]}
        asked |= {"district": self.scope.district, "at": event["at"]}
        put = self.session.execute(PUT_OFF, asked).one()
        self.case |= {"due_at": put.due_at, "paused_h": put.left_h}

    def _go(self, code: str, event: Row) -> None:
        case, step = self.case, self.procedure.step(code)
        if step.stage == "closed" and case["stage"] != "closed":
            case["closed_at"] = event["at"]
        case |= {"step": code, "stage": step.stage}

    def _told(self, before: Row, event: Row, doer: Body) -> Row:
        case = self.case
        evidence = {"photos": ["past.jpg"]} if event["move"] in {"finish", "agree"} else {}
        return {
            **{name: case[name] for name in ("level", "due_at", "in_grid")},
            "case": case["case"],
            "move": event["move"],
            "step_from": before["step"],
            "step_to": case["step"],
            "stage_from": before["stage"],
            "stage_to": case["stage"],
            "unit_to": case["unit"],
            "post_to": case["post"],
            "unit": doer[0],
            "post": doer[1],
            "actor": doer[1] or CENTRE,
            "reason": event["reason"],
            "at": event["at"],
            "evidence": orjson.dumps(evidence).decode(),
        }


def replayed(session: Session, scope: Scope, table: pd.DataFrame) -> Told:
    """Bring cases to the state that the events of their column ``history`` leave them in."""
    bodies = _bodies(session, scope)
    steps, states = list[Row](), list[Row]()
    plain = table.astype(object).where(table.notna(), None)
    for at, given in enumerate(plain.to_dict("records")):
        told: Row = {str(name): value for name, value in given.items()}
        case = told | {"case": at, "unit": None, "post": None, "in_grid": True}
        case |= dict.fromkeys(COUNTED.values(), 0) | {"asked_until": None, "paused_h": None}
        case |= {"step": told["first_step"], "stage": "reported", "closed_at": None}
        procedure = procedure_of(session, scope, told["procedure"], told["edition"])
        replay = Replay(session, scope, case, procedure, bodies)
        for event in told["history"]:
            replay.play(event)
        steps += replay.steps
        states.append({n: case[n] for n in (*STATE, *COUNTED.values(), *LATER)})
    after = pd.DataFrame(states, index=table.index)
    for name in ("due_at", "closed_at", "asked_until"):
        after[name] = pd.to_datetime(after[name], utc=True).astype("datetime64[us, UTC]")
    begun = {"first_level": table["level"], "first_due_at": table["due_at"]}
    waiting = after["step"] == table["first_step"]
    step_due = table["step_due_at"].where(waiting, after["due_at"])
    known = table.drop(columns="history").assign(**begun, **after, step_due_at=step_due)
    return Told(known, pd.DataFrame(steps))


LATER = ("asked_until", "paused_h")


def _bodies(session: Session, scope: Scope) -> Bodies:
    asked = {"district": scope.district}
    found = [
        {row.key: (row.unit, row.post) for row in session.execute(query, asked)}
        for query in (TEAMS, VILLAGES, DESKS)
    ]
    return Bodies(*found)


def add_steps(session: Session, scope: Scope, ids: NDArray[np.int64], steps: pd.DataFrame) -> None:
    """Store the steps of cases that were stored under these ids, in order of time."""
    if steps.empty:
        return
    ordered = steps.sort_values(["at", "case"], kind="stable")
    columns = {
        "district": pa.array(np.full(len(ordered), scope.district)),
        "incident_id": pa.array(ids[ordered["case"].to_numpy()]),
        **{name: _array(ordered[name], name) for name in STEP_COLUMNS},
    }
    copy_arrays(session, "steps", list(columns), list(columns.values()))


def _array(values: pd.Series, name: str) -> pa.Array:
    if name in TIMES:
        return pa.array(pd.to_datetime(values, utc=True)).cast(pa.timestamp("us", "UTC"))
    return pa.array(values, pa.bool_() if name == "in_grid" else pa.string(), from_pandas=True)


__all__ = ["Told", "add_steps", "replayed"]
