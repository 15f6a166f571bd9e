"""What a cached tile is good for: the versions of registers, and what changed of live layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from layers.base import Layer, Register, Scope
from layers.periods import VALID
from layers.prepared import Prepared


class Standing(NamedTuple):
    """The versions of the registers that were ever changed, in one history of the database."""

    history: str
    versions: Mapping[str, int]


# A restored database may give a version again that was given to something else. Whatever restores
# one starts the server or makes its tables anew; ``event_history``, which also holds after a server
# was replaced, reads two files of the server and costs more than all the rest.
HISTORY = "pg_postmaster_start_time() || ' ' || pg_relation_filepath('outbox')"
_STANDING = """
SELECT {history},
       (SELECT COALESCE(jsonb_object_agg(layer, version), '{{}}')
        FROM layer_versions WHERE district = :district)
"""
STANDING = Prepared("layers_standing", _STANDING.format(history=HISTORY), {"district": "integer"})
# The same of one register, for a statement that reads it beside: each is read once a statement.
_STANDING_OF = """
(SELECT {history}),
COALESCE((
    SELECT version FROM layer_versions WHERE district = {district} AND layer = {layer}
), 0)
"""
# As in the outbox, what became visible since a snapshot, whatever was committed when; and what the
# reader's own transaction did.
CHANGED = Prepared(
    "layers_changed",
    """
    SELECT pg_current_snapshot()::text,
           ARRAY(SELECT DISTINCT layer FROM outbox
                 WHERE district = :district
                   AND xid >= LEAST(pg_snapshot_xmin(:since), pg_current_xact_id_if_assigned())
                   AND (NOT pg_visible_in_snapshot(xid, :since)
                        OR xid = pg_current_xact_id_if_assigned()))
    """,
    {"district": "integer", "since": "pg_snapshot"},
)
_ENDS = """
SELECT extract(epoch FROM LEAST(
           min(lower(valid)) FILTER (WHERE isfinite(lower(valid)) AND lower(valid) > since.at),
           min(upper(valid)) FILTER (WHERE isfinite(upper(valid)) AND upper(valid) > since.at)
       ) - clock_timestamp())
FROM {table}, (SELECT clock_timestamp() - make_interval(secs => :ago_s) AS at) AS since
WHERE district = :district
"""
# Runs a prepared statement on the primary, for all its rows.
Fetch = Callable[[Prepared, Mapping[str, Any]], Sequence[Sequence[Any]]]


def standing(fetch: Fetch, scope: Scope) -> Standing:
    """Tell the versions of all registers, in one round trip."""
    ((history, versions),) = fetch(STANDING, {"district": scope.district})
    return Standing(str(history), versions)


def standing_of(layer: str, district: int) -> str:
    """Write the history and the version of a register as two columns of a statement.

    Args:
        layer: its name as a literal of SQL.
        district: whose register.
    """
    return _STANDING_OF.format(history=HISTORY, layer=layer, district=district)


def changed(fetch: Fetch, scope: Scope, since: str | None) -> tuple[str, frozenset[str]]:
    """Tell which layers had an event that became visible since a snapshot.

    Args:
        fetch: runs a statement.
        scope: whose district.
        since: a snapshot that is younger than the time for which events are kept; None for none.

    Returns:
        The snapshot read in, and the layers; none of them without an earlier snapshot.
    """
    ((snapshot, layers),) = fetch(CHANGED, {"district": scope.district, "since": since})
    return str(snapshot), frozenset(layers)


def good_for_s(fetch: Fetch, layer: Layer, scope: Scope, ago_s: float = 0.0) -> float | None:
    """Tell the seconds until an edition of a register begins or ends; None when none will.

    Args:
        fetch: runs a statement.
        layer: of the register.
        scope: whose register.
        ago_s: since when none did; less than 0 is told if one did since.
    """
    table: Any = layer.table.__table__
    if VALID not in table.columns or not issubclass(layer.table, Register):
        return None
    ((left,),) = fetch(_ends(table.name), {"district": scope.district, "ago_s": ago_s})
    return None if left is None else float(left)


@cache
def _ends(table: str) -> Prepared:
    types = {"district": "integer", "ago_s": "double precision"}
    return Prepared(f"layers_ends_of_{table}", _ENDS.format(table=table), types)
