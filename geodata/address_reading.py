"""Read the parts of an address out of a text: villages, roads with doors, estates, sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from geodata.address_names import SAME_SOUND, Mention
from geodata.address_register import Kind, Name, Register
from geodata.address_text import NUMERAL, Number, block_at, door_at

_CORE = 0.15
"""Cost in edits of leaving out the last word of a name: 黄屋 for 黄屋村."""
_RIVAL = 1.2
"""Cost in edits of taking 东兴路 for a misspelt 东新路 when both exist."""


class Spot(NamedTuple):
    """Hold one name read in a text, with the number that follows it."""

    key: str
    kind: Kind
    core: bool
    start: int
    end: int
    cost: float
    loss: float
    information: float
    number: Number | None
    block: str


class Reading(NamedTuple):
    """Hold what was read in one text, cheapest first."""

    villages: list[Spot]
    roads: list[Spot]
    estates: list[Spot]
    sites: list[Spot]


def read(words: str, register: Register) -> Reading:
    """Read the parts of an address.

    Args:
        words: a text in normal form.
        register: the names to look for.
    """
    for unit in register.town:
        words = words.replace(unit, "")
    spots = [_spot(words, mention, register) for mention in register.index.mentions(words)]
    spots = _doubted(_outermost([spot for spot in spots if _plausible(spot, words)]))
    spots.sort(key=lambda spot: spot.cost)
    of = {kind: [spot for spot in spots if spot.kind is kind] for kind in Kind}
    villages = _not_the_town(of[Kind.VILLAGE])
    return Reading(villages, of[Kind.ROAD], of[Kind.ESTATE], of[Kind.SITE])


def _spot(words: str, mention: Mention, register: Register) -> Spot:
    name: Name = register.names[mention.name]
    cost = mention.cost + _CORE * name.core
    information = float(register.index.information[mention.name])
    number = door_at(words, mention.end)
    block = block_at(words, mention.end)
    if name.kind is Kind.ROAD and number:
        block = block_at(words, number.end)
    elif not block and number:
        block = str(number.number)
    span = (mention.start, mention.end)
    return Spot(
        name.key, name.kind, name.core, *span, cost, mention.loss, information, number, block
    )


def _plausible(spot: Spot, words: str) -> bool:
    """Tell whether a name may be meant.

    It must not end inside a numeral; one without its last word must be spelt right, and have a
    number unless it is a village.
    """
    if spot.end < len(words) and {words[spot.end - 1], words[spot.end]} <= set(NUMERAL):
        return False
    if not spot.core:
        return True
    if spot.cost > _CORE + SAME_SOUND:
        return False
    return spot.kind is Kind.VILLAGE or spot.number is not None or spot.block != ""


def _outermost(spots: Sequence[Spot]) -> list[Spot]:
    """Drop what lies inside a longer name that is spelt right: 黄屋 in 黄屋花园."""
    sure = {(s.start, s.end) for s in spots if s.cost <= SAME_SOUND and not s.core}
    return [spot for spot in spots if not any(_inside(spot, span) for span in sure)]


def _inside(spot: Spot, span: tuple[int, int]) -> bool:
    start, end = span
    return start <= spot.start and spot.end <= end and spot.end - spot.start < end - start


def _doubted(spots: Sequence[Spot]) -> list[Spot]:
    """Make a misspelt name dearer where the text spells another name of its kind right."""
    exact = [spot for spot in spots if spot.cost == 0]
    return [spot._replace(cost=spot.cost + _RIVAL * _rivalled(spot, exact)) for spot in spots]


def _rivalled(spot: Spot, exact: Sequence[Spot]) -> bool:
    return spot.cost > _CORE and any(
        rival.kind is spot.kind and rival.start <= spot.start and spot.end <= rival.end
        for rival in exact
    )


def _not_the_town(villages: list[Spot]) -> list[Spot]:
    """Drop a village's short name in front of another village: 东坑 in 东坑井美村 is the town."""
    begins = {spot.start for spot in villages}
    return [spot for spot in villages if not (spot.core and spot.end in begins)]
