"""Scheduled work, in a process of its own: forget what is too old, and issue what is due."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, delete, func
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from geodata.errors import Unavailable
from gis_server.config import Settings
from layers import outbox, publishing, reports
from layers.base import Scope
from layers.incidents import Reply

PURGE_EVERY_S = 60.0
EVENTS_KEPT_H = 24
REPLIES_KEPT = timedelta(hours=72)  # longer than a field phone stays out of reach

LOG = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Do the scheduled work until told to stop; a database that is away is asked again later."""
    engine = create_engine(settings.database_url, pool_pre_ping=True)
    while True:
        try:
            purge(engine)
            issue_reports(engine, Scope(settings.district, settings.time_zone))
        except OperationalError as error:
            LOG.warning("the database is away: %s", error.orig)
        except Unavailable as error:
            LOG.warning("reports are issued later: %s", error)
        time.sleep(PURGE_EVERY_S)


def purge(engine: Engine) -> None:
    """Forget events, replies and editions of collections that are too old to be asked for."""
    with Session(engine) as session, session.begin():
        outbox.purge(session, EVENTS_KEPT_H)
        session.execute(delete(Reply).where(Reply.at < func.now() - REPLIES_KEPT))
    with Session(engine) as session, session.begin():
        publishing.purge(session)


def issue_reports(engine: Engine, scope: Scope) -> int:
    """Issue the reports that were due when the town's day began; tell how many.

    Each is a transaction of its own; what another process has issued meanwhile is left alone.
    """
    today = datetime.now(ZoneInfo(scope.time_zone)).date()
    with Session(engine) as session:
        due = reports.missing(session, scope, today)
    for order in due:
        with Session(engine) as session, session.begin():
            reports.freeze(session, scope, order)
    return len(due)


if __name__ == "__main__":
    run(Settings.from_env())
