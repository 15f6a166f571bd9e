"""Wait for somebody who waits for a lock."""

from __future__ import annotations

import time

from sqlalchemy import Connection, text

LONGEST_S = 5.0
LOOK_ANEW = text("SELECT pg_stat_clear_snapshot()")
WAITING = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


def await_waiting(connection: Connection) -> None:
    """Wait until a statement in this database waits for a lock that another holds."""
    end = time.monotonic() + LONGEST_S
    while not connection.execute(WAITING).scalar_one():
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.01)
        connection.execute(LOOK_ANEW)
