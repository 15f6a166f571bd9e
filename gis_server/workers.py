"""gunicorn's configuration: gevent workers, in which psycopg2 waits without blocking others."""

from __future__ import annotations

import gc
from typing import Any

from gevent import get_hub, monkey, spawn

# The application is made once, before the workers are forked: they start at once and share its
# memory. So gevent must patch the parent, before the application is imported.
monkey.patch_all()
preload_app = True

worker_class = "gis_server.wire.Worker"
worker_connections = 2000
keepalive = 75
limit_request_line = 8190  # the most that there is: filters are long, longer still in addresses
graceful_timeout = 3
loglevel = "warning"
proc_name = "gis-server"
# A control socket in the home folder would let two servers meet.
control_socket_disable = True


def pre_fork(_server: Any, _worker: Any) -> None:
    """Keep what the application is made of out of the collector's rounds.

    To look at an object is to write to it, and gives each worker a copy: 60 MB in all of two.
    """
    gc.freeze()


def post_fork(_server: Any, _worker: Any) -> None:
    """Let a worker's other requests run while one waits for the database or makes the gazetteer.

    And have it send each reply at once.
    """
    # None of it before gevent patched, and nothing that the parent does not need.
    from gunicorn import util  # noqa: PLC0415
    from gunicorn.http import wsgi  # noqa: PLC0415
    from psycopg2.extensions import set_wait_callback  # noqa: PLC0415

    from geodata.address import Gazetteer  # noqa: PLC0415
    from gis_server.passwords import HASHING  # noqa: PLC0415
    from gis_server.replies import Reply, refuse  # noqa: PLC0415
    from gis_server.waiting import wait  # noqa: PLC0415
    from gis_server.workbooks import WRITING  # noqa: PLC0415
    from layers.gazetteer import TOWN  # noqa: PLC0415
    from layers.labels import LEARNING  # noqa: PLC0415
    from layers.orphans import PROVING  # noqa: PLC0415

    set_wait_callback(wait)
    wsgi.Response, util.write_error = Reply, refuse
    HASHING.aside = lambda work, *given: get_hub().threadpool.apply(work, given)
    WRITING.aside = HASHING.aside
    PROVING.aside = HASHING.aside
    LEARNING.aside = HASHING.aside
    TOWN.make = lambda *columns: get_hub().threadpool.apply(Gazetteer, columns)


def post_worker_init(worker: Any) -> None:
    """Let a worker make ahead what its first requests need, while it answers others."""
    from gis_server.app import WARM  # noqa: PLC0415

    spawn(worker.wsgi.extensions[WARM])
