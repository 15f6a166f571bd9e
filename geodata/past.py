"""The last days of a synthetic town: what was reported, and when it was closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.ground import random
from geodata.histories import as_json, history
from geodata.regions import Category, categories
from geodata.reports import incidents
from geodata.town import Town

DAYS = 10
CASES_A_DAY = 180
# Shares of a day's reports by the town's hour: few at night, most before and after noon.
BY_HOUR = np.array(
    [1, 1, 1, 1, 1, 2, 4, 9, 15, 18, 17, 12, 7, 8, 15, 17, 15, 12, 9, 8, 7, 5, 3, 2], dtype=float
)
# A case takes its time limit times a lognormal factor; one in six takes longer than its limit.
LOG_FACTOR_MEAN, LOG_FACTOR_SIGMA = -0.7, 0.7
NEVER_CLOSED_SHARE = 0.015
CLOCK_H_OF_WORKING_HOUR = 24 * 7 / (7 * 5)  # a week has five days of seven working hours
NEVER = pd.Timestamp("2100-01-01", tz="UTC")


def with_past(town: Town, now: datetime, seed: int = 1, zone: str = "Asia/Shanghai") -> Town:
    """Add the incidents of the last ``DAYS`` days to a town, those of today up to ``now``.

    Args:
        town: the town that they happen in.
        now: aware; nothing is reported or closed after it.
        seed: another seed makes another past.
        zone: the IANA name of the zone whose hours the reports follow.
    """
    rng = random(seed, "past")
    count = DAYS * CASES_A_DAY
    placed = (f for f in incidents(town, seed) if f["geometry"] is not None)
    features = list(islice(placed, count))
    table = pd.DataFrame([f["properties"] for f in features])
    table["external_id"] = "P" + table["external_id"]
    reported = _times(count, now.astimezone(ZoneInfo(zone)), rng)
    items = {item.code: item for item in categories(town.settings.district)}
    limits = table["category"].map({code: _clock_h(item) for code, item in items.items()})
    factor = rng.lognormal(LOG_FACTOR_MEAN, LOG_FACTOR_SIGMA, count)
    took = pd.to_timedelta(limits.to_numpy(float) * factor, unit="h").round("s")
    closed = reported + took
    left_open = (closed > pd.Timestamp(now)) | (rng.random(count) < NEVER_CLOSED_SHARE)
    table = table.assign(reported_at=reported, closed_at=closed.where(~left_open))
    procedures = table["category"].map({code: item.procedure for code, item in items.items()})
    never = closed.where(closed > pd.Timestamp(now), NEVER)
    ends = zip(procedures, reported, closed.where(~left_open, never), strict=True)
    table["history"] = [as_json(history(code, (r, c, now), rng)) for code, r, c in ends]
    points = shapely.points([f["geometry"]["coordinates"] for f in features])
    frame = gpd.GeoDataFrame(table, geometry=points, crs=4326).rename_geometry("geom")
    frame = frame[frame["reported_at"] <= pd.Timestamp(now)].sort_values("reported_at")
    return replace(town, frames={**town.frames, "incidents": frame.reset_index(drop=True)})


def _clock_h(item: Category) -> float:
    """Tell about how many hours by the clock an item's limit is."""
    return item.limit_h * (1.0 if item.limit_unit == "hours" else CLOCK_H_OF_WORKING_HOUR)


def _times(count: int, now: datetime, rng: np.random.Generator) -> pd.DatetimeIndex:
    """Draw times of reports over whole days that end with today."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = rng.integers(0, DAYS, count)
    hours = rng.choice(24, count, p=BY_HOUR / BY_HOUR.sum()) + rng.random(count)
    since = pd.Timestamp(midnight - timedelta(days=DAYS - 1)).tz_convert("UTC").as_unit("us")
    return since + pd.to_timedelta(days * 24 + hours, unit="h").as_unit("us")
