"""Everything a synthetic town has before its registers: what their makers look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from geodata.doors import StreetNet
from geodata.footprints import Footprints
from geodata.nets import Nets
from geodata.regions import TownSettings
from geodata.streets import Plan


@dataclass(frozen=True)
class Scene:
    """A town in metres around its centre: ``houses`` has one row for each of ``prints``."""

    settings: TownSettings
    seed: int
    now: datetime
    plan: Plan
    nets: Nets
    streets: StreetNet
    prints: Footprints
    houses: pd.DataFrame

    def codes(self, letter: str, count: int) -> list[str]:
        """Give the codes of one register: the town's nine digits, a letter and a number."""
        return [f"{self.settings.code[:9]}{letter}{n:05}" for n in range(1, count + 1)]
