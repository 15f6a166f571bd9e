"""An endless stream of incidents as a town would report them, for a live simulation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.ground import random
from geodata.regions import ReportWords, report_words
from geodata.streets import WIDTH_M
from geodata.tickets import Ticket, tickets
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


class Spots(NamedTuple):
    """Where something may happen: (lon, lat), the address, and the building's code if in one."""

    xy: NDArray[np.float64]
    address: list[str]
    building: list[str | None]


Places = dict[str, Spots]


@dataclass(frozen=True)
class Told:
    """A report as it is posted, and where it truly happened.

    ``lon`` and ``lat`` are degrees in EPSG:4326; ``building`` is a code, None outside of any.
    """

    feature: Feature
    lon: float
    lat: float
    building: str | None


def incidents(town: Town, seed: int = 0) -> Iterator[Feature]:
    """Give features to post to ``/collections/incidents/items``, without end.

    Geometry is a point in EPSG:4326 that lies off the true place as its ``accuracy_m`` says, or
    None with only an address (about 5 %). Properties: category, description, address, source,
    external_id and, with a point, accuracy_m; the time of the report is left to the sender.
    """
    for told in reports(town, seed):
        yield told.feature


def reports(town: Town, seed: int = 0) -> Iterator[Told]:
    """Give the same stream as ``incidents``, each with its true place."""
    rng = random(seed, "reports")
    items = report_words(town.settings.district)
    chance = np.array([item.weight for item in items])
    places = _places(town, rng)
    middles = _middles(town)
    number = 0
    while True:
        worded = iter(tickets(town.frames, BATCH, int(rng.integers(1 << 30))))
        for at in rng.choice(len(items), BATCH, p=chance / chance.sum()).tolist():
            number += 1
            told = _report(items[at], places, rng)
            told.feature["properties"]["external_id"] = f"S{seed}-{number:07}"
            if rng.random() < WORDS_ONLY_SHARE:
                told = _in_words(told.feature, next(worded), middles)
            yield told


def _in_words(feature: Feature, ticket: Ticket, middles: dict[str, tuple[float, float]]) -> Told:
    """Leave of a report only its words, about the building that they mean."""
    feature["geometry"] = None
    feature["properties"].update(address=ticket.text, source="12345")
    del feature["properties"]["accuracy_m"]
    lon, lat = middles[ticket.building_code]
    return Told(feature, lon, lat, ticket.building_code)


def _middles(town: Town) -> dict[str, tuple[float, float]]:
    """Give a point inside each building, by its code."""
    buildings = town.frames["buildings"]
    xy = shapely.get_coordinates(shapely.point_on_surface(buildings["geom"].to_numpy())).tolist()
    return {code: (lon, lat) for code, (lon, lat) in zip(buildings["code"], xy, strict=True)}


def _report(item: ReportWords, places: Places, rng: np.random.Generator) -> Told:
    xy, addresses, buildings = places[item.where]
    at = int(rng.integers(len(xy)))
    source = str(rng.choice(item.sources))
    accuracy_m = round(float(rng.uniform(*ACCURACY_M[source])), 1)
    feature: Feature = {
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
    lon, lat = xy[at].tolist()
    return Told(feature, lon, lat, buildings[at])


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
    width = streets["class"].map(WIDTH_M).to_numpy()[lines[1][pick]]
    bank = shapely.boundary(town.frames["water"]["geom"].iloc[0])
    on_bank = shapely.line_interpolate_point(bank, rng.random(300), normalized=True)
    river = [town.settings.name + town.settings.river] * 300
    return {
        "building": _of(points, buildings),
        "shop": _of_kind(points, buildings, SHOP_KINDS),
        "factory": _of_kind(points, buildings, FACTORY_KINDS),
        "street": Spots(_aside(on_street, width, rng), names, [None] * 4000),
        "river": Spots(shapely.get_coordinates(on_bank), river, [None] * 300),
    }


def _aside(
    middles: NDArray[np.object_], width: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Move places off the middle of their street, as far as its kerb at most."""
    xy: NDArray[np.float64] = shapely.get_coordinates(middles)
    way, off = rng.uniform(0, 2 * np.pi, len(xy)), rng.uniform(0.4, 1, len(xy)) * width / 2
    xy[:, 0] += off * np.cos(way) / DEGREE_M / np.cos(np.deg2rad(xy[:, 1]))
    xy[:, 1] += off * np.sin(way) / DEGREE_M
    return xy


def _of(points: NDArray[np.object_], buildings: pd.DataFrame) -> Spots:
    xy = shapely.get_coordinates(points)
    return Spots(xy, buildings["address"].tolist(), buildings["code"].tolist())


def _of_kind(points: NDArray[np.object_], buildings: pd.DataFrame, kinds: tuple[str, ...]) -> Spots:
    fit = buildings["kind"].isin(kinds).to_numpy()
    return _of(points[fit], buildings[fit])
