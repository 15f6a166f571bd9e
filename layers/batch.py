"""Take in many incidents at once: checked in columns, assigned set-wise, stored by COPY."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.assign import NOWHERE, Net, assign, chances
from geodata.errors import InvalidInput
from geodata.geojson import Feature
from layers.base import Json, Scope
from layers.bulk import chunks, copy_arrays
from layers.intake import AHEAD, WGS84_NAME, Report
from layers.outbox import Change, announce
from layers.places import SIGMAS_OF_ACCURACY

NET = text("""
SELECT id, code, kind = 'dedicated' AS dedicated, level, ST_AsBinary(geom) AS wkb,
       COALESCE(extract(epoch FROM lower(valid)), '-infinity') AS since,
       COALESCE(extract(epoch FROM upper(valid)), 'infinity') AS until
FROM grids WHERE district = :district AND net = 'general'
ORDER BY dedicated DESC, level DESC, code COLLATE "C"
""")
CATEGORIES = text("SELECT code, severity, limit_h FROM categories WHERE district = :district")
IDS = text("SELECT array_agg(nextval('incidents_id_seq')) FROM generate_series(1, :rows)")
KNOWN_IDS = text("""
SELECT external_id FROM incidents
WHERE district = :district AND source = :source AND external_id = ANY(:ids)
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
)


class Rejected(NamedTuple):
    """A row that was not stored: its position from 1, the member at fault, and why."""

    row: int
    member: str
    detail: str


class Taken(NamedTuple):
    """What became of a batch."""

    rows_read: int
    rows_written: int
    outside: int
    rejected: list[Rejected]


class Grids(NamedTuple):
    """The general net with the ids and codes that incidents keep."""

    net: Net
    ids: NDArray[np.int64]
    codes: NDArray[np.object_]


def report_many(session: Session, scope: Scope, features: list[Feature]) -> Json:
    """Store many posted incidents; those that are wrong are left out and named by row."""
    now = datetime.now(UTC)
    reports, rejected = [], []
    for row, feature in enumerate(features, 1):
        try:
            reports.append((row, Report.parse(feature, now)))
        except InvalidInput as error:
            rejected.append(Rejected(row, error.member or "", error.message))
    frame = _frame_of([report for _, report in reports])
    taken = load(session, scope, frame)
    rows = [row for row, _ in reports]
    late = [Rejected(rows[r.row - 1], r.member, r.detail) for r in taken.rejected]
    return {
        "rows_read": len(features),
        "rows_written": taken.rows_written,
        "outside": taken.outside,
        "rejected": [r._asdict() for r in sorted(rejected + late)],
    }


def _frame_of(reports: list[Report]) -> gpd.GeoDataFrame:
    table = pd.DataFrame([vars(r) for r in reports])
    points = [None if r.lon is None else shapely.Point(r.lon, r.lat) for r in reports]
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points, index=table.index, crs=4326))


def load(session: Session, scope: Scope, frame: gpd.GeoDataFrame) -> Taken:
    """Store a frame of incidents in one go and announce the layer once.

    Args:
        session: an open session; nothing is stored unless the caller commits.
        scope: the district they belong to.
        frame: points in EPSG:4326 or none, with a ``category`` and any of ``COLUMNS``.

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
    grids = _grids(session, scope)
    known = {row.code: row for row in session.execute(CATEGORIES, {"district": scope.district})}
    rejected = _checked(table, known)
    rejected += _repeated(session, scope, table)
    good = np.ones(len(table), dtype=bool)
    good[[r.row - 1 for r in rejected]] = False
    table, points = table[good], np.asarray(frame.geometry.array)[good]
    outside = _store(session, scope, _placed(table, points, grids), known)
    if len(table):
        announce(session, scope, Change("incidents", "imported"))
    return Taken(len(frame), len(table), outside, sorted(set(rejected)))


def _completed(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Take the known columns and fill those that are missing."""
    table = pd.DataFrame(frame[[c for c in COLUMNS if c in frame]]).reset_index(drop=True)
    for name in COLUMNS:
        if name not in table:
            table[name] = None
    table["source"] = table["source"].fillna("import")
    table["category"] = table["category"].astype("string").str.strip()
    now = pd.Timestamp.now("UTC")
    table["reported_at"] = pd.to_datetime(table["reported_at"], utc=True, errors="coerce").where(
        table["reported_at"].notna(), now
    )
    for name in ("severity", "accuracy_m"):
        table[name] = pd.to_numeric(table[name], errors="coerce").astype("float64")
    table["source_crs"] = frame["source_crs"].to_numpy() if "source_crs" in frame else WGS84_NAME
    return table


