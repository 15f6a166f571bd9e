"""Take in many incidents at once: checked in columns, assigned set-wise, stored together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.assign import NOWHERE, Chances, Net, assign, chances
from geodata.dataset import Progress, silent
from geodata.errors import InvalidInput
from geodata.worktime import Spans
from layers.base import Scope
from layers.checking import checked, repeated
from layers.histories import add_steps, replayed
from layers.judging import Known, categories, judge
from layers.loading import Rejected, Taken
from layers.outbox import Change, announce
from layers.places import SIGMAS_OF_ACCURACY
from layers.report import WGS84_NAME
from layers.storing import Cases, store
from layers.wording import placed_by_words
from layers.worktime import stored as stored_spans

NET = text("""
SELECT id, code, name, kind = 'dedicated' AS dedicated, level, ST_AsBinary(geom) AS wkb,
       COALESCE(extract(epoch FROM lower(valid)), '-infinity') AS since,
       COALESCE(extract(epoch FROM upper(valid)), 'infinity') AS until
FROM grids WHERE district = :district AND net = 'general'
ORDER BY dedicated DESC, level DESC, code COLLATE "C"
""")
COLUMNS = (
    "category",
    "severity",
    "source",
    "external_id",
    "description",
    "address",
    "accuracy_m",
    "reported_at",
    "closed_at",
)
NUMBERS = ("severity", "accuracy_m")
WAYS = pd.Categorical(["point", None], ["point", "address"])  # how a row is placed
# What only a post brings; a file has no such columns.
POSTED = ("source_crs", "placed_by", "certainty", "candidates", "photos", "history")
LIKELY = 0.1  # a neighbour with a higher chance is a candidate


class Grids(NamedTuple):
    """The general net with the ids, codes and names that incidents keep."""

    net: Net
    ids: NDArray[np.int64]
    codes: NDArray[np.object_]
    names: NDArray[np.object_]


def load(
    session: Session, scope: Scope, frame: gpd.GeoDataFrame, progress: Progress = silent
) -> Taken:
    """Store a frame of incidents in one go and announce the layer once.

    Args:
        session: an open session; nothing is stored unless the caller commits.
        scope: the district they belong to.
        frame: points in EPSG:4326 or none, with a ``category`` and any of ``COLUMNS``; and of
            ``POSTED``: ``placed_by``, with the ``certainty`` that the point is the place that was
            meant, and as JSON ``photos`` and the ``candidates`` of those without a point; or a
            ``history`` of events (see ``geodata/histories.py``) from which the state follows.
        progress: told the rows stored so far; before, those whose words were looked up.

    Returns:
        What was stored, and each row that was not, with the reason.

    Raises:
        InvalidInput: if there is no column of categories.
    """
    if len(frame) == 0:
        return Taken(0, 0, 0, [])
    if "category" not in frame:
        raise InvalidInput("incidents need a category; give one with --set category=CODE")
    table = _completed(frame)
    known = categories(session, scope)
    rejected = sorted({*checked(table, known), *repeated(session, scope, table)})
    if rejected:
        good = np.ones(len(table), dtype=bool)
        good[[r.row - 1 for r in rejected]] = False
        table = table[good]
    if len(table):
        if "placed_by" not in frame:
            table = placed_by_words(session, scope, table, progress)
        finish = Finish(general_net(session, scope), known, stored_spans(session, scope))
        _store(session, scope, Cases(table, finish), progress)
        announce(session, scope, Change("incidents", "imported"))
        return Taken(len(frame), len(table), finish.outside, rejected)
    return Taken(len(frame), 0, 0, rejected)


def _store(session: Session, scope: Scope, cases: Cases, progress: Progress) -> None:
    if "history" not in cases.table:
        store(session, scope, cases, progress)
        return
    told = replayed(session, scope, cases.finish(cases.table))
    add_steps(session, scope, store(session, scope, Cases(told.table), progress), told.steps)


def _completed(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Take the known columns and fill those that are missing."""
    table = pd.DataFrame(frame[[c for c in COLUMNS if c in frame]]).reset_index(drop=True)
    for name in COLUMNS:
        if name not in table:
            table[name] = np.nan if name in NUMBERS else None
    sent = table["source"].fillna("import") if "source" in frame else _each("import", table)
    table["source"] = sent
    table["category"] = table["category"].astype("string").str.strip()
    table["reported_at"] = _reported(table["reported_at"])
    table["closed_at"] = _times(table["closed_at"])
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name], errors="coerce").astype("float64")
    points = np.asarray(frame.geometry.array)
    table = table.assign(lon=shapely.get_x(points), lat=shapely.get_y(points))
    table["source_crs"], table["certainty"] = _each(WGS84_NAME, table), 1.0
    table["placed_by"] = WAYS.take(table["lon"].isna().astype(int))
    return table.assign(**{name: frame[name].to_numpy() for name in POSTED if name in frame})


