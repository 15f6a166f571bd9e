"""Chances that are true: rates learnt from labels, shrunk and calibrated."""

import numpy as np
import pytest

from geodata.calibration import PRIOR_RATE, Label, Rates, bins, learn

EDGES = np.linspace(0, 1, 11).tolist()
KEY = ("post", "302", "G1")


def labels(key: tuple[str, ...], right: int, wrong: int) -> list[Label]:
    return [Label(key, 1.0, n < right) for n in range(right + wrong)]


def drawn(seed: int, many: int) -> tuple[list[Label], np.ndarray]:
    """Draw labels whose truth is known: the rate goes by category, the chance is overstated."""
    rng = np.random.default_rng(seed)
    rates = dict(zip("abcde", (0.99, 0.95, 0.9, 0.8, 0.6), strict=True))
    found, truth = [], []
    for category, chance in zip(
        rng.choice(list("abcde"), many), rng.uniform(0.4, 1, many), strict=True
    ):
        true = rates[category] * chance**1.5
        grid = f"G{rng.integers(100)}"
        found.append(Label(("post", category, grid), float(chance), bool(rng.random() < true)))
        truth.append(true)
    return found, np.array(truth)


def test_nothing_known_means_the_prior_rate() -> None:
    assert learn([]).probability(KEY, 1.0) == pytest.approx(PRIOR_RATE)


def test_a_group_without_labels_takes_the_rate_of_its_like() -> None:
    known = learn(labels(("post", "302", "G1"), 70, 30))

    assert known.rate(("post", "302", "G9")) == known.rate(("post", "302"))
    assert known.rate(("post", "302")) < known.rate(("dedicated", "302"))


def test_few_labels_move_a_rate_less_than_many() -> None:
    usual = labels(("post", "a", "G1"), 475, 25)
    few = learn([*usual, *labels(("post", "b", "G1"), 0, 2)])
    many = learn([*usual, *labels(("post", "b", "G1"), 0, 60)])

    assert 0.5 < few.rate(("post", "b")) < few.rate(("post", "a"))
    assert many.rate(("post", "b")) < 0.4


def test_a_doubtful_place_is_no_fault_of_the_rule() -> None:
    halves = [Label(KEY, 0.5, n % 2 == 0) for n in range(400)]

    known = learn(halves)

    assert known.rate(KEY) > 0.93
    assert known.probability(KEY, 0.5) == pytest.approx(0.5, abs=0.03)


def test_forecasts_for_new_cases_are_true_to_five_points() -> None:
    known = learn(drawn(1, 4000)[0])
    fresh, truth = drawn(2, 4000)

    made = np.array([known.probability(label.key, label.chance) for label in fresh])

    assert np.abs(made - truth).mean() < 0.04
    right = np.array([label.right for label in fresh])
    assert max(b.gap for b in bins(made, right, EDGES) if b.n >= 200) < 0.05


def test_calibration_mends_what_the_raw_forecasts_overstate() -> None:
    known = learn(drawn(1, 4000)[0])
    raw = Rates(known.rates)
    fresh, truth = drawn(3, 2000)

    def miss(forecast: Rates) -> float:
        made = np.array([forecast.probability(x.key, x.chance) for x in fresh])
        return float(np.abs(made - truth).mean())

    assert miss(known) < 0.7 * miss(raw)


def test_a_forecast_is_never_certain() -> None:
    known = learn(labels(KEY, 5000, 0))

    assert 0.99 < known.probability(KEY, 1.0) < 1
    assert 0 < known.probability(KEY, 0.0) < 0.05


def test_a_higher_chance_never_gives_a_lower_forecast() -> None:
    known = learn(drawn(4, 1500)[0])

    made = [known.probability(KEY, chance) for chance in np.linspace(0, 1, 50)]

    assert made == sorted(made)


def test_bins_tell_what_was_promised_and_what_came() -> None:
    (low, high) = bins(np.array([0.12, 0.18, 1.0]), np.array([False, True, True]), EDGES)

    assert (low.low, low.n, low.observed) == (pytest.approx(0.1), 2, 0.5)
    assert low.expected == pytest.approx(0.15)
    assert (high.high, high.n, high.gap) == (1.0, 1, 0.0)


def test_no_forecast_fills_no_bin() -> None:
    assert bins(np.empty(0), np.empty(0, dtype=bool), EDGES) == []
