"""Fit the weights of ``geodata/likeness.py`` to generated pairs: python -m bench.cases.fitting.

To the pairs come the cases that a town's background puts near each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from bench.cases.apart import background, told_apart
from geodata.echoes import Pair, pairs
from geodata.likeness import WEIGHTS, Told, distance_m, pair_features
from geodata.reports import Feature
from geodata.town import Town, make_town

PAIRS, SEED = 6000, 11
STREAM = 5000  # reports of the background
NEAR_S, NEAR_M = 7 * 86_400.0, 150.0
RIDGE = 0.3
ROUNDS = 50
NAMES = tuple(WEIGHTS)
UNTIL = datetime(2026, 6, 30, tzinfo=UTC)

Floats = NDArray[np.float64]


def told(feature: Feature, meant: list[float] | None = None) -> Told:
    """Tell what a feature that is posted says; words alone are placed where they mean."""
    given = feature["properties"]
    place = feature["geometry"]["coordinates"] if feature["geometry"] else meant
    return Told(
        category=given["category"],
        class_code=given["category"][0],
        at_s=datetime.fromisoformat(given["reported_at"]).timestamp(),
        source=given["source"],
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        accuracy_m=given.get("accuracy_m"),
        description=given.get("description"),
        address=given.get("address"),
        external_id=given.get("external_id"),
    )


def table(found: Iterable[Pair]) -> tuple[Floats, Floats]:
    """Measure pairs: a row of features each, and whether the two are the same."""
    rows, same = [], []
    for number, pair in enumerate(found):
        # One in six that are words only is not placed.
        meant = None if number % 6 == 0 else pair.meant
        measured = pair_features(told(pair.first), told(pair.second, meant))
        rows.append([measured[name] for name in NAMES])
        same.append(float(pair.same))
    return np.array(rows), np.array(same)


def neighbours(town: Town, seed: int) -> Floats:
    """Measure the pairs of one item, near and soon after each other, in a town's background."""
    _, free = told_apart([], background(town, seed, STREAM, UNTIL))
    known = sorted((told(one) for one in free if one["geometry"]), key=lambda one: one.at_s)
    by_item: dict[str, list[Told]] = {}
    rows = []
    for one in known:
        before = by_item.setdefault(one.category, [])
        for other in before:
            if one.at_s - other.at_s < NEAR_S and (distance_m(one, other) or 0) < NEAR_M:
                measured = pair_features(one, other)
                rows.append([measured[name] for name in NAMES])
        before.append(one)
    return np.array(rows)


def fit(features: Floats, same: Floats) -> dict[str, float]:
    """Fit a logistic regression by Newton's method, with a small ridge on all but the bias."""
    weights = np.zeros(len(NAMES))
    ridge = np.full(len(NAMES), RIDGE)
    ridge[NAMES.index("bias")] = 0
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (same - chance) - ridge * weights
        bend = (features * (chance * (1 - chance))[:, None]).T @ features + np.diag(ridge + 1e-9)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return {name: round(float(w), 2) for name, w in zip(NAMES, weights, strict=True)}


def shares(features: Floats, same: Floats, weights: dict[str, float]) -> tuple[float, float]:
    """Tell recall and precision of pairs judged by some weights, at a probability of a half."""
    said = features @ np.array([weights[name] for name in NAMES]) > 0
    hits = float((said & (same > 0)).sum())
    return hits / float(same.sum()), hits / max(1.0, float(said.sum()))


def main() -> None:
    """Fit on one half of the pairs, and print the weights and what they reach on the other."""
    town = make_town(SEED)
    features, same = table(islice(pairs(town, SEED, UNTIL), PAIRS))
    half = PAIRS // 2
    beside = neighbours(town, SEED)
    weights = fit(
        np.vstack([features[:half], beside]),
        np.concatenate([same[:half], np.zeros(len(beside))]),
    )
    for name, weight in weights.items():
        print(f'    "{name}": {weight},')
    recall, precision = shares(features[half:], same[half:], weights)
    print(f"held out: recall {recall:.3f}, precision {precision:.3f}")


if __name__ == "__main__":
    main()
