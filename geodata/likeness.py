"""How likely two reports mean the same case: by place, time, item, words, address and device.

A logistic model over a dozen features of a pair. Its weights were fitted to generated pairs (see
``geodata/echoes.py``) by ``python -m bench.cases.fitting``, which prints this table again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from geodata.address_text import NUMERAL, normal

PROPOSED = 0.6  # from this probability on a pair is proposed
SIGMAS = 2.4477  # an accuracy is the 95 % radius of a round Gaussian
UNKNOWN_SIGMA_M = 15.0  # of a place that came without an accuracy, as one found by its address
EXTENT_M = 8.0  # how far apart two people stand who report the same thing
DEGREE_M = 111_195.0
FAR = 25.0  # half-squared sigmas; further is not less likely
LONG_H, LONGEST_D = 48.0, 10.0
SHOWN = 0.4  # words that are this alike are named as a reason

WEIGHTS = {
    "bias": 0.71,
    "far": -0.4,
    "vague": -1.56,
    "hours": -1.36,
    "days_late": -5.67,
    "same_item": 5.48,
    "same_class": 1.67,
    "words": 2.0,
    "same_door": 1.95,
    "other_door": -5.78,
    "same_road": 0.39,
    "other_road": -2.53,
    "same_device": 0.03,
    "no_place": -1.47,
}

_ROAD = re.compile(r"([^\W\d]{1,12}?(?:大道|路|街|巷|道))(?!办)(\d+(?:-\d+)?)?")
_BLOCK = re.compile(r"(\d+|[A-Z])(?:栋|座|幢|号楼)")
_UNITS = re.compile(r"^(?:[^\d路巷]{1,8}?(?:镇|街道|村|社区)(?=[^\d路街巷]))+")
_NUMBERED = re.compile(r"\d|[A-Z]$")
_BESIDE = re.compile(r"(?:旁边|对面|附近|旁|门口|那边)+$")


class Door(NamedTuple):
    """A road, the door on it and the block inside, as an address names them; '' when not."""

    road: str
    number: str
    block: str = ""


@dataclass(frozen=True)
class Told:
    """What one report tells of its case.

    ``lon`` and ``lat`` are EPSG:4326, None without a place; ``accuracy_m`` is a 95 % radius;
    ``at_s`` is the time of the report in seconds since 1970; ``class_code`` is the category's.
    """

    category: str
    class_code: str
    at_s: float
    source: str
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    description: str | None = None
    address: str | None = None
    external_id: str | None = None


@dataclass(frozen=True)
class Likeness:
    """How likely two reports mean the same case, and what speaks for it.

    ``words`` is the share of pairs of letters that their descriptions have in common; ``why``
    names the features that speak for it, the strongest first; ``distance_m`` is None without both
    places.
    """

    probability: float
    distance_m: float | None
    hours: float
    words: float
    why: tuple[str, ...]


def likeness(one: Told, other: Told) -> Likeness:
    """Judge a pair of reports; the order of the two does not matter.

    Two of which one has no place are not the same unless their addresses say so: the words of a
    tray would else repeat cases all over the town.
    """
    found = pair_features(one, other)
    parts = {name: WEIGHTS[name] * value for name, value in found.items()}
    known = not found["no_place"] or found["same_door"] or found["same_road"]
    total = max(-40.0, min(40.0, sum(parts.values())))
    probability = 1 / (1 + math.exp(-total)) if known else 0.0
    return Likeness(
        probability=round(probability, 3),
        distance_m=distance_m(one, other),
        hours=abs(one.at_s - other.at_s) / 3600,
        words=found["words"],
        why=_reasons(found, parts),
    )


def pair_features(one: Told, other: Told) -> dict[str, float]:
    """Measure a pair by the names of ``WEIGHTS``."""
    hours = abs(one.at_s - other.at_s) / 3600
    sigma_m = math.hypot(_sigma_m(one), _sigma_m(other), EXTENT_M)
    apart_m = distance_m(one, other)
    same_item = one.category == other.category
    return {
        "bias": 1.0,
        "far": 0.0 if apart_m is None else min(FAR, (apart_m / sigma_m) ** 2 / 2),
        "vague": 0.0 if apart_m is None else math.log(sigma_m / EXTENT_M),
        "hours": math.log1p(hours),
        "days_late": min(LONGEST_D, max(0.0, hours - LONG_H) / 24),
        "same_item": float(same_item),
        "same_class": float(one.class_code == other.class_code and not same_item),
        "words": alike(one.description, other.description),
        **_doors(one.address, other.address),
        "same_device": float(_device(one) is not None and _device(one) == _device(other)),
        "no_place": float(apart_m is None),
    }


def distance_m(one: Told, other: Told) -> float | None:
    """Tell how many metres two reports are apart; None when one has no place."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    east = (one.lon - other.lon) * math.cos(math.radians((one.lat + other.lat) / 2))
    return math.hypot(east, one.lat - other.lat) * DEGREE_M


