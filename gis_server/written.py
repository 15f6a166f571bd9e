"""Read what a request writes of a feature: its body, the version it is based on, its wishes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request

from geodata.errors import InvalidInput, VersionRequired, WrongType
from geodata.geojson import feature_of, parse_json, read_geometry
from geodata.received import in_wgs84, name_of
from geodata.served_crs import CRS84, ServedCrs, served_crs
from gis_server import asked
from layers.edits import Aim, Given

MERGE_PATCH = frozenset({"application/merge-patch+json"})
# What an answer tells of a feature beside itself; who sends it back means nothing by it.
TOLD = frozenset({"id", "version", "links", "bbox", "timeStamp"})
MOST_VERSION = 2**31 - 1

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*')
_PREFERENCE = re.compile(r'\s*([!#$%&\'*+.^`|~\w-]+)\s*(?:=\s*"?([^",;]*)"?)?')


def feature() -> Given:
    """Read a whole feature, for its creation or in place of another.

    Raises:
        InvalidInput: naming the member that is wrong.
        WrongType: if the body is no GeoJSON.
    """
    check_type(asked.GEOJSON)
    return given_of(parse_json(asked.body()), content_crs())


def given_of(document: Any, crs: ServedCrs) -> Given:
    """Read a whole feature whose coordinates are in a system.

    Raises:
        InvalidInput: naming the member that is wrong.
    """
    if not isinstance(document, dict):
        raise InvalidInput("the body is not a JSON object", "body")
    plain = {name: value for name, value in document.items() if name not in TOLD}
    without = {**plain, "geometry": None} if "geometry" in plain else plain
    return _given(feature_of(without).properties, plain, crs)


def patch(number: int) -> Given:
    """Read a merge patch of a feature.

    Raises:
        InvalidInput: naming the member that is wrong, or that it would change the id.
        WrongType: if the body is none.

    Source: RFC 7396; OGC API – Features Part 4, /req/features/update-json-merge-patch.
    """
    check_type(MERGE_PATCH)
    crs, document = content_crs(), parse_json(asked.body())
    if not isinstance(document, dict):
        raise InvalidInput("a merge patch of a feature is a JSON object", "body")
    if unknown := sorted(set(document) - TOLD - {"type", "geometry", "properties"}):
        raise InvalidInput(f"unknown member {unknown[0]!r}", unknown[0])
    if document.get("type", "Feature") != "Feature":
        raise InvalidInput(f"type is {document['type']!r}, not 'Feature'", "type")
    if document.get("id", number) != number:
        raise InvalidInput(f"the id of a feature stays {number}", "id")
    properties = document.get("properties", {})
    if not isinstance(properties, dict):
        raise InvalidInput("properties is not an object", "properties")
    return _given(properties, document, crs)


def _given(properties: Mapping[str, Any], document: Mapping[str, Any], crs: ServedCrs) -> Given:
    if "geometry" not in document:
        return Given(properties)
    shape = read_geometry(document["geometry"], crs == CRS84)
    if shape is None:
        return Given(properties, None, True)
    return Given(properties, in_wgs84(shape, crs), True, name_of(crs))


def aim(number: int) -> Aim:
    """Read which versions of a feature the change may be based on.

    Raises:
        VersionRequired: if If-Match is ``*``: it names none, and would undo what others did.

    Source: RFC 9110, sections 13.1.1 and 13.1.2; weak tags never match.
    """
    given = request.headers.get("If-Match")
    if given is None:
        return Aim(number, None)
    if given.strip() == "*":
        raise VersionRequired("If-Match is to name a version, not any", "If-Match")
    unless = request.headers.get("If-None-Match", "")
    if unless.strip() == "*":
        return Aim(number, frozenset())
    return Aim(number, _versions(given) - _versions(unless))


def _versions(tags: str) -> frozenset[int]:
    strong = [tag.removesuffix(asked.TO_KNOWN) for weak, tag in _TAG.findall(tags) if not weak]
    plain = [tags.strip()] if '"' not in tags else []
    numbers = [tag for tag in strong + plain if re.fullmatch("[0-9]{1,10}", tag)]
    return frozenset(int(tag) for tag in numbers if int(tag) <= MOST_VERSION)


def preferences() -> dict[str, str]:
    """Read what the client would like, by name; the first wish of a name counts.

    Source: RFC 7240, section 2.
    """
    found: dict[str, str] = {}
    for listed in request.headers.getlist("Prefer"):
        for part in listed.split(","):
            if named := _PREFERENCE.match(part):
                found.setdefault(named[1].lower(), (named[2] or "").strip().lower())
    return found


def content_crs() -> ServedCrs:
    """Read the system that the body's coordinates are in.

    Source: OGC API – Features Part 4, /req/features/crs-content-crs-header.
    """
    given = request.headers.get("Content-Crs")
    return CRS84 if given is None else served_crs(given.strip().strip("<>"), "Content-Crs")


def check_type(known: frozenset[str]) -> None:
    """Refuse a body of a type that is not read here, or that does not say what it is."""
    if not request.mimetype:
        raise InvalidInput(f"say in Content-Type what the body is: {_or(known)}", "Content-Type")
    if request.mimetype not in known:
        raise WrongType(f"the body is {request.mimetype}, not {_or(known)}", "Content-Type")


def _or(known: frozenset[str]) -> str:
    return " or ".join(sorted(known))
