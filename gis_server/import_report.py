"""Tell what an import would do and what it did, and keep what it could not use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from geodata import export
from geodata.dataset import Dataset
from geodata.errors import InvalidInput

SHOWN = 20
PLACE = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Inside:
    """How many of some things lie inside."""

    what: str
    inside: int
    total: int

    def __str__(self) -> str:
        """Say it with the share in per cent."""
        share = self.inside / self.total if self.total else 0.0
        return f"{share:.1%} of {self.total:,} {self.what} lie inside the grids"


@dataclass(frozen=True)
class Report:
    """What became of a file.

    ``rows_read`` = ``rows_written`` (new or changed) + ``rows_same`` (stored already) +
    ``rows_united`` (made part of another row) + the rejected rows.

    Attributes:
        source: the file.
        layer: the layer's name.
        dataset: the file as read, with all its rejected rows.
        rows_written: rows that are new or changed.
        rows_same: rows that were stored already.
        rows_united: rows that became part of another.
        outside: rows that lie in no grid, where the layer asks for one.
        repaired: how rows were mended → how many.
        notes: what was done to fit the rows to those stored beside them, as sentences.
        flaws: what a person has to look at, largest first.
        took_s: seconds spent in the database.
    """

    source: Path
    layer: str
    dataset: Dataset
    rows_written: int
    rows_same: int
    rows_united: int
    outside: int
    repaired: Mapping[str, int]
    notes: tuple[str, ...]
    flaws: GeoDataFrame | None
    took_s: float

    @property
    def rows_read(self) -> int:
        """Count the rows of the file."""
        return self.dataset.rows_read

    @property
    def rejected(self) -> pd.DataFrame:
        """List the rows that were not stored: ``reason``, ``source_geometry``, the attributes."""
        return self.dataset.rejected


def counted(repairs: Iterable[str]) -> Counter[str]:
    """Count repairs of a kind, wherever they were made."""
    return Counter(PLACE.sub("", repair) for repair in repairs)


def foretell(drafted: Any, inside: Iterable[Inside]) -> Iterator[str]:
    """Say what an import would do, a line at a time."""
    dataset, order = drafted.dataset, drafted.order
    crs = dataset.source_crs.name if dataset.source_crs else "no coordinates"
    yield f"{order.source.name} → {order.layer.name}, from {crs}"
    yield f"  {dataset.rows_read:,} rows read, {len(drafted.frame):,} to store"
    yield from _left(drafted.united, dataset.rejected, counted(drafted.repaired.values()))
    yield from (f"  {one}" for one in inside)
    yield from (f"  {note}" for note in drafted.notes)


def tell(report: Report) -> Iterator[str]:
    """Say what an import did, a line at a time."""
    yield f"{report.source.name} → {report.layer}"
    yield f"  {report.rows_read:,} rows read, {report.rows_written:,} written"
    if report.rows_same:
        yield f"  {report.rows_same:,} stored already, unchanged"
    if report.outside:
        yield f"  {report.outside:,} outside every grid: in the tray of unlocated cases"
    yield from _left(report.rows_united, report.rejected, report.repaired)
    yield from (f"  {note}" for note in report.notes)
    yield from _flaws(report.flaws)


def _left(united: int, rejected: pd.DataFrame, repaired: Mapping[str, int]) -> Iterator[str]:
    if united:
        yield f"  {united:,} united with another row of the same code"
    for how, count in repaired.items():
        yield f"  {count:,} repaired: {how}"
    if len(rejected):
        yield f"  {len(rejected):,} rejected:"
        for row, reason in rejected["reason"].head(SHOWN).items():
            yield f"    row {row}: {reason}"
        if len(rejected) > SHOWN:
            yield f"    … and {len(rejected) - SHOWN:,} more"


def _flaws(flaws: GeoDataFrame | None) -> Iterator[str]:
    if flaws is None or flaws.empty:
        return
    for kind, found in flaws.groupby("flaw"):
        yield f"  {len(found):,} {kind}s, {found['area_m2'].sum():,.0f} m² in all:"
        for one in found.head(SHOWN).itertuples():
            between = f" of {one.first} and {one.second}" if isinstance(one.second, str) else ""
            yield f"    {one.area_m2:,.0f} m²{between} at {one.lon:.6f},{one.lat:.6f}"
        if len(found) > SHOWN:
            yield f"    … and {len(found) - SHOWN:,} more"


def keep(report: Report) -> list[Path]:
    """Write the rejected rows and the flaws to GeoPackages beside the file.

    Returns:
        The files written; those of an earlier import are deleted.

    Raises:
        InvalidInput: if the folder cannot be written to.
    """
    stem = report.source.with_name(f"{report.source.name}.{report.layer}")
    flaws = stem.with_name(f"{stem.name}.flaws.gpkg")
    kept: list[Path | None] = []
    try:
        for left in (flaws, stem.with_name(f"{stem.name}.rejected.gpkg")):
            left.unlink(missing_ok=True)
        kept.append(export.write_rejected(report.dataset, stem))
        if report.flaws is not None and len(report.flaws):
            kept.append(export.write(report.flaws, flaws))
    except OSError as error:
        raise InvalidInput(
            f"the rows that need a look cannot be kept in {stem.parent}: {error.strerror};"
            " copy the file to a folder of your own",
            "file",
        ) from error
    return [path for path in kept if path]