def _sigma_m(one: Told) -> float:
    return UNKNOWN_SIGMA_M if one.accuracy_m is None else one.accuracy_m / SIGMAS


def _device(one: Told) -> str | None:
    """Read the device that an automatic source names before a colon in its external id."""
    device, colon, _ = (one.external_id or "").rpartition(":")
    return f"{one.source}:{device}" if colon else None


def alike(one: str | None, other: str | None) -> float:
    """Tell the share of pairs of letters that two texts have in common, 0 to 1 (Dice)."""
    mine, theirs = _pairs(one or ""), _pairs(other or "")
    if not mine or not theirs:
        return 0.0
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    plain = normal(text).replace(" ", "")
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def _doors(one: str | None, other: str | None) -> dict[str, float]:
    """Compare two addresses: the same door, another on the road, the same road, or another."""
    mine, theirs = door(one or ""), door(other or "")
    verdict = ""
    if mine.road and theirs.road:
        verdict = _verdict(mine, theirs)
    elif one and other and address_key(one) == address_key(other):
        # A river or a tree at the entrance is no door: what is named may be long.
        verdict = "same_door" if _NUMBERED.search(address_key(one)) else "same_road"
    return {
        name: float(name == verdict)
        for name in ("same_door", "other_door", "same_road", "other_road")
    }


def _verdict(mine: Door, theirs: Door) -> str:
    if not _same_road(mine.road, theirs.road):
        return "other_road"
    if not mine.number or not theirs.number:
        return "same_road"
    other_block = mine.block and theirs.block and mine.block != theirs.block
    return "other_door" if mine.number != theirs.number or other_block else "same_door"


def _same_road(one: str, other: str) -> bool:
    """Compare roads that may have a village's name before them, or one letter wrong."""
    short, long = sorted((one, other), key=len)
    if long.endswith(short):
        return True
    wrong = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    one_wrong = len(one) == len(other) and len(one) > 2 and len(wrong) == 1
    return one_wrong and not set(wrong[0]) <= set(NUMERAL)


@lru_cache(maxsize=16384)
def door(address: str) -> Door:
    """Read the road and the door of an address, whatever way it is written."""
    plain = _UNITS.sub("", normal(address))
    found = list(_ROAD.finditer(plain))
    if not found:
        return Door("", "")
    block = _BLOCK.search(plain, found[-1].end())
    return Door(found[-1][1], found[-1][2] or "", block[1] if block else "")


@lru_cache(maxsize=16384)
def address_key(address: str) -> str:
    """Write an address without its town and village and without 旁边, to be compared whole."""
    plain = normal(address).replace(" ", "")
    return _BESIDE.sub("", _UNITS.sub("", plain)).removesuffix("号")


def _reasons(found: dict[str, float], parts: dict[str, float]) -> tuple[str, ...]:
    """Name what speaks for a pair: that they are near, soon, and what they have in common."""
    near = found["far"] < 2 and not found["no_place"]
    told: Iterator[tuple[float, str]] = (
        (parts[name], name)
        for name in ("same_item", "same_class", "same_door", "same_road", "same_device")
        if found[name]
    )
    reasons = [name for _, name in sorted(told, reverse=True)]
    reasons += ["near"] if near else []
    reasons += ["soon"] if found["hours"] < math.log1p(2) else []
    return (*reasons, "words") if found["words"] >= SHOWN else tuple(reasons)
