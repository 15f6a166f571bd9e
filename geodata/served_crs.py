"""The systems that coordinates are asked for and shown in: their URIs, axis order and precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geodata.crs import CGCS2000, WEB_MERCATOR, WGS84
from geodata.errors import InvalidInput

DEGREE_DIGITS, METRE_DIGITS = 7, 3  # about a centimetre, and a millimetre
# CGCS2000 / 3-degree Gauss-Kruger: zones of 111°, 114° and 117° E, which hold the shipped towns.
ZONES = (4546, 4547, 4548)
OGC = "http://www.opengis.net/def/crs"


@dataclass(frozen=True)
class ServedCrs:
    """A system that is served.

    Attributes:
        uri: its name in the API.
        srid: its EPSG code; geometry is transformed to it with east first.
        flipped: whether its first axis is north, so that coordinates are written the other way.
        digits: decimal places that coordinates are written with.
    """

    uri: str
    srid: int
    flipped: bool = False
    digits: int = DEGREE_DIGITS


def _epsg(srid: int, flipped: bool, digits: int) -> ServedCrs:
    return ServedCrs(f"{OGC}/EPSG/0/{srid}", srid, flipped, digits)


CRS84 = ServedCrs(f"{OGC}/OGC/1.3/CRS84", WGS84)
SERVED: Mapping[str, ServedCrs] = MappingProxyType(
    {
        served.uri: served
        for served in (
            CRS84,
            _epsg(WGS84, True, DEGREE_DIGITS),
            _epsg(WEB_MERCATOR, False, METRE_DIGITS),
            _epsg(CGCS2000, True, DEGREE_DIGITS),
            *(_epsg(zone, True, METRE_DIGITS) for zone in ZONES),
        )
    }
)
_SHORT = {uri.rsplit("/def/crs/", 1)[1].replace("/0/", ":"): uri for uri in SERVED}


def served_crs(text: str, member: str) -> ServedCrs:
    """Find a served system by its URI, or by a short form such as EPSG:4547 or CRS84.

    Raises:
        InvalidInput: naming the member, if it is another.

    Source: OGC 18-058r1, Features Part 2.
    """
    given = text.strip("[] ")
    known = {**_SHORT, "CRS84": CRS84.uri, "OGC:CRS84": CRS84.uri}
    uri = known.get(given.upper(), given)
    if uri not in SERVED:
        raise InvalidInput(
            f"{text!r} is no system that is served here: {', '.join(SERVED)}", member
        )
    return SERVED[uri]
