"""Store a checked batch of incidents, each with its first step; finished and copied in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.dataset import Progress
from layers.base import Base, Scope
from layers.binary import binary_of, copy_binary
from layers.bulk import chunks, cooperative, insert_arrays, point_array
from layers.indexing import indexed_after

IDS = text("""
SELECT string_agg(CAST(nextval('incidents_id_seq') AS text), ' ') FROM generate_series(1, :count)
""")
TEXTS = (
    *("number", "category", "source", "external_id", "description", "address", "source_crs"),
    *("grid_code", "placed_by", "procedure", "step", "level"),
)
DOCUMENTS = ("candidates", "photos")  # JSON that only some tables have; else the column's default
COUNTS = ("in_grid", "returns", "raises", "delays", "reworks")
ID_DIGITS = 6  # at least; longer numbers stay whole
KINDS = pa.dictionary(pa.int32(), pa.string())
Columns = Mapping[str, pa.Array]


def _as_they_are(table: pd.DataFrame) -> pd.DataFrame:
    return table


@dataclass(frozen=True)
class Cases:
    """Cases to store.

    Attributes:
        table: the columns of ``incidents`` but id and number, with ``lon`` and ``lat``.
        finish: adds those that are still missing, to one part after the other; in a thread of its
            own, so that it must not use the session.
    """

    table: pd.DataFrame
    finish: Callable[[pd.DataFrame], pd.DataFrame] = _as_they_are


def store(session: Session, scope: Scope, cases: Cases, progress: Progress) -> NDArray[np.int64]:
    """Store incidents and their first steps.

    Args:
        session: an open session.
        scope: the district they belong to.
        cases: the incidents.
        progress: told the rows stored so far.

    Returns:
        The ids given, in the table's order.
    """
    table = cases.table
    ids = _ids(session, len(table))
    table = table.assign(id=ids, number=_numbers(table["reported_at"], ids, scope))
    if cooperative():
        for name, columns in _columns(scope, cases.finish(table)):
            insert_arrays(session, name, list(columns), list(columns.values()))
        return ids
    known = Base.metadata.tables
    filled = [known[name] for name in ("incidents", "steps")]
    with indexed_after(session, filled, len(table), _blank(table)):
        for done, bodies in _ahead(scope, replace(cases, table=table)):
            for name, names, body in bodies:
                copy_binary(session, known[name], names, body)
            progress(done, len(table))
    session.execute(text("ANALYZE incidents, steps"))
    return ids


def _blank(table: pd.DataFrame) -> set[str]:
    """Name the columns of incidents that none of these has."""
    columns = Base.metadata.tables["incidents"].columns
    given = {name for name in table if not table[name].isna().all()}
    return {column.name for column in columns if column.nullable} - given


def _ids(session: Session, count: int) -> NDArray[np.int64]:
    answer = session.execute(IDS, {"count": count}).scalar_one()
    return np.array(answer.split(), dtype=np.int64)


def _numbers(reported_at: pd.Series, ids: NDArray[np.int64], scope: Scope) -> pd.Series:
    """Number each case by the local day of its report and its id, as 20260105-000042."""
    local = reported_at.dt.tz_convert(scope.time_zone).dt.tz_localize(None)
    days, which = np.unique(local.to_numpy("datetime64[D]"), return_inverse=True)
    names = pa.array([str(day).replace("-", "") for day in days], pa.string())
    padded = pc.utf8_lpad(pc.cast(pa.array(ids), pa.string()), ID_DIGITS, "0")
    joined = pc.binary_join_element_wise(names.take(pa.array(which)), padded, "-")
    return pd.Series(joined, reported_at.index, dtype=pd.ArrowDtype(pa.string()))


Bodies = list[tuple[str, list[str], BytesIO]]


def _ahead(scope: Scope, cases: Cases) -> Iterator[tuple[int, Bodies]]:
    """Finish and write the next part in a thread while the database takes in the last."""
    parts = list(chunks(len(cases.table)))
    with ThreadPoolExecutor(1) as writer:
        waiting = [writer.submit(_bodies, scope, cases, part) for part in parts[:1]]
        for at, part in enumerate(parts):
            bodies = waiting.pop().result()
            for following in parts[at + 1 : at + 2]:
                waiting.append(writer.submit(_bodies, scope, cases, following))
            yield min(part.stop, len(cases.table)), bodies


def _bodies(scope: Scope, cases: Cases, part: slice) -> Bodies:
    known = Base.metadata.tables
    made = _columns(scope, cases.finish(cases.table.iloc[part]))
    return [(name, list(columns), binary_of(known[name], columns)) for name, columns in made]


def _columns(scope: Scope, table: pd.DataFrame) -> list[tuple[str, Columns]]:
    """Write the columns of the cases, of their first steps, and of the last steps of the closed."""
    # A case with a past of its own has the step that closed it among the others.
    told = "paused_h" in table
    closed = table[table["closed_at"].notna() & (not told)]
    made = [("incidents", _incidents(scope, table)), ("steps", _steps(scope, table))]
    return [*made, ("steps", _closings(scope, closed))] if len(closed) else made


def _incidents(scope: Scope, table: pd.DataFrame) -> Columns:
    return {
        "district": _same(scope.district, table),
        "id": pa.array(table["id"]),
        "severity": pa.array(table["severity"]),
        "reported_at": _times(table["reported_at"]),
        "due_at": _times(table["due_at"]),
        "edition": pa.array(table["edition"]),
        "confidence": pa.array(table["confidence"]),
        "reporter": _same(scope.reader.post, table),
        "accuracy_m": pa.array(table["accuracy_m"], from_pandas=True),
        "closed_at": _times(table["closed_at"]),
        "step_due_at": _times(table["step_due_at"].where(table["closed_at"].isna())),
        "grid_id": pa.array(table["grid_id"]),
        "geom": point_array(table["lon"].to_numpy(), table["lat"].to_numpy()),
        **_state(table),
        **{name: _text(table[name]) for name in TEXTS},
        **{name: _text(table[name]) for name in DOCUMENTS if name in table},
    }


def _state(table: pd.DataFrame) -> Columns:
    """Write where the cases stand: as their past left them, or reported or closed at once."""
    if "paused_h" not in table:
        closed = pa.array(table["closed_at"].notna().to_numpy(np.int8))
        return {"stage": pa.DictionaryArray.from_arrays(closed, ["reported", "closed"])}
    return {
        **{name: _text(table[name]) for name in ("stage", "unit", "post")},
        **{name: pa.array(table[name]) for name in COUNTS},
        "asked_until": _times(table["asked_until"]),
        "paused_h": pa.array(table["paused_h"].astype("float64"), from_pandas=True),
    }


def _steps(scope: Scope, table: pd.DataFrame) -> Columns:
    return {
        "district": _same(scope.district, table),
        "incident_id": pa.array(table["id"]),
        "move": _same("report", table),
        "step_to": _text(table["first_step"]),
        "stage_to": _same("reported", table),
        "level": _text(table.get("first_level", table["level"])),
        "due_at": _times(table.get("first_due_at", table["due_at"])),
        "in_grid": _same(True, table),
        "post": _same(scope.reader.post, table),
        "unit": _text(table["source"]),
        "actor": _same(scope.reader.account, table),
        "at": _times(table["reported_at"]),
        "evidence": _evidence(table),
    }


def _closings(scope: Scope, table: pd.DataFrame) -> Columns:
    """Write the last step of cases that were closed before they came here."""
    return {
        "district": _same(scope.district, table),
        "incident_id": pa.array(table["id"]),
        "move": _same("import", table),
        "step_from": _text(table["first_step"]),
        "step_to": _text(table["step"]),
        "stage_from": _same("reported", table),
        "stage_to": _same("closed", table),
        "level": _text(table["level"]),
        "due_at": _times(table["due_at"]),
        "in_grid": _same(True, table),
        "unit": _text(table["source"]),
        "at": _times(table["closed_at"]),
    }


def _evidence(table: pd.DataFrame) -> pa.Array:
    """Tell how each row was placed and in which CRS it came; few of them differ."""
    ways, way_names = pd.factorize(table["placed_by"])
    crs, crs_names = pd.factorize(table["source_crs"])
    texts = [
        orjson.dumps(({"placed_by": way} if way else {}) | {"source_crs": name}).decode()
        for way in (*way_names, None)
        for name in crs_names
    ]
    # A row that was not placed has the code -1, which stands for the last.
    which = ways % (len(way_names) + 1) * len(crs_names) + crs
    return pa.DictionaryArray.from_arrays(pa.array(which), texts)


def _same(value: Any, table: pd.DataFrame) -> pa.Array:
    """Give every row one value."""
    nowhere = pa.array(np.zeros(len(table), np.int8), mask=np.full(len(table), value is None))
    return pa.DictionaryArray.from_arrays(nowhere, pa.array([value]))


def _text(values: pd.Series) -> pa.Array:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return pa.array(values, KINDS)
    return pa.array(values, pa.string(), from_pandas=True)


def _times(values: pd.Series) -> pa.Array:
    """Write UTC times with their zone, so that the session's zone does not matter."""
    return pa.array(values).cast(pa.timestamp("us", "UTC"))


__all__ = ["Cases", "store"]
