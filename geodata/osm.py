"""Read OpenStreetMap files (.osm, .osm.pbf) as three layers: roads, buildings, facilities.

OpenStreetMap is WGS84. Data is © OpenStreetMap contributors, ODbL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd

from geodata.dataset import BATCH_ROWS, Progress, Raw, ReadOptions, pick_layer
from geodata.errors import InvalidInput
from geodata.vectors import decode

Tags = dict[str, str]
WGS84_NAME = "EPSG:4326"
# OpenStreetMap's road classes → ours; what is not listed is a lane.
ROAD_CLASSES = {
    "motorway": "trunk",
    "trunk": "trunk",
    "primary": "primary",
    "secondary": "secondary",
    "tertiary": "secondary",
    "residential": "residential",
    "unclassified": "residential",
    "living_street": "residential",
}
FACILITY_KEYS = ("amenity", "emergency", "healthcare", "public_transport", "leisure", "man_made")


@dataclass
class _Found:
    """Rows collected so far, and the objects whose shape is still awaited."""

    progress: Progress
    rows: list[dict[str, str | None]] = field(default_factory=list)
    wkb: list[str] = field(default_factory=list)
    awaited: dict[str, str] = field(default_factory=dict)

    def add(self, row: dict[str, str | None], wkb: str) -> None:
        self.rows.append(row)
        self.wkb.append(wkb)
        if len(self.rows) % BATCH_ROWS == 0:
            self.progress(len(self.rows), None)


def read_osm(path: Path, options: ReadOptions) -> Raw:
    """Read the layer ``roads``, ``buildings`` or ``facilities``.

    ``code`` is the object's OpenStreetMap address, such as ``way/123``. Roads are ways with a
    ``highway``; buildings are closed ways and multipolygons with a ``building``; facilities are
    nodes and areas with one of ``FACILITY_KEYS``, with all their tags as JSON in ``attributes``.

    Raises:
        InvalidInput: if the layer is not one of the three, or the file is damaged.
    """
    layer = pick_layer(list(_LAYERS), options.layer)
    found = _Found(options.progress)
    try:
        _LAYERS[layer](str(path), found)
    except RuntimeError as error:
        raise InvalidInput(f"cannot read {path.name}: {error}", "file") from error
    return _raw(found)


def _raw(found: _Found) -> Raw:
    shapes, reasons, repairs = decode(np.array(found.wkb, dtype=object))
    count = len(found.rows)
    lost = {count + at: why for at, why in enumerate(found.awaited.values(), start=1)}
    found.progress(count, count)
    columns = pd.DataFrame(found.rows) if count else pd.DataFrame(index=range(0))
    raw = Raw(columns, shapes, reasons, repairs, np.arange(1, count + 1), declared=WGS84_NAME)
    raw.broken = lost
    return raw


def _roads(path: str, found: _Found) -> None:
    factory = osmium.geom.WKBFactory()
    ways = osmium.FileProcessor(path).with_locations()
    for way in ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(
        osmium.filter.KeyFilter("highway")
    ):
        _add(found, way, _road(dict(way.tags)), factory.create_linestring)


def _buildings(path: str, found: _Found) -> None:
    factory = osmium.geom.WKBFactory()
    keys = osmium.filter.KeyFilter("building")
    for thing in _with_areas(path, keys):
        if thing.is_area():
            found.awaited.pop(_code(thing), None)
            _add(found, thing, _building(dict(thing.tags)), factory.create_multipolygon)
        elif not thing.is_node() and _is_outline(thing):
            found.awaited[_code(thing)] = f"irreparable: {_code(thing)} does not close"


def _facilities(path: str, found: _Found) -> None:
    factory = osmium.geom.WKBFactory()
    keys = osmium.filter.KeyFilter(*FACILITY_KEYS)
    for thing in _with_areas(path, keys):
        if thing.is_area():
            _add(found, thing, _facility(dict(thing.tags)), factory.create_multipolygon)
        elif thing.is_node():
            _add(found, thing, _facility(dict(thing.tags)), factory.create_point)


def _with_areas(path: str, keys: Any) -> Iterator[Any]:
    """Yield the objects with certain keys, closed ways and multipolygons also as areas."""
    yield from osmium.FileProcessor(path).with_areas(keys).with_filter(keys)


_LAYERS: dict[str, Callable[[str, _Found], None]] = {
    "roads": _roads,
    "buildings": _buildings,
    "facilities": _facilities,
}


def _add(
    found: _Found, thing: Any, row: dict[str, str | None], shape: Callable[[Any], str]
) -> None:
    code = _code(thing)
    try:
        found.add({"code": code, **row}, shape(thing))
    except (osmium.InvalidLocationError, RuntimeError):
        found.awaited[code] = f"irreparable: {code} misses nodes that the file does not hold"


def _code(thing: Any) -> str:
    if thing.is_area():
        return f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
    return f"{'node' if thing.is_node() else 'way' if thing.is_way() else 'relation'}/{thing.id}"


def _is_outline(thing: Any) -> bool:
    return bool(thing.is_way()) or thing.tags.get("type") == "multipolygon"


def _name(tags: Tags) -> str | None:
    return tags.get("name:zh-Hans") or tags.get("name:zh") or tags.get("name")


def _road(tags: Tags) -> dict[str, str | None]:
    highway = tags["highway"]
    kind = ROAD_CLASSES.get(highway.removesuffix("_link"), "lane")
    return {"name": _name(tags), "class": kind, "highway": highway}


def _building(tags: Tags) -> dict[str, str | None]:
    return {
        "name": _name(tags),
        "address": tags.get("addr:full"),
        "road": tags.get("addr:street"),
        "door": tags.get("addr:housenumber"),
        "kind": tags["building"],
        "floors": tags.get("building:levels"),
        "height_m": tags.get("height"),
        "year": tags.get("start_date"),
    }


def _facility(tags: Tags) -> dict[str, str | None]:
    return {
        "name": _name(tags),
        "class": next(tags[key] for key in FACILITY_KEYS if key in tags),
        "attributes": json.dumps(tags, ensure_ascii=False, sort_keys=True),
    }
