"""Read GeoJSON text sequences (RFC 8142) and newline-delimited GeoJSON."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from geodata.dataset import Raw, ReadOptions
from geodata.errors import InvalidInput
from geodata.vectors import check_head, read_layer

CHUNK_BYTES = 4 << 20
RECORD_SEPARATOR = b"\x1e"


def read_geojsonseq(path: Path, options: ReadOptions) -> Raw:
    """Read one feature a record; records are lines, or begin with the RS character.

    GDAL passes over a record that is not JSON without a word, so the records are counted; when
    some are missing they are found and reported with their numbers.

    Raises:
        InvalidInput: if the file holds no feature.
    """
    check_head(path)
    total = _count(path)
    try:
        raw = read_layer(path, replace(options, layer=None), total)
    except InvalidInput:  # the first record is broken
        return _without_broken(path, options)
    return raw if len(raw.rows) == total else _without_broken(path, options)


def _count(path: Path) -> int:
    """Count the records that are not blank."""
    if _has_separators(path):
        return sum(chunk.count(RECORD_SEPARATOR) for chunk in _chunks(path))
    with path.open("rb") as file:
        return sum(1 for line in file if not line.isspace())


def _without_broken(path: Path, options: ReadOptions) -> Raw:
    """Read again from a copy that leaves out, and remembers, the broken records."""
    broken: dict[int, str] = {}
    with tempfile.TemporaryDirectory(prefix="geojsonseq-") as folder:
        copy = Path(folder) / "features.geojsonl"
        with copy.open("wb") as out:
            for number, record in enumerate(_records(path), start=1):
                if reason := _fault(record):
                    broken[number] = reason
                else:
                    out.write(record.replace(b"\n", b" ") + b"\n")
        if not copy.stat().st_size:
            raise InvalidInput(f"{path.name} holds no GeoJSON feature", "file")
        raw = read_layer(copy, replace(options, layer=None), None)
    count = len(raw.rows) + len(broken)
    raw.rows = np.setdiff1d(np.arange(1, count + 1), np.fromiter(broken, np.int64, len(broken)))
    raw.broken = broken
    return raw


def _has_separators(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == RECORD_SEPARATOR


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _records(path: Path) -> Iterator[bytes]:
    if not _has_separators(path):
        with path.open("rb") as file:
            yield from (line.strip() for line in file if not line.isspace())
        return
    rest = b""
    for chunk in _chunks(path):
        *whole, rest = (rest + chunk).split(RECORD_SEPARATOR)
        yield from (record.strip() for record in whole if record.strip())
    yield rest.strip()


def _fault(record: bytes) -> str | None:
    """Say why a record is not a feature, else None."""
    try:
        feature = json.loads(record, parse_float=_finite, parse_constant=_finite)
    except InvalidInput as error:
        return error.message
    except (ValueError, RecursionError):
        return "not JSON"
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return "not a GeoJSON feature"
    return None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InvalidInput(f"number {text} is not finite")
    return number
