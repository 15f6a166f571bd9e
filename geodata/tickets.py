"""Address tickets with a known truth, each with one thing wrong, as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
from pypinyin import lazy_pinyin

from geodata.ground import random

BESIDE = ("旁边", "对面", "附近")
ERRORS = ("wrong_character", "missing_part", "beside")
_ONE = (
    "未土井东黄屋坑大丁初角凤新美社草塘兴业华民达安宁康乐园阳丰昌"
    "平和泰升源利福荣茂明骏振文富宏恒永金银龙松"
)
_OTHER = (
    "末士并车寅层抗太了切用风亲羹杜早糖共亚毕良过按宇唐东圆阴半冒"
    "乎知秦开原刮副菜戊朋俊震交宫宠桓水全很尤粉"
)
LOOK_ALIKE = dict(zip(_OTHER + _ONE, _ONE + _OTHER, strict=True))
_FIXED = "号栋路街巷村镇区社大道楼一二三四五六七八九十"
_ROAD = re.compile(r"(.*?)(路|街|大道|巷)$")
_NUMBERED = re.compile(r"[一二三四五六七八九十](路|街|巷)$")


@dataclass(frozen=True)
class Ticket:
    """One address as written, the building and micro-grid it means and what is wrong with it."""

    text: str
    building_code: str
    grid_code: str
    error: str


@dataclass(frozen=True)
class _Parts:
    """The parts of one address; ``block`` is the building's number inside an estate."""

    town: str
    village: str
    road: str
    door: str
    estate: str
    block: str

    def text(self) -> str:
        return self.town + self.village + self.road + self.door + self.estate + self.block


def tickets(frames: dict[str, gpd.GeoDataFrame], n: int, seed: int = 0) -> list[Ticket]:
    """Write n tickets about random buildings.

    Args:
        frames: a town's ``areas``, ``grids`` and ``buildings``.
        n: how many.
        seed: another seed writes other tickets.
    """
    rng = random(seed, "tickets")
    buildings = frames["buildings"].iloc[rng.integers(0, len(frames["buildings"]), n)]
    areas = frames["areas"].set_index("code")["name"]
    roads = set(frames["streets"]["name"])
    points = buildings.set_geometry(buildings.representative_point())
    micros = frames["grids"].query("level == 2")[["code", "geom"]].rename(columns={"code": "micro"})
    grid = points.reset_index(drop=True).sjoin(micros, predicate="within")["micro"].sort_index()
    errors = rng.choice(ERRORS, n, p=(0.45, 0.4, 0.15)).tolist()
    rows = zip(buildings.to_dict("records"), grid.tolist(), errors, strict=True)
    return [
        Ticket(_spoil(_parts(row, areas), error, roads, rng), row["code"], micro, error)
        for row, micro, error in rows
    ]


def _parts(row: dict[str, str], areas: dict[str, str]) -> _Parts:
    estate = row["estate"] if isinstance(row["estate"], str) else ""
    name = row["name"] if isinstance(row["name"], str) else ""
    town = areas[row["village_code"][:9] + "000"]
    block = name.removeprefix(estate)
    return _Parts(town, areas[row["village_code"]], row["road"], row["door"], estate, block)


def _spoil(parts: _Parts, error: str, roads: set[str], rng: np.random.Generator) -> str:
    if error == "beside":
        return parts.text() + str(rng.choice(BESIDE))
    if error == "missing_part":
        ways = [way(parts) for way in OMISSIONS]
        fit = [text for text in ways if text and text != parts.text()]
        return str(rng.choice(fit))
    return _misspell(parts, roads, rng)


def _without_town(parts: _Parts) -> str:
    return parts.text().removeprefix(parts.town)


def _without_village(parts: _Parts) -> str:
    return parts.text().replace(parts.village, "", 1)


def _without_both(parts: _Parts) -> str:
    return _without_town(parts).removeprefix(parts.village)


def _without_way(parts: _Parts) -> str:
    """Leave out 路, 街 or 大道; not after a numeral, which would run into the door's."""
    if _NUMBERED.search(parts.road):
        return ""
    return parts.text().replace(parts.road, _ROAD.sub(r"\1", parts.road), 1)


def _without_sign(parts: _Parts) -> str:
    return "" if parts.estate or parts.block else parts.text().removesuffix("号")


def _without_estate(parts: _Parts) -> str:
    return parts.text().replace(parts.estate, "", 1) if parts.estate else ""


def _without_road(parts: _Parts) -> str:
    """Leave out road and door where the estate and its block still say which building it is."""
    return parts.town + parts.village + parts.estate + parts.block if parts.estate else ""


OMISSIONS: tuple[Callable[[_Parts], str], ...] = (
    _without_town,
    _without_village,
    _without_both,
    _without_way,
    _without_sign,
    _without_estate,
    _without_road,
)


def _misspell(parts: _Parts, roads: set[str], rng: np.random.Generator) -> str:
    """Change one character of village, road or estate to one that sounds or looks like it."""
    text, start = parts.text(), len(parts.town)
    places = [at for at in range(start, len(text)) if _replaceable(text[at])]
    for at in rng.permutation(places).tolist():
        for other in rng.permutation(_alike(text[at])).tolist():
            wrong = f"{text[:at]}{other}{text[at + 1 :]}"
            if not _names_another(wrong, parts, roads):
                return wrong
    return text + BESIDE[0]


def _replaceable(letter: str) -> bool:
    return "一" <= letter <= "鿿" and letter not in _FIXED and bool(_alike(letter))


def _names_another(wrong: str, parts: _Parts, roads: set[str]) -> bool:
    """Say whether the mistake happens to spell another road, so that nobody could know."""
    start = len(parts.town + parts.village)
    road = wrong[start : start + len(parts.road)]
    return road != parts.road and road in roads


@cache
def _alike(letter: str) -> list[str]:
    same = _homophones().get(lazy_pinyin(letter)[0], [])
    alike = [*same, LOOK_ALIKE.get(letter, letter)]
    return [other for other in alike if other != letter]


@cache
def _homophones() -> dict[str, list[str]]:
    """Group the 3,755 everyday characters (level 1 of GB/T 2312) by their sound without tone."""
    found: dict[str, list[str]] = {}
    cells = [(row, cell) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    for row, cell in cells[:3755]:
        letter = bytes((row, cell)).decode("gb2312")
        found.setdefault(lazy_pinyin(letter)[0], []).append(letter)
    return found
