"""gunicorn's configuration: gevent workers, in which psycopg2 waits without blocking others."""

from __future__ import annotations

from typing import Any

from gevent import monkey

# The application is made once, before the workers are forked: they start at once and share its
# memory. So gevent must patch the parent, before the application is imported.
monkey.patch_all()
preload_app = True

worker_class = "gevent"
worker_connections = 2000
keepalive = 75
graceful_timeout = 3
loglevel = "warning"
proc_name = "gis-server"
# A control socket in the home folder would let two servers meet.
control_socket_disable = True


def post_fork(_server: Any, _worker: Any) -> None:
    """Let a worker's database calls yield to its other requests."""
    from psycopg2.extensions import set_wait_callback  # noqa: PLC0415 - not before gevent patched

    from gis_server.waiting import wait  # noqa: PLC0415 - the parent does not need it

    set_wait_callback(wait)
