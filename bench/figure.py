"""One figure of a bench, held against a named peer or limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LIMIT = "limit"
Point = tuple[float, float]


@dataclass(frozen=True)
class Goal:
    """What a figure must be: at most, or at least, a factor times the peer's figure.

    Args:
        sense: "≤" or "≥".
        theirs: the peer's figure, or the limit.
        against: names the peer; "limit" when the number was simply demanded.
        factor: how many times the peer's figure.
    """

    sense: str
    theirs: float
    against: str = LIMIT
    factor: float = 1.0

    def holds(self, ours: float) -> bool:
        """Tell whether a figure reaches the goal."""
        bound = self.factor * self.theirs
        return ours <= bound if self.sense == "≤" else ours >= bound


def at_most(theirs: float, against: str = LIMIT, factor: float = 1.0) -> Goal:
    """Demand at most so much."""
    return Goal("≤", theirs, against, factor)


def at_least(theirs: float, against: str = LIMIT, factor: float = 1.0) -> Goal:
    """Demand at least so much."""
    return Goal("≥", theirs, against, factor)


@dataclass(frozen=True)
class Figure:
    """What one case of a bench measured; without a goal it is told for information."""

    case: str
    ours: float
    unit: str
    goal: Goal | None = None
    bench: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        return self.goal.holds(self.ours) if self.goal else None

    def as_json(self) -> dict[str, Any]:
        """Write the figure as the object that ``--json`` prints."""
        goal = self.goal
        return {
            "bench": self.bench,
            "case": self.case,
            "ours": rounded(self.ours),
            "unit": self.unit,
            "against": goal.against if goal else None,
            "theirs": rounded(goal.theirs) if goal else None,
            "goal": self.goal_text,
            "holds": self.holds,
        }

    @property
    def goal_text(self) -> str | None:
        """Say the goal in words, such as "≤ 8 ms" or "≤ 1.5 × theirs"."""
        if self.goal is None:
            return None
        if self.goal.against == LIMIT:
            return f"{self.goal.sense} {self.goal.theirs:g} {self.unit}".strip()
        return f"{self.goal.sense} {self.goal.factor:g} × theirs"


@dataclass(frozen=True)
class Curve:
    """How a cost grows with a size, for the plot: one line of points to a name."""

    x: str
    y: str
    lines: dict[str, list[Point]] = field(default_factory=dict)
    bench: str = ""


Finding = Figure | Curve
Part = Callable[..., Iterator[Finding]]


def rounded(value: float) -> float:
    """Keep four significant digits."""
    return float(f"{value:.4g}")


def percentile(values: Any, share: float) -> float:
    """Tell the value below which a share (0 to 100) of the values lies; NaN of nothing."""
    return float(np.percentile(values, share)) if len(values) else float("nan")
