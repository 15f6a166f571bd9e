"""Wait for the database without blocking other requests, and not for ever."""

from __future__ import annotations

from typing import Any

from psycogreen.gevent import gevent_wait_callback
from psycopg2 import OperationalError
from psycopg2.extensions import STATUS_SETUP

from gis_server.db import STATEMENT_LIMIT_MS

# libpq's connect_timeout does not hold while others are let run meanwhile.
CONNECT_LIMIT_S = 1.5
ANSWER_LIMIT_S = STATEMENT_LIMIT_MS / 1000 + 5


def wait(connection: Any) -> None:
    """Let other requests run until a connection can go on.

    Raises:
        OperationalError: if the database stays silent.
    """
    limit_s = CONNECT_LIMIT_S if connection.status == STATUS_SETUP else ANSWER_LIMIT_S
    try:
        gevent_wait_callback(connection, timeout=limit_s)
    except TimeoutError as error:
        raise OperationalError(f"the database was silent for {limit_s} s") from error