def _each(value: str, table: pd.DataFrame) -> pd.Categorical:
    """Give each row one word."""
    return pd.Categorical([value]).take(np.zeros(len(table), np.intp))


def _reported(given: pd.Series) -> pd.Series:
    """Read times as UTC; a row without one is reported now, one that is no time stays without."""
    now = pd.Timestamp.now("UTC").as_unit("us")
    if given.isna().all():
        return pd.Series(now, index=given.index)
    return _times(given).where(given.notna(), now)


def _times(given: pd.Series) -> pd.Series:
    return pd.to_datetime(given, utc=True, errors="coerce").astype("datetime64[us, UTC]")


def general_net(session: Session, scope: Scope) -> Grids:
    """Read all editions of the general net, the grid that answers first standing first."""
    rows = session.execute(NET, {"district": scope.district}).all()
    kinds = [(not row.dedicated, -row.level) for row in rows]
    ranks = {kind: rank for rank, kind in enumerate(sorted(set(kinds)))}
    net = Net(
        geoms=shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object)),
        tiers=np.array([ranks[kind] for kind in kinds], dtype=np.int64),
        since=np.array([float(row.since) for row in rows]),
        until=np.array([float(row.until) for row in rows]),
    )
    codes, names = ([getattr(row, n) for row in rows] for n in ("code", "name"))
    return Grids(
        net,
        ids=np.array([row.id for row in rows] + [0], dtype=np.int64),
        codes=np.array([*codes, None], dtype=object),
        names=np.array([*names, None], dtype=object),
    )


@dataclass
class Finish:
    """Place and judge cases, part after part; asks the database nothing.

    Attributes:
        grids: the general net.
        known: what the categories say.
        spans: the district's working time.
        outside: how many of those finished so far have a place in no grid.
    """

    grids: Grids
    known: Known
    spans: Spans
    outside: int = 0

    def __call__(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add to checked cases what follows from their place, time and category."""
        finished = judge(_placed(table, self.grids), self.known, self.spans)
        self.outside += int((finished["grid_id"].isna() & finished["lon"].notna()).sum())
        return finished


def _placed(table: pd.DataFrame, grids: Grids) -> pd.DataFrame:
    """Add the grid and the chance of each row, and the grids beside that may be right."""
    at = table["reported_at"].to_numpy("datetime64[us]").astype("int64") / 1e6
    found = np.full(len(table), NOWHERE, dtype=np.int64)
    put = np.flatnonzero(~np.isnan(table["lon"].to_numpy()))
    lon, lat = table["lon"].to_numpy()[put], table["lat"].to_numpy()[put]
    found[put] = assign(lon, lat, at[put], grids.net)
    chance = np.zeros(len(table))
    sigma = table["accuracy_m"].to_numpy()[put] / SIGMAS_OF_ACCURACY
    told = chances(lon, lat, sigma, (found[put], at[put], grids.net))
    chance[put] = told.own
    return _with_candidates(table, put, _candidates(told, grids)).assign(
        grid_id=pd.arrays.IntegerArray(grids.ids[found], mask=found == NOWHERE),
        grid_code=pd.Categorical(grids.codes).take(found),
        confidence=chance * table["certainty"].to_numpy(),
    )


def _candidates(told: Chances, grids: Grids) -> dict[int, str]:
    """Write the likely neighbours of each point as a single report does, the likeliest first."""
    likely = np.flatnonzero(told.elsewhere > LIKELY)
    named = sorted(
        (int(told.points[i]), -float(told.elsewhere[i]), grids.codes[g], grids.names[g])
        for i, g in zip(likely, told.others[likely], strict=True)
    )
    return {
        point: orjson.dumps(
            [{"grid_code": c, "name": n, "chance": round(-less, 3)} for _, less, c, n in some]
        ).decode()
        for point, some in groupby(named, key=itemgetter(0))
    }


def _with_candidates(
    table: pd.DataFrame, put: NDArray[np.intp], candidates: dict[int, str]
) -> pd.DataFrame:
    """Add the neighbours; a table in which no row has any is left as it is."""
    if not candidates:
        return table
    texts = np.full(len(table), "[]", dtype=object)
    if "candidates" in table:
        texts[:] = table["candidates"]
    texts[put[list(candidates)]] = list(candidates.values())
    return table.assign(candidates=texts)


__all__ = ["Grids", "Rejected", "Taken", "general_net", "load"]
