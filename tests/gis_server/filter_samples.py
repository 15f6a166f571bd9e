"""Four buildings with properties of every kind, and the filters that find them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, cast, func, literal, select
from sqlalchemy.orm import Session

from geodata.served_crs import CRS84, ServedCrs
from gis_server.filters import condition, parse
from layers.base import Field, Scope
from layers.buildings import LAYER, Building
from layers.queries import visible
from tests import factories

ZONE = "Asia/Shanghai"
BIG = 9_007_199_254_740_993  # the least whole number that a double cannot hold
YEARS = {"A": 2000, "B": 2010, "C": 2020}


def _midnight(year: Any) -> Any:
    """Give the first moment of the first of June, in the zone."""
    return func.timezone(ZONE, cast(func.make_date(year, 6, 1), DateTime))


SAMPLE = replace(
    LAYER,
    schema=(
        *LAYER.fields.values(),
        Field("day", "date", cast(func.make_date(Building.year, 6, 1), Date)),
        Field("at", "date-time", _midnight(Building.year) + func.make_interval(0, 0, 0, 0, 8)),
        Field("used", "period", func.tstzrange(_midnight(Building.year), _midnight(2020))),
        Field("tags", "array", func.jsonb_build_array(Building.kind, Building.year, True)),
        Field("more", "array", func.jsonb_build_array(Building.year, True, Building.kind)),
        Field("notes", "object", func.jsonb_build_object("kind", Building.kind)),
        Field("big", "integer", literal(BIG, BigInteger) + Building.households),
    ),
)


def add_samples(session: Session) -> None:
    """Store A in the middle, B 100 m east, C 100 m north, and D far away, of which little is known.

    Each is a square of 10 m × 10 m.
    """
    add = factories.add_building
    first = {"households": 10, "residents": 30, "rental": True, "height_m": 12.5, "year": 2000}
    add(session, "A", (0, 0), name="École Azul", kind="shop", road="Shop", **first)
    second = {"households": 20, "residents": 20, "rental": False, "height_m": 30.0, "year": 2010}
    add(session, "B", (100, 0), name="ecole azul", kind="flat", road="flat", **second)
    third = {"households": 9, "residents": 40, "year": 2020, "rental": True}
    add(session, "C", (0, 100), name="50%_it's C:\\", kind="黄屋", **third)
    add(session, "D", (5000, 5000), households=0, residents=0)


def found(session: Session, text: str, lang: str = "cql2-text", crs: ServedCrs = CRS84) -> str:
    """Tell the codes of the buildings that a filter finds, in their order."""
    wanted = condition(parse(text, lang, crs, ZONE), SAMPLE)
    asked = select(Building.code).where(*visible(SAMPLE, Scope(441900)), wanted)
    return "".join(sorted(session.execute(asked).scalars()))


def all_found(session: Session, texts: Iterable[str]) -> dict[str, str]:
    """Tell the codes that each of many filters finds."""
    return {text: found(session, text) for text in texts}


def point(east_m: float, north_m: float) -> str:
    """Write a place in metres from the middle as WKT."""
    return f"POINT({_pair((east_m, north_m))})"


def ring(*corners: tuple[float, float]) -> str:
    """Write a polygon by its corners in metres from the middle as WKT."""
    return f"POLYGON(({_pairs((*corners, corners[0]))}))"


def line(*places: tuple[float, float]) -> str:
    """Write a line in metres from the middle as WKT."""
    return f"LINESTRING({_pairs(places)})"


def square(west: float, south: float, east: float, north: float) -> str:
    """Write a rectangle by its edges in metres from the middle as WKT."""
    return ring((west, south), (east, south), (east, north), (west, north))


def _pairs(places: Iterable[tuple[float, float]]) -> str:
    return ",".join(_pair(place) for place in places)


def _pair(place: tuple[float, float]) -> str:
    lon, lat = factories.at(*place)
    return f"{lon!r} {lat!r}"
