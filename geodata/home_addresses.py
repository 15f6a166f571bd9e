"""Home addresses with a known truth, as a register of members has them: most right, some not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.ground import random
from geodata.tickets import tickets

KINDS = ("right", "spoilt", "elsewhere")
SHARES = (0.82, 0.14, 0.04)
# Villages and streets of towns beside, whose streets may be called like ones of this town.
ELSEWHERE = ("寮步镇石步村", "大朗镇巷头社区", "常平镇桥梓村", "茶山镇超朗村", "横沥镇田头村")
STREETS = ("和平路", "人民街", "向阳路", "新兴街", "文明路", "龙泉街", "福安巷", "教育路")


@dataclass(frozen=True)
class Home:
    """One address as written, and the micro-grid that it lies in: None for another town's."""

    text: str
    grid_code: str | None
    kind: str


def home_addresses(frames: Mapping[str, gpd.GeoDataFrame], n: int, seed: int = 0) -> list[Home]:
    """Write n home addresses: of homes as registered, with one thing wrong, and of other towns.

    Args:
        frames: a town's ``areas``, ``grids``, ``buildings`` and ``streets``.
        n: how many.
        seed: another seed writes other addresses.
    """
    rng = random(seed, "homes")
    kinds = rng.choice(KINDS, n, p=SHARES).tolist()
    wrong = iter(tickets(dict(frames), max(1, kinds.count("spoilt")), seed))
    right = iter(_right(frames, max(1, kinds.count("right")), rng))
    written = []
    for kind in kinds:
        if kind == "spoilt":
            ticket = next(wrong)
            written.append(Home(ticket.text, ticket.grid_code, kind))
        else:
            written.append(next(right) if kind == "right" else _elsewhere(rng))
    return written


def _right(frames: Mapping[str, gpd.GeoDataFrame], n: int, rng: np.random.Generator) -> list[Home]:
    """Write addresses of random households, with the room where a house has several."""
    lived = frames["buildings"].query("households > 0").reset_index(drop=True)
    share = lived["households"].to_numpy(dtype=float)
    drawn = lived.iloc[rng.choice(len(lived), n, p=share / share.sum())].reset_index(drop=True)
    micros = _micro_grids(drawn, frames["grids"])
    rows = zip(drawn.to_dict("records"), micros, strict=True)
    return [Home(_written(row, rng), micro, "right") for row, micro in rows]


def _micro_grids(buildings: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> list[str]:
    points = buildings.set_geometry(buildings.representative_point())
    micros = grids.query("level == 2")[["code", "geom"]].rename(columns={"code": "micro"})
    found: pd.Series = points.sjoin(micros, predicate="within")["micro"].sort_index()
    return [str(code) for code in found]


def _written(row: Mapping[str, object], rng: np.random.Generator) -> str:
    text = str(row["address"])
    if rng.random() < 0.5:
        text = text[text.index("镇") + 1 :] if "镇" in text else text
    households, floors = int(str(row["households"])), int(str(row["floors"] or 1))
    if households <= 2:
        return text
    floor, door = rng.integers(1, max(2, floors + 1)), rng.integers(1, 5)
    return f"{text}{floor}{door:02d}{rng.choice(['室', '房', ''])}"


def _elsewhere(rng: np.random.Generator) -> Home:
    where = f"{rng.choice(ELSEWHERE)}{rng.choice(STREETS)}{rng.integers(1, 200)}号"
    return Home(where, None, "elsewhere")
