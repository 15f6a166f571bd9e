"""What happened to the cases of a synthetic past: moves, times, and by which kind of body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np


class Event(NamedTuple):
    """One move of a case's past.

    ``by`` is ``centre`` or ``body`` (whoever the case is with); ``to`` the kind of body that it is
    handed to: grid, department, village or town; ``until`` how long more time is asked for.
    """

    move: str
    at: datetime
    by: str = "body"
    to: str | None = None
    reason: str | None = None
    until: datetime | None = None
    rating: int | None = None


# move, at which share of the time that the case takes, by whom, to whom, why.
Line = tuple[str, float, str, str | None, str | None]
OTHER = {"grid": "department", "department": "grid"}
RETURNED_SHARE, RAISED_SHARE, REWORKED_SHARE, DELAYED_SHARE = 0.06, 0.05, 0.04, 0.04
REVISIT_AFTER = timedelta(days=3)
SAME = "body"


def _whistle(body: str, chance: np.random.Generator) -> Iterator[Line]:
    """Tell how an everyday whistle goes: dispatched, taken on, finished, closed."""
    yield from _dispatched(body, chance)
    yield ("take", 0.14, SAME, None, None)
    yield from _midway(chance)
    if chance.random() < REWORKED_SHARE:
        yield ("finish", 0.72, SAME, None, None)
        yield ("rework", 0.78, "centre", None, "现场仍未处理到位")
    yield ("finish", 0.9, SAME, None, None)
    yield ("close", 1.0, "centre", None, None)


def _dispute(body: str, chance: np.random.Generator) -> Iterator[Line]:
    """Tell how a dispute goes: dispatched, accepted, mediated; the revisit comes days later."""
    yield from _dispatched(body, chance)
    yield ("take", 0.14, SAME, None, None)
    yield from _midway(chance, "mediating")
    yield ("agree", 1.0, SAME, None, None)


def _dispatched(body: str, chance: np.random.Generator) -> Iterator[Line]:
    yield ("dispatch", 0.04, "centre", body, None)
    if chance.random() < RETURNED_SHARE:
        yield ("return", 0.07, SAME, None, "不属本单位职责")
        yield ("dispatch", 0.1, "centre", OTHER[body], None)


def _midway(chance: np.random.Generator, _: str = "") -> Iterator[Line]:
    drawn = chance.random()
    if drawn < RAISED_SHARE:
        yield ("raise", 0.3, SAME, "village", "本级无力处置")
        yield ("take", 0.36, SAME, None, None)
    elif drawn < RAISED_SHARE + DELAYED_SHARE:
        yield ("ask_delay", 0.5, SAME, None, "等待配件")
        yield ("grant_delay", 0.55, "centre", None, None)


PLOTS: dict[str, Callable[[str, np.random.Generator], Iterator[Line]]] = {
    "dongkeng": _whistle,
    "dongkeng_dispute": _dispute,
}


def history(
    procedure: str, times: tuple[datetime, datetime, datetime], chance: np.random.Generator
) -> list[Event]:
    """Draw what happened to one case.

    Args:
        procedure: the code of the procedure that it followed; one without a plot has no history.
        times: aware; when it was reported, when it is or would be closed, and now.
        chance: draws who answered, and what went wrong.

    Returns:
        Events up to now, in order of time.
    """
    if procedure not in PLOTS:
        return []
    reported, closed, now = times
    body = "grid" if chance.random() < 0.7 else "department"
    whole = closed - reported
    told = [
        Event(move, reported + whole * share, by, to, reason, _until(move, closed))
        for move, share, by, to, reason in PLOTS[procedure](body, chance)
    ]
    if procedure == "dongkeng_dispute":
        told.append(Event("steady", closed + REVISIT_AFTER))
    return [event for event in told if event.at <= now]


def _until(move: str, closed: datetime) -> datetime | None:
    return closed if move == "ask_delay" else None


def as_json(events: list[Event]) -> list[dict[str, Any]]:
    """Write events as the values of a frame's column."""
    return [event._asdict() for event in events]
