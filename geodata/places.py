"""Which places are three-small or nine-small, by a city's rule table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.regions import PlaceRule


def classify_place(attributes: Mapping[str, Any], rules: Sequence[PlaceRule]) -> str | None:
    """Say whether one place is ``three_small``, ``nine_small`` or neither.

    Args:
        attributes: ``class`` and the figures of the place (m², m, seats, …); missing ones allowed.
        rules: the city's rule table, in order of precedence.
    """
    place: str | None = classify_places(pd.DataFrame([dict(attributes)]), rules).iloc[0]
    return place


def classify_places(frame: pd.DataFrame, rules: Sequence[PlaceRule]) -> pd.Series:
    """Say for every row whether it is ``three_small``, ``nine_small`` or None.

    A place is of the first kind whose every limit for its class holds. A limit holds at its
    exact value; a figure that is missing holds no limit.

    Args:
        frame: rows with ``class`` and the columns that the rules name; missing columns allowed.
        rules: the city's rule table, in order of precedence.
    """
    place = pd.Series([None] * len(frame), index=frame.index, dtype=object, name="place")
    for kind, of_class in dict.fromkeys((rule.place, rule.place_class) for rule in rules):
        fits = (frame["class"] == of_class).to_numpy() & place.isna().to_numpy()
        for rule in rules:
            if (rule.place, rule.place_class) == (kind, of_class):
                fits = fits & _holds(frame, rule)
        place[fits] = kind
    return place


def _holds(frame: pd.DataFrame, rule: PlaceRule) -> NDArray[np.bool_]:
    if rule.attribute not in frame:
        return np.zeros(len(frame), dtype=bool)
    if rule.op == "in":
        listed: NDArray[np.bool_] = frame[rule.attribute].isin(rule.limit.split("|")).to_numpy()
        return listed
    figures = pd.to_numeric(frame[rule.attribute]).to_numpy(dtype=float, na_value=np.nan)
    small: NDArray[np.bool_] = figures <= float(rule.limit)
    return small
