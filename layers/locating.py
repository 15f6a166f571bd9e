"""Tell whose many places are, set-wise: points by the general net, words by the address matcher.

Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import numpy as np
from sqlalchemy.orm import Session

from geodata.assign import NOWHERE, assign, chances
from geodata.places_wanted import Wanted, reads_words
from layers.base import Scope
from layers.batch import Grids, general_net
from layers.gazetteer import Found, matcher
from layers.places import SIGMAS_OF_ACCURACY

KEPT = 20_000  # a list repeats its addresses


@dataclass(frozen=True)
class Located:
    """What is found for one row.

    Attributes:
        row: its position from 1.
        name: what the client calls it.
        grid_code: the grid that answers there; None when it is not known, with the ``reason``.
        grid_name: its name.
        chance: 0 to 1, that it is the right grid.
        lon: degrees in EPSG:4326 of the place that was found, or asked about.
        lat: likewise.
        placed_by: ``point`` or ``address``.
        label: the address that was found, or is the likeliest.
        score: 0 to 1, how well the words fit it.
        member: the column that is wrong.
        reason: why there is no grid.
    """

    row: int
    name: str | None = None
    grid_code: str | None = None
    grid_name: str | None = None
    chance: float | None = None
    lon: float | None = None
    lat: float | None = None
    placed_by: str | None = None
    label: str | None = None
    score: float | None = None
    member: str | None = None
    reason: str | None = None


Locate = Callable[[Sequence[Wanted]], list[Located]]


def locator(session: Session, scope: Scope, wanted: Sequence[Wanted], at: datetime) -> Locate:
    """Read what is needed to locate rows; what is given back asks the database nothing.

    Args:
        session: an open session.
        scope: whose district it is.
        wanted: all rows; the addresses are read only if one of them has words.
        at: the time whose grids are meant.
    """
    grids = general_net(session, scope)
    match = lru_cache(KEPT)(matcher(session, scope)) if reads_words(wanted) else None

    def locate(some: Sequence[Wanted]) -> list[Located]:
        spots = [_spot(one, match) for one in some]
        sigmas = [one.accuracy_m or np.nan for one in some]
        return _in_grids(spots, np.array(sigmas) / SIGMAS_OF_ACCURACY, at, grids)

    return locate


def _spot(one: Wanted, match: Callable[[str], Found] | None) -> Located:
    """Say where a row is, before it is known in which grid."""
    known = Located(one.row, one.name, member=one.member, reason=one.reason)
    if one.lon is not None:
        return replace(known, lon=one.lon, lat=one.lat, placed_by="point", chance=1.0)
    if one.address is None or match is None:
        return known
    found = match(one.address)
    if not found.candidates:
        return replace(known, member="address", reason="no address is like it")
    best = found.placed or max(found.candidates, key=lambda candidate: candidate.score)
    told = replace(known, label=best.label, score=best.score)
    if found.placed is None:
        unsure = f"unsure: the likeliest has the chance {best.chance:g}"
        return replace(told, member="address", reason=unsure)
    same = [c.chance for c in found.candidates if c.grid_code == best.grid_code]
    return replace(
        told, lon=best.lon, lat=best.lat, placed_by="address", chance=min(1.0, sum(same))
    )


def _in_grids(
    spots: list[Located], sigmas_m: np.ndarray, at: datetime, grids: Grids
) -> list[Located]:
    """Add the grid of each row that is somewhere."""
    put = np.array([i for i, spot in enumerate(spots) if spot.lon is not None], dtype=np.intp)
    lon = np.array([spots[i].lon for i in put], dtype=np.float64)
    lat = np.array([spots[i].lat for i in put], dtype=np.float64)
    when = np.full(len(put), at.timestamp())
    found = assign(lon, lat, when, grids.net)
    own = chances(lon, lat, sigmas_m[put], (found, when, grids.net)).own
    for i, grid, chance in zip(put, found, own, strict=True):
        spots[i] = _placed(spots[i], int(grid), float(chance), grids)
    return spots


def _placed(spot: Located, grid: int, chance: float, grids: Grids) -> Located:
    if grid == NOWHERE:
        return replace(spot, chance=None, reason="it lies in no grid")
    sure = round((spot.chance or 0.0) * chance, 3)
    return replace(spot, grid_code=grids.codes[grid], grid_name=grids.names[grid], chance=sure)
