"""A procedure in which a case could get stuck is refused, and so is every unknown word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.procedure_rules import faults
from geodata.procedures import Move, Procedure, Step, from_json
from tests.geodata.sample_procedures import (
    DONE,
    FIRST,
    GRID,
    SMALL,
    VILLAGE,
    WORK,
    move,
    right,
    step,
)


def _with_steps(*steps: Step) -> Procedure:
    return replace(SMALL, steps=(*SMALL.steps, *steps))


def _with_moves(*moves: Move) -> Procedure:
    return replace(SMALL, moves=(*SMALL.moves, *moves))


def _first_move(**given: Any) -> Procedure:
    return replace(SMALL, moves=(replace(SMALL.moves[0], **given), *SMALL.moves[1:]))


def _loop() -> Procedure:
    rounds = (step("round"), step("about"))
    moves = (
        *(move("into", "work", "round"), move("on", "round", "about")),
        move("back", "about", "round"),
    )
    return replace(SMALL, steps=(*SMALL.steps, *rounds), moves=(*SMALL.moves, *moves))


def _dead_end() -> Procedure:
    moves = (*SMALL.moves, move("lose", "work", "lost"))
    return replace(SMALL, steps=(*SMALL.steps, step("lost")), moves=moves)


WRONG: dict[str, tuple[Procedure, str]] = {
    "a loop without exit": (_loop(), "step 'round': in a loop without exit"),
    "a dead end": (_dead_end(), "step 'lost': a dead end; no move leads on"),
    "an unreachable step": (_with_steps(step("island")), "step 'island': no move leads to it"),
    "no limit": (
        replace(SMALL, steps=(FIRST, replace(WORK, limit=None, unit=None), DONE)),
        "step 'work': no limit",
    ),
    "a limit at the end": (
        replace(SMALL, steps=(FIRST, WORK, replace(DONE, limit=1.0, unit="hours"))),
        "step 'done': a final step has no limit",
    ),
    "two first steps": (
        replace(SMALL, steps=(FIRST, replace(WORK, first=True), DONE)),
        "one step is the first, not 2: 'new', 'work'",
    ),
    "no first step": (
        replace(SMALL, steps=(replace(FIRST, first=False), WORK, DONE)),
        "one step is the first, not 0: none",
    ),
    "a first step that is no report": (
        replace(SMALL, steps=(replace(FIRST, stage="handling"), WORK, DONE)),
        "step 'new': the first step has the stage reported, not handling",
    ),
    "a code twice": (_with_steps(WORK), "step 'work': the code stands twice"),
    "a code with a space": (_with_steps(step("a b")), "step 'a b': a code has small letters"),
    "an unknown stage": (
        replace(SMALL, steps=(FIRST, replace(WORK, stage="lost"), DONE)),
        "step 'work': unknown stage 'lost'",
    ),
    "an unknown effect": (_first_move(effect="vanish"), "unknown effect 'vanish'"),
    "an unknown need": (_first_move(needs=("blood",)), "unknown need 'blood'"),
    "an unknown actor": (_first_move(by=("anybody",)), "unknown actor 'anybody'"),
    "an unknown level of an actor": (_first_move(by=("moon/*",)), "unknown level 'moon'"),
    "an unknown post": (_first_move(by=("town/king",)), "unknown post 'king'"),
    "nobody": (_first_move(by=()), "nobody may make it"),
    "an unknown step": (_first_move(to="nowhere"), "unknown step 'nowhere'"),
    "an unknown source": (_first_move(sources=("nowhere",)), "unknown step 'nowhere'"),
    "an unknown helper": (_first_move(helpers=("choir",)), "unknown body 'choir'"),
    "an unknown body": (
        replace(SMALL, levels=(GRID, replace(VILLAGE, body="moon"))),
        "level 'major': unknown body 'moon'",
    ),
    "a whistle without levels": (
        replace(
            SMALL,
            levels=(),
            moves=(*SMALL.moves, move("up", "work", None, effect="raise", needs=("reason",))),
        ),
        "move 'up': raise needs levels",
    ),
    "a return without a reason": (
        _with_moves(move("refuse", "work", "new", effect="return", key="x")),
        "move 'refuse': return needs reason",
    ),
    "a move that leads nowhere": (_first_move(to=None), "assign leads to a step; no to"),
    "a closed case that goes on": (
        _with_moves(move("undo", "done", "work")),
        "move 'undo': advance moves a closed case; only rate, reopen, revisit do",
    ),
    "a rating that opens a case": (
        _with_moves(move("undo", "done", "work", effect="rate", needs=("rating",))),
        "move 'undo': rate opens a closed case; only reopen does",
    ),
    "a write-off that does not close": (
        _with_moves(move("off", "new", "work", effect="write_off", needs=("evidence",))),
        "write_off closes a case; 'work' does not",
    ),
    "a key twice": (
        _with_moves(move("cease", "work", "done")),
        "step 'work': 2 moves have the key 'c'",
    ),
    "a key of two letters": (_first_move(key="ab"), "a key is one small letter, not 'ab'"),
}


@pytest.mark.parametrize(("procedure", "fault"), WRONG.values(), ids=WRONG)
def test_a_fault_is_named_with_its_step_or_move(procedure: Procedure, fault: str) -> None:
    assert fault in "; ".join(faults(procedure))


def test_a_right_procedure_has_no_fault() -> None:
    assert list(faults(SMALL)) == []


@given(right())
def test_no_fault_is_found_in_a_procedure_without_one(procedure: Procedure) -> None:
    assert list(faults(procedure)) == []


@given(right(), st.data())
def test_a_step_without_a_way_out_is_always_found(
    procedure: Procedure, data: st.DataObject
) -> None:
    stuck = data.draw(st.sampled_from([s.code for s in procedure.steps if not s.final]))
    kept = tuple(m for m in procedure.moves if stuck not in m.sources)

    found = " ".join(faults(replace(procedure, moves=kept)))

    assert f"step {stuck!r}: " in found or "loop without exit" in found


@given(right(), st.data())
def test_a_step_to_which_nothing_leads_is_always_found(
    procedure: Procedure, data: st.DataObject
) -> None:
    island = data.draw(st.sampled_from([s.code for s in procedure.steps if not s.first]))
    kept = tuple(m for m in procedure.moves if m.to != island)

    assert f"step {island!r}: no move leads to it" in list(faults(replace(procedure, moves=kept)))


@given(right())
def test_a_definition_is_read_back_as_it_was_written(procedure: Procedure) -> None:
    assert from_json(procedure.to_json()) == procedure
