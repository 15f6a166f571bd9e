"""The borders of imported grids: shared with each other and with the neighbours on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from geodata.dataset import GEOMETRY
from geodata.fabric import gaps, merge_parts, overlaps
from geodata.noding import TOLERANCE_M, Noded, node
from layers.base import Register, Scope
from layers.editions import FROM, TO
from layers.loading import Prepared

BESIDE_DEG = 0.002  # about 200 m: neighbours that may enclose a gap with those of a file
TOUCHING_DEG = 1e-6  # 0.1 m
DEDICATED = "dedicated"
DEFAULTS = {"net": "general", "level": 1}
NET = [*DEFAULTS, DEDICATED]


def united(frame: GeoDataFrame) -> Prepared:
    """Unite parts of one code; editions of other times stay apart."""
    merged = merge_parts(frame, apart=[name for name in (FROM, TO) if name in frame])
    notes = [
        f"rows {', '.join(map(str, rows))} united as grid {code}"
        for code, rows in zip(merged.report["code"], merged.report["rows"], strict=True)
    ]
    return Prepared(merged.frame, tuple(notes))


def settler(register: type[Register]) -> Callable[[Session, Scope, GeoDataFrame], Prepared]:
    """Make what fits a file's grids to each other and to those on record beside them.

    It makes neighbours share their vertices; grids on record stay as they are. Overlaps and
    enclosed gaps are listed for each net and level by itself, as of now; dedicated grids lie over
    the others, so they are compared with their like only.
    """

    def settle(session: Session, scope: Scope, frame: GeoDataFrame) -> Prepared:
        if frame.geometry.isna().all():
            return Prepared(frame)
        frame_nets = _nets(session, scope, register, frame)
        known = _beside(session, scope, register, frame, frame_nets)
        noded = node(frame, beside=known.geometry.to_numpy())
        present = _present(noded.frame)
        of_net = dict(list(known.groupby(NET)))
        nets = frame_nets.loc[present.index]
        each = [
            _flaws(net, of_net.get(name, known[:0]), tiles=not name[-1])
            for name, net in present.groupby([values for _, values in nets.items()])
        ]
        return Prepared(noded.frame, tuple(_notes(noded)), pd.concat(each, ignore_index=True))

    return settle


def _nets(
    session: Session, scope: Scope, register: type[Register], frame: GeoDataFrame
) -> pd.DataFrame:
    """Tell which rows belong together; where a file tells no kinds, those on record stand."""
    given = {name: frame.get(name, default) for name, default in DEFAULTS.items()}
    if "kind" in frame:
        dedicated = frame["kind"] == DEDICATED
    else:
        table: Any = register.__table__.c
        asked = select(table.code).where(table.district == scope.district, table.kind == DEDICATED)
        dedicated = frame["code"].isin(session.execute(asked).scalars().all())
    return pd.DataFrame({**given, DEDICATED: dedicated}, index=frame.index)


def _beside(
    session: Session,
    scope: Scope,
    register: type[Register],
    frame: GeoDataFrame,
    nets: pd.DataFrame,
) -> GeoDataFrame:
    """Read the grids in force that lie beside a file's and are not in it."""
    table: Any = register.__table__.c
    west, south, east, north = frame.total_bounds.tolist()
    box = func.ST_MakeEnvelope(west, south, east, north, WGS84)
    known = [*[table[n] for n in DEFAULTS], table.kind == DEDICATED]
    asked = select(table.code, *known, func.ST_AsBinary(table.geom)).where(
        table.district == scope.district,
        table.valid.op("@>", is_comparison=True)(func.now()),
        table.geom.op("&&", is_comparison=True)(func.ST_Expand(box, BESIDE_DEG)),
    )
    rows = pd.DataFrame(session.execute(asked).all(), columns=["code", *NET, GEOMETRY])
    rows = rows[~rows["code"].isin(frame["code"])]
    rows = rows[pd.MultiIndex.from_frame(rows[NET]).isin(pd.MultiIndex.from_frame(nets))]
    shapes = shapely.from_wkb(rows.pop(GEOMETRY).map(bytes).to_numpy(dtype=object))
    geometry = gpd.GeoSeries(shapes, rows.index, crs=WGS84)
    return gpd.GeoDataFrame(rows, geometry=geometry).rename_geometry(GEOMETRY)


def _notes(noded: Noded) -> Iterator[str]:
    if noded.snapped or noded.inserted:
        yield (
            f"borders shared: {noded.snapped} vertices moved onto a neighbour's by less than"
            f" {TOLERANCE_M} m, {noded.inserted} put into a neighbour's edge"
        )
    if noded.collapsed:
        listed = ", ".join(map(str, noded.collapsed))
        yield f"narrower than {TOLERANCE_M} m, left as they are: rows {listed}"


def _present(net: GeoDataFrame) -> GeoDataFrame:
    """Pick the editions of now, or those to come where there is none."""
    if TO in net:
        net = net[~(net[TO] <= pd.Timestamp.now("UTC"))]
    if FROM in net:
        net = net.sort_values(FROM, na_position="first")
    return net.drop_duplicates("code").sort_index()


def _flaws(net: GeoDataFrame, others: GeoDataFrame, tiles: bool) -> GeoDataFrame:
    """List overlaps of a net's rows with each other and with others.

    And the gaps that they enclose, if it ``tiles`` the ground.
    """
    both = pd.concat([net[["code", GEOMETRY]], others[["code", GEOMETRY]]])
    common, left_out, own = overlaps(both), gaps(both if tiles else both[:0]), net["code"]
    common = common[common["first"].isin(own) | common["second"].isin(own)]
    covered = shapely.union_all(net.geometry.dropna().to_numpy())
    near = shapely.dwithin(left_out.geometry.to_numpy(), covered, TOUCHING_DEG)
    return pd.concat([common.assign(flaw="overlap"), left_out[near].assign(flaw="gap")])
