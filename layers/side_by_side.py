"""Statements that may be shared out to a second process of the database, as they read much."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.compiler import compiles

# Sent with the statement, as one: in a session without transactions that is one by itself, so
# that nothing of it stays on the connection, and it costs no round trip.
SHARED_OUT = "SET LOCAL max_parallel_workers_per_gather = 1; "


class SideBySide(Select[Any]):
    """A SELECT for which the database may start a worker, where its planner finds that cheaper.

    All other statements run without, as to plan for workers costs more than most of them take. In
    a session that has a transaction, the statements after it may have a worker too.
    """

    inherit_cache = True


@compiles(SideBySide)
def _shared_out(asked: SideBySide, compiler: Any, **options: Any) -> str:
    return f"{SHARED_OUT}{compiler.visit_select(asked, **options)}"
