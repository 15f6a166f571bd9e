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
_EDGES = """
WITH now AS MATERIALIZED (SELECT clock_timestamp() AS at)
SELECT extract(epoch FROM min(now.at) - max(edge.at) FILTER (WHERE edge.at <= now.at)),
       extract(epoch FROM min(edge.at) FILTER (WHERE edge.at > now.at) - min(now.at))
FROM now, {table}, LATERAL (VALUES (lower(valid)), (upper(valid))) AS edge (at)
WHERE district = :district AND isfinite(edge.at)
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


def edges(fetch: Fetch, layer: Layer, scope: Scope) -> tuple[float | None, float | None]:
    """Tell when editions of a register began or ended last, and will next.

    Returns:
        The seconds since then and until then; None for never.
    """
    table: Any = layer.table.__table__
    if VALID not in table.columns or not issubclass(layer.table, Register):
        return None, None
    ((last, coming),) = fetch(_edges(table.name), {"district": scope.district})
    return (None if last is None else float(last)), (None if coming is None else float(coming))


@cache
def _edges(table: str) -> Prepared:
    return Prepared(f"layers_edges_of_{table}", _EDGES.format(table=table), {"district": "integer"})
