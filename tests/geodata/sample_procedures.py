"""Procedures for the tests: a small right one, and random ones that are right too."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from geodata.procedures import Level, Move, Procedure, Step

LETTERS = "abcdefghijklmnopqrstuvwxyz"
GRID = Level("everyday", "日常哨", "Everyday", "grid")
VILLAGE = Level("major", "重点哨", "Major", "village")


def step(code: str, stage: str = "handling", **given: object) -> Step:
    """Make a step with a limit of four working hours."""
    made = Step(code, code, code, stage, 4.0, "working_hours")
    return replace(made, **given)  # type: ignore[arg-type]


def move(code: str, source: str, to: str | None, **given: object) -> Move:
    """Make a move that the handler makes with the first letter of its code."""
    made = Move(code, code, code, code[0], "advance", (source,), to, ("handler",))
    return replace(made, **given)  # type: ignore[arg-type]


FIRST = step("new", "reported", first=True)
WORK = step("work")
DONE = step("done", "closed", final=True, limit=None, unit=None)
SMALL = Procedure(
    "small",
    "小流程",
    "Small",
    steps=(FIRST, WORK, DONE),
    moves=(
        move("dispatch", "new", "work", effect="assign", by=("town/dispatcher",)),
        move("close", "work", "done"),
        move("return", "work", "new", effect="return", needs=("reason",)),
    ),
    levels=(GRID, VILLAGE),
)


@st.composite
def right(draw: st.DrawFn) -> Procedure:
    """Draw a procedure without a fault: a chain of steps, with moves forth and back at random."""
    many = draw(st.integers(1, 6))
    inner = tuple(step(f"step{n}") for n in range(many))
    steps = (FIRST, *inner, DONE)
    onward = [(n, n + 1) for n in range(len(steps) - 1)]
    jumps = draw(st.lists(st.tuples(st.integers(0, many), st.integers(0, many + 1)), max_size=6))
    ways = onward + [way for way in jumps if way[0] != way[1]]
    moves = tuple(
        move(f"m{n}", steps[a].code, steps[b].code, key=LETTERS[n]) for n, (a, b) in enumerate(ways)
    )
    return Procedure("random", "随机", "Random", steps, moves)
