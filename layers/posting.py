"""Take in a batch of posted incidents: each as if it had been posted by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import orjson
import pandas as pd
import shapely
from psycopg2.errors import DeadlockDetected, UniqueViolation
from sqlalchemy.orm import Session

from geodata.errors import Conflict, InvalidInput
from geodata.geojson import Feature
from layers.base import Json, Scope
from layers.batch import load
from layers.intake import place_of
from layers.loading import Rejected, Taken
from layers.report import Report

SENT_BEFORE = "uq_incidents_district_source_external_id"
SENT_MEMBER = "properties.external_id"
ATTEMPTS = 3


def report_many(session: Session, scope: Scope, features: list[Feature]) -> Json:
    """Store many posted incidents; those that are wrong are left out and named by row."""
    now = datetime.now(UTC)
    reports, rejected = dict[int, Report](), list[Rejected]()
    for row, feature in enumerate(features, 1):
        try:
            reports[row] = _parsed(feature, now)
        except InvalidInput as error:
            rejected.append(Rejected(row, error.member or "", error.message))
    rows = list(reports)
    taken = _stored(session, scope, _frame(session, scope, list(reports.values())))
    rejected += [Rejected(rows[r.row - 1], r.member, r.detail) for r in taken.rejected]
    return {
        "rows_read": len(features),
        "rows_written": taken.rows_written,
        "outside": taken.outside,
        "rejected": [
            {"row": r.row, "member": r.member, "detail": r.detail} for r in sorted(rejected)
        ],
    }


def _stored(session: Session, scope: Scope, frame: gpd.GeoDataFrame) -> Taken:
    """Store reports; those that another sender stores at the same moment are stored before."""
    for _ in range(ATTEMPTS):
        try:
            with session.begin_nested():
                return load(session, scope, frame)
        except DeadlockDetected:
            continue  # two senders with the same rows in another order
        except UniqueViolation as error:
            if error.diag.constraint_name != SENT_BEFORE:
                raise
    raise Conflict("others send the same external ids just now; send again", SENT_MEMBER)


def _parsed(feature: Feature, now: datetime) -> Report:
    received = Report.parse(feature, now)
    if received.chosen is not None:
        raise InvalidInput("choose a grid in a single report", "properties.grid_code")
    return received


def _frame(session: Session, scope: Scope, reports: list[Report]) -> gpd.GeoDataFrame:
    """Write reports as the columns of a bulk load; each look-up of words lets others run."""
    rows = [_row(session, scope, received) for received in reports]
    table = pd.DataFrame(rows)
    points = [None if r["lon"] is None else shapely.Point(r["lon"], r["lat"]) for r in rows]
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points, index=table.index, crs=4326))


def _row(session: Session, scope: Scope, received: Report) -> dict[str, Any]:
    photos = {"photos": orjson.dumps(received.photos).decode()}
    return vars(received) | place_of(session, scope, received)._asdict() | photos
