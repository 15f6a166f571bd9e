"""Three-small and nine-small places, at the limit of every rule."""

from typing import Any

import pandas as pd
import pytest

from geodata.places import classify_place, classify_places
from geodata.regions import place_rules

RULES = place_rules(441900)
WORKSHOP = {"class": "workshop", "height_m": 24, "floor_m2": 250, "fire_class": "丙", "staff": 51}


@pytest.mark.parametrize(
    ("place_class", "attribute", "limit", "place"),
    [
        ("shop", "area_m2", 300, "three_small"),
        ("entertainment", "area_m2", 200, "three_small"),
        ("restaurant", "seats", 100, "nine_small"),
        ("hotel", "beds", 50, "nine_small"),
        ("leisure", "area_m2", 200, "nine_small"),
        ("clinic", "beds", 30, "nine_small"),
        ("kindergarten", "pupils", 100, "nine_small"),
        ("flammables", "area_m2", 100, "nine_small"),
    ],
)
def test_limit_itself_is_small_and_one_hundredth_over_is_not(
    place_class: str, attribute: str, limit: float, place: str
) -> None:
    assert classify_place({"class": place_class, attribute: limit}, RULES) == place
    assert classify_place({"class": place_class, attribute: limit + 0.01}, RULES) is None


def test_workshop_at_every_limit_is_three_small() -> None:
    assert classify_place(WORKSHOP, RULES) == "three_small"


@pytest.mark.parametrize("over", [{"height_m": 24.1}, {"floor_m2": 251}, {"fire_class": "乙"}])
def test_workshop_over_one_limit_is_not_three_small(over: dict[str, Any]) -> None:
    assert classify_place({**WORKSHOP, **over}, RULES) is None


def test_workshop_too_large_for_three_small_is_nine_small_by_its_staff() -> None:
    assert classify_place({**WORKSHOP, "floor_m2": 251, "staff": 50}, RULES) == "nine_small"


@pytest.mark.parametrize(
    ("beds", "pupils", "place"),
    [(50, 500, "nine_small"), (51, 100, None), (0, 501, None)],
)
def test_school_needs_few_boarders_and_few_pupils(
    beds: int, pupils: int, place: str | None
) -> None:
    assert classify_place({"class": "school", "beds": beds, "pupils": pupils}, RULES) == place


def test_missing_figure_is_never_small() -> None:
    assert classify_place({"class": "shop", "area_m2": None}, RULES) is None
    assert classify_place({"class": "shop"}, RULES) is None


def test_factory_is_never_small() -> None:
    assert classify_place({"class": "factory", "area_m2": 1, "staff": 1}, RULES) is None


def test_frame_is_classified_row_by_row_and_keeps_its_index() -> None:
    frame = pd.DataFrame({"class": ["shop", "hotel"], "area_m2": [9.0, None]}, index=[7, 3])
    places = classify_places(frame, RULES)
    assert (places.index.tolist(), places.tolist()) == ([7, 3], ["three_small", None])