def _checked(table: pd.DataFrame, known: dict[str, Any]) -> list[Rejected]:
    """Name the rows whose values cannot be stored."""
    ahead = pd.Timestamp.now("UTC") + AHEAD
    wrong = (
        ("category", ~table["category"].isin(list(known)), "unknown category {}"),
        (
            "severity",
            table["severity"].notna() & ~table["severity"].isin([1, 2, 3, 4]),
            "severity is 1, 2, 3 or 4, not {}",
        ),
        (
            "accuracy_m",
            (table["accuracy_m"] < 0) | (table["accuracy_m"] > 100_000),
            "accuracy_m is 0…100000 metres, not {}",
        ),
        ("reported_at", table["reported_at"].isna(), "no time: {}"),
        ("reported_at", table["reported_at"] > ahead, "{} is more than 5 minutes ahead"),
    )
    return [
        Rejected(int(i) + 1, f"properties.{name}", reason.format(table[name].iloc[i]))
        for name, rows, reason in wrong
        for i in np.flatnonzero(rows.fillna(True).to_numpy(dtype=bool))
    ]


def _repeated(session: Session, scope: Scope, table: pd.DataFrame) -> list[Rejected]:
    """Name the rows whose source has sent their external id before."""
    if table["external_id"].isna().all():
        return []
    twice = table["external_id"].notna() & table.duplicated(["source", "external_id"])
    repeated = [(i, "twice in this file") for i in np.flatnonzero(twice)]
    for source, rows in table[table["external_id"].notna()].groupby("source"):
        ids = rows["external_id"].astype(str)
        asked = {"district": scope.district, "source": source, "ids": ids.tolist()}
        stored = set(session.execute(KNOWN_IDS, asked).scalars())
        repeated += [(i, "stored before") for i in rows.index[ids.isin(stored)]]
    return [
        Rejected(int(i) + 1, "properties.external_id", f"{table['external_id'].iloc[i]} {why}")
        for i, why in repeated
    ]


def _grids(session: Session, scope: Scope) -> Grids:
    rows = session.execute(NET, {"district": scope.district}).all()
    kinds = [(not row.dedicated, -row.level) for row in rows]
    ranks = {kind: rank for rank, kind in enumerate(sorted(set(kinds)))}
    net = Net(
        geoms=shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object)),
        tiers=np.array([ranks[kind] for kind in kinds], dtype=np.int64),
        since=np.array([float(row.since) for row in rows]),
        until=np.array([float(row.until) for row in rows]),
    )
    codes = np.array([row.code for row in rows] + [None], dtype=object)
    return Grids(net, np.array([row.id for row in rows] + [0], dtype=np.int64), codes)


def _placed(table: pd.DataFrame, points: NDArray[Any], grids: Grids) -> pd.DataFrame:
    """Add the point, the grid and the chance of each row."""
    table = table.assign(lon=shapely.get_x(points), lat=shapely.get_y(points))
    at = table["reported_at"].to_numpy("datetime64[ns]").astype("int64") / 1e9
    found = np.full(len(table), NOWHERE, dtype=np.int64)
    put = np.flatnonzero(~np.isnan(table["lon"].to_numpy()))
    lon, lat = table["lon"].to_numpy()[put], table["lat"].to_numpy()[put]
    found[put] = assign(lon, lat, at[put], grids.net)
    chance = np.zeros(len(table))
    sigma = table["accuracy_m"].to_numpy()[put] / SIGMAS_OF_ACCURACY
    chance[put] = chances(lon, lat, sigma, (found[put], at[put], grids.net))
    return table.assign(
        grid_id=pd.array(np.where(found == NOWHERE, None, grids.ids[found]), dtype="Int64"),
        grid_code=grids.codes[found],
        confidence=chance,
    )


