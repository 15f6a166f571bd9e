"""A whole import by the command line: read, check, assign, store, index, announce."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from bench.figure import Figure, Finding, at_least, at_most
from bench.intake.assign import POINTS, district
from bench.intake.reports import rows
from bench.rig import Rig
from geodata.regions import categories
from geodata.town import Town
from gis_server.config import ROOT, Settings
from layers import find_layers
from layers.base import Scope
from layers.town import load_categories

ROWS_PER_S = 25_000
PEAK_GB = 2
DISTRICT = 441302
WATCH_S = 0.05


def importing(rig: Rig) -> Iterator[Finding]:
    """Import a million points of a district from GeoParquet; the process's start counts too."""
    count = 10_000 if rig.quick else POINTS
    town = district(rig.quick)
    with rig.database(rig.bare) as made:
        settings = replace(made, district=DISTRICT)
        _load_district(settings, town)
        source = rig.cluster.folder.parent / "incidents.parquet"
        _write(town, count, source)
        took_s, peak_gb = _import(settings, source)
        ((stored, placed),) = rows(settings, "SELECT count(*), count(grid_id) FROM incidents")
    goal = None if rig.quick else at_least(ROWS_PER_S)
    yield Figure(f"import of {count:,} incidents", count / took_s, "rows/s", goal)
    yield Figure("import: peak memory", peak_gb, "GB", at_most(PEAK_GB))
    yield Figure("import: rows not stored in a grid", count - placed, "rows", at_most(0))
    yield Figure("import: rows not stored", count - stored, "rows", at_most(0))


def _load_district(settings: Settings, town: Town) -> None:
    scope, layers = Scope(settings.district), find_layers()
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        load_categories(session, scope, categories(441900))
        for name in ("areas", "grids"):
            load = layers[name].load
            assert load is not None
            load(session, scope, town.frames[name])


def _write(town: Town, count: int, path: Path) -> None:
    points = town.points(count, seed=4)
    codes = np.array([c.code for c in categories(441900)])
    numbers = np.arange(count)
    frame = gpd.GeoDataFrame(
        {
            "category": codes[numbers % len(codes)],
            "external_id": [f"P-{n}" for n in numbers],
            "description": [f"第 {n} 件" for n in numbers],
            "reported_at": np.datetime64("2026-01-01T00:00:00") - numbers * np.timedelta64(30, "s"),
        },
        geometry=gpd.points_from_xy(points[:, 0], points[:, 1], crs=4326),
    )
    frame.to_parquet(path)


def _import(settings: Settings, source: Path) -> tuple[float, float]:
    """Run the command; seconds, and the most memory it held in GB."""
    command = [sys.executable, "-m", "gis_server.cli", "import", str(source)]
    options = ["--as", "incidents", "--yes", "--anyway"]
    peak_kb = 0
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=settings.environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        while child.poll() is None:
            peak_kb = max(peak_kb, _peak_kb(child.pid))
            time.sleep(WATCH_S)
        took_s = time.monotonic() - started
        said.seek(0)
        if child.returncode:
            raise RuntimeError(said.read().decode(errors="replace")[-2000:])
    return took_s, peak_kb / 2**20


def _peak_kb(pid: int) -> int:
    """Read the most memory that a process has held so far; 0 when it has just ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)
    return int(found[1]) if found else 0
