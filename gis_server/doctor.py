"""Say what is missing, in one line each, with the remedy. Runs on a bare Python."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from geodata.errors import GisError
from gis_server.config import ROOT, Settings
from gis_server.postgres import binaries

FREE_SPACE_GB = 2.0


def missing(settings: Settings) -> Iterator[str]:
    """Name each thing that is missing, with its remedy."""
    if not settings.database_url:
        yield from _database(settings)
    for module in ("flask", "sqlalchemy", "psycopg2", "geopandas"):
        if find_spec(module) is None:
            yield f"the Python package {module} is not installed: run ./gis demo"
    if not (ROOT / "web_map" / "static" / "vendor" / "vendor.txt").exists():
        yield "the browser files are not there: run ./gis demo"
    yield from _for_tests()


def _database(settings: Settings) -> Iterator[str]:
    try:
        binaries(settings.var / "pg" / "data")
    except GisError as lack:
        yield f"{lack.message}, or set DATABASE_URL"
    place = next(folder for folder in (settings.var, *settings.var.parents) if folder.exists())
    free_gb = shutil.disk_usage(place).free / 1e9
    if free_gb < FREE_SPACE_GB:
        yield f"only {free_gb:.1f} GB are free in {place}: make room, or set GIS_VAR"


def _for_tests() -> Iterator[str]:
    if find_spec("pytest") is None:
        yield "the test packages are not installed: run ./gis test"
    if not shutil.which("chromium"):
        yield "the browser tests need chromium: run ./gis test"
    if not list(Path("/usr/share/fonts/opentype/noto").glob("NotoSansCJK*")):
        yield "no Chinese font for the browser tests: run ./gis test"


def main() -> int:
    """Print what is missing.

    Returns:
        0 if nothing is, else 1.
    """
    try:
        lines = list(missing(Settings.from_env()))
    except GisError as wrong:
        lines = [f"{wrong.message}: correct the setting {wrong.member}"]
    print("\n".join(lines) or "nothing is missing")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
