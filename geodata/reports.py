"""An endless stream of incidents as a town would report them, for a live simulation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.ground import random
from geodata.regions import ReportWords, report_words
from geodata.tickets import tickets
from geodata.town import Town

ACCURACY_M = {
    "12345": (30, 80),
    "snap": (8, 35),
    "grid_worker": (5, 15),
    "patrol": (4, 10),
    "video_ai": (2, 5),
    "sensor": (1, 2),
}
WORDS_ONLY_SHARE = 0.05
SIGMAS = 2.4477  # an accuracy is the 95 % radius of a round Gaussian
DEGREE_M = 111_195.0
FACTORY_KINDS, SHOP_KINDS = ("factory", "dormitory"), ("shophouse",)
BATCH = 256

Feature = dict[str, Any]
Places = dict[str, tuple[NDArray[np.float64], list[str]]]


def incidents(town: Town, seed: int = 0) -> Iterator[Feature]:
    """Give features to post to ``/collections/incidents/items``, without end.

    Geometry is a point in EPSG:4326 that lies off the true place as its ``accuracy_m`` says, or
    None with only an address (about 5 %). Properties: category, description, address, source,
    external_id and, with a point, accuracy_m; the time of the report is left to the sender.
    """
    rng = random(seed, "reports")
    items = report_words(town.settings.district)
    chance = np.array([item.weight for item in items])
    places = _places(town, rng)
    number = 0
    while True:
        worded = iter(tickets(town.frames, BATCH, int(rng.integers(1 << 30))))
        for at in rng.choice(len(items), BATCH, p=chance / chance.sum()).tolist():
            number += 1
            feature = _report(items[at], places, rng)
            feature["properties"]["external_id"] = f"S{seed}-{number:07}"
            if rng.random() < WORDS_ONLY_SHARE:
                _leave_words(feature, next(worded).text)
            yield feature


def _leave_words(feature: Feature, address: str) -> None:
    feature["geometry"] = None
    feature["properties"].update(address=address, source="12345")
    del feature["properties"]["accuracy_m"]


def _report(item: ReportWords, places: Places, rng: np.random.Generator) -> Feature:
    xy, addresses = places[item.where]
    at = int(rng.integers(len(xy)))
    source = str(rng.choice(item.sources))
    accuracy_m = round(float(rng.uniform(*ACCURACY_M[source])), 1)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": _blur(xy[at], accuracy_m, rng)},
        "properties": {
            "category": item.category,
            "description": str(rng.choice(item.words)),
            "address": addresses[at],
            "source": source,
            "accuracy_m": accuracy_m,
        },
    }


def _blur(lonlat: NDArray[np.float64], accuracy_m: float, rng: np.random.Generator) -> list[float]:
    """Move a place as a fix of such an accuracy would, to 1e-7°."""
    off = rng.normal(0, accuracy_m / SIGMAS, 2) / DEGREE_M
    off[0] /= np.cos(np.deg2rad(lonlat[1]))
    return [round(float(value), 7) for value in lonlat + off]


def _places(town: Town, rng: np.random.Generator) -> Places:
    """Find where things happen: at buildings, shops and factories, on streets, by the river."""
    buildings, streets = town.frames["buildings"], town.frames["streets"]
    points = shapely.point_on_surface(buildings["geom"].to_numpy())
    lines = shapely.get_parts(streets["geom"].to_numpy(), return_index=True)
    pick = rng.choice(
        len(lines[0]), 4000, p=shapely.length(lines[0]) / shapely.length(lines[0]).sum()
    )
    on_street = shapely.line_interpolate_point(lines[0][pick], rng.random(4000), normalized=True)
    names = (town.settings.name + streets["name"]).to_numpy()[lines[1][pick]].tolist()
    bank = shapely.boundary(town.frames["reference"]["geom"].iloc[0])
    on_bank = shapely.line_interpolate_point(bank, rng.random(300), normalized=True)
    return {
        "building": _of(points, buildings["address"]),
        "shop": _of_kind(points, buildings, SHOP_KINDS),
        "factory": _of_kind(points, buildings, FACTORY_KINDS),
        "street": (shapely.get_coordinates(on_street), names),
        "river": (
            shapely.get_coordinates(on_bank),
            [town.settings.name + town.settings.river] * 300,
        ),
    }


def _of(points: NDArray[np.object_], addresses: pd.Series) -> tuple[NDArray[np.float64], list[str]]:
    return shapely.get_coordinates(points), addresses.tolist()


def _of_kind(
    points: NDArray[np.object_], buildings: pd.DataFrame, kinds: tuple[str, ...]
) -> tuple[NDArray[np.float64], list[str]]:
    fit = buildings["kind"].isin(kinds).to_numpy()
    return _of(points[fit], buildings["address"][fit])