def _store(session: Session, scope: Scope, table: pd.DataFrame, known: dict[str, Any]) -> int:
    """Copy incidents and their first steps; tell how many lie outside every grid."""
    ids = np.array(session.execute(IDS, {"rows": len(table)}).scalar_one() or [], dtype=np.int64)
    severity = table["category"].map({code: row.severity for code, row in known.items()})
    limit_h = table["category"].map({code: row.limit_h for code, row in known.items()})
    table = table.assign(
        id=ids,
        severity=table["severity"].fillna(severity).astype("int64"),
        due_at=table["reported_at"] + pd.to_timedelta(limit_h.astype(float), unit="h"),
        day=table["reported_at"].dt.tz_convert(scope.time_zone).dt.strftime("%Y%m%d"),
    )
    for part in chunks(len(table)):
        _copy_incidents(session, scope, table.iloc[part])
        _copy_steps(session, scope, table.iloc[part])
    session.execute(text("ANALYZE incidents"))
    session.execute(text("ANALYZE steps"))
    return int((table["grid_id"].isna() & table["lon"].notna()).sum())


def _copy_incidents(session: Session, scope: Scope, table: pd.DataFrame) -> None:
    points = shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy())
    points[np.isnan(table["lon"].to_numpy())] = None
    wkb = shapely.to_wkb(shapely.set_srid(points, 4326), hex=True, include_srid=True)
    number = table["day"] + "-" + table["id"].astype(str).str.zfill(6)
    columns = {
        "district": pa.array(np.full(len(table), scope.district)),
        "id": pa.array(table["id"]),
        "number": pa.array(number, pa.string()),
        **{
            n: _texts(table[n])
            for n in (
                "category",
                "source",
                "external_id",
                "description",
                "address",
                "source_crs",
                "grid_code",
            )
        },
        "severity": pa.array(table["severity"]),
        "accuracy_m": pa.array(table["accuracy_m"], from_pandas=True),
        "reported_at": _times(table["reported_at"]),
        "due_at": _times(table["due_at"]),
        "grid_id": pa.array(table["grid_id"]),
        "confidence": pa.array(table["confidence"]),
        "placed_by": pa.array(np.where(table["lon"].isna(), None, "point"), pa.string()),
        "geom": pa.array(wkb, pa.string()),
    }
    copy_arrays(session, "incidents", list(columns), list(columns.values()))


def _copy_steps(session: Session, scope: Scope, table: pd.DataFrame) -> None:
    placed = np.where(table["lon"].isna(), None, "point")
    evidence = {how: orjson.dumps({"placed_by": how}).decode() for how in (None, "point")}
    columns = {
        "district": pa.array(np.full(len(table), scope.district)),
        "incident_id": pa.array(table["id"]),
        "stage_to": pa.array(np.full(len(table), "reported", dtype=object), pa.string()),
        "unit": _texts(table["source"]),
        "at": _times(table["reported_at"]),
        "evidence": pa.array([evidence[how] for how in placed], pa.string()),
    }
    copy_arrays(session, "steps", list(columns), list(columns.values()))


def _texts(values: pd.Series) -> pa.Array:
    return pa.array(values.astype("string"), pa.string(), from_pandas=True)


def _times(values: pd.Series) -> pa.Array:
    """Write UTC times with their zone, so that the session's zone does not matter."""
    plain = pa.array(values.dt.tz_convert("UTC").dt.tz_localize(None))
    return pc.strftime(plain, format="%Y-%m-%dT%H:%M:%S+00")


__all__ = ["Rejected", "Taken", "load", "report_many"]
