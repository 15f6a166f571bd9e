"""Chances that are true: success rates shrunk towards those of their like, and calibrated.

A forecast is the chance that a place was read aright times the rate at which such answers proved
right. Rates are learnt by groups of ever finer kind, each shrunk towards the one above with the
weight under which the counts are likeliest (empirical Bayes, beta-binomial); what is still off is
mended by a beta calibration (Kull, Silva Filho and Flach 2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Key = tuple[str, ...]

PRIOR_RATE, PRIOR_WEIGHT = 0.95, 20.0  # before anything is known
WEIGHTS = (5.0, 10.0, 20.0, 50.0, 100.0, 300.0)
RIDGE = 10.0  # labels that the calibration's wish to change nothing is worth
LEAST = 1e-3
STEPS = 25


@dataclass(frozen=True)
class Label:
    """One forecast that proved right or wrong.

    Args:
        key: what it was about, coarse to fine, such as rule, category and grid.
        chance: that the place was read aright, by which the rate was multiplied.
        right: how it turned out.
    """

    key: Key
    chance: float
    right: bool


@dataclass(frozen=True)
class Rates:
    """Success rates by group, and the curve that mends the forecasts made with them.

    ``curve`` has a, b and c of logit q = a ln p − b ln(1 − p) + c.
    """

    rates: Mapping[Key, float] = field(default_factory=lambda: {(): PRIOR_RATE})
    curve: tuple[float, float, float] = (1.0, 1.0, 0.0)

    def rate(self, key: Key) -> float:
        """Give the rate of the finest group that is known for a key."""
        depth = next(n for n in range(len(key), -1, -1) if key[:n] in self.rates)
        return self.rates[key[:depth]]

    def raw(self, key: Key, chance: float) -> float:
        """Forecast without the calibration."""
        return _inside(chance * self.rate(key))

    def probability(self, key: Key, chance: float) -> float:
        """Forecast the chance that an answer is right."""
        p = self.raw(key, chance)
        a, b, c = self.curve
        return _inside(1 / (1 + exp(-(a * log(p) - b * log(1 - p) + c))))


@dataclass(frozen=True)
class Bin:
    """Forecasts of like size: from, to, how many, their mean and the share that proved right."""

    low: float
    high: float
    n: int
    expected: float
    observed: float

    @property
    def gap(self) -> float:
        """How far the forecasts are off."""
        return abs(self.expected - self.observed)


def learn(labels: Sequence[Label]) -> Rates:
    """Learn rates and calibration from forecasts that proved right or wrong.

    The calibration is fitted to forecasts that each half of the labels makes for the other.
    """
    rates = _rates(labels)
    mixed = [labels[n] for n in np.random.default_rng(0).permutation(len(labels)).tolist()]
    halves = mixed[::2], mixed[1::2]
    made = [
        (Rates(other).raw(label.key, label.chance), label.right)
        for half, other in zip(halves, (_rates(halves[1]), _rates(halves[0])), strict=True)
        for label in half
    ]
    return Rates(rates, _curve(made))


def bins(forecasts: Floats, right: NDArray[np.bool_], edges: Sequence[float]) -> list[Bin]:
    """Compare forecasts with what happened, by bins [low, high) of the forecast; empty ones go."""
    at = np.clip(np.searchsorted(edges, forecasts, side="right") - 1, 0, len(edges) - 2)
    found = []
    for number in np.unique(at).tolist():
        inside = at == number
        found.append(
            Bin(
                float(edges[number]),
                float(edges[number + 1]),
                int(inside.sum()),
                float(forecasts[inside].mean()),
                float(right[inside].mean()),
            )
        )
    return found


def _rates(labels: Sequence[Label]) -> dict[Key, float]:
    """Learn the rate of each group, from the coarsest to the finest."""
    depth = max((len(label.key) for label in labels), default=0)
    rates: dict[Key, float] = {(): PRIOR_RATE}
    for level in range(depth + 1):
        groups = _groups(labels, level)
        above = {key: rates[key[: max(level - 1, 0)]] for key in groups}
        weight = _weight(groups, above) if level else PRIOR_WEIGHT
        for key, (_, right, expected) in groups.items():
            rates[key] = min((right + weight * above[key]) / (expected + weight), 1.0)
    return rates


def _groups(labels: Sequence[Label], level: int) -> dict[Key, tuple[int, float, float]]:
    """Count the labels of each group: how many, how many right, and the sum of their chances."""
    found: dict[Key, tuple[int, float, float]] = {}
    for label in labels:
        many, right, expected = found.get(label.key[:level], (0, 0.0, 0.0))
        found[label.key[:level]] = (many + 1, right + label.right, expected + label.chance)
    return found


def _weight(groups: Mapping[Key, tuple[int, float, float]], above: Mapping[Key, float]) -> float:
    """Choose the prior weight under which the groups' counts are likeliest."""
    return max(
        WEIGHTS,
        key=lambda weight: sum(
            _likelihood(many, right, _inside(above[key] * expected / many), weight)
            for key, (many, right, expected) in groups.items()
        ),
    )


def _likelihood(many: int, right: float, mean: float, weight: float) -> float:
    """Give the logarithm of the beta-binomial likelihood, but for a constant."""
    a, b = mean * weight, (1 - mean) * weight
    return (
        lgamma(right + a)
        + lgamma(many - right + b)
        - lgamma(many + weight)
        - (lgamma(a) + lgamma(b) - lgamma(weight))
    )


def _curve(made: Sequence[tuple[float, bool]]) -> tuple[float, float, float]:
    """Fit a beta calibration by Newton steps, held back towards the one that changes nothing."""
    p = np.array([forecast for forecast, _ in made])
    y = np.array([right for _, right in made], dtype=np.float64)
    x = np.column_stack((np.log(p), -np.log1p(-p), np.ones(len(p))))
    start = np.array([1.0, 1.0, 0.0])
    beta = start.copy()
    for _ in range(STEPS):
        q = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        slope = x.T @ (y - q) - RIDGE * (beta - start)
        curvature = (x.T * (q * (1 - q))) @ x + RIDGE * np.eye(3)
        beta += np.linalg.solve(curvature, slope)
    a, b, c = beta.tolist()
    return max(a, 0.0), max(b, 0.0), c


def _inside(p: float) -> float:
    return min(max(p, LEAST), 1 - LEAST)
