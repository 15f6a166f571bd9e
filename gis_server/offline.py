"""Work on the database from the command line: whole transactions that may take their time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from geodata.regions import bags, categories
from gis_server import schema
from gis_server.cluster import database
from gis_server.config import Settings
from gis_server.db import Sessions
from layers.base import Scope
from layers.masks import CONSOLE
from layers.town import has_categories, load_categories
from layers.worktime import ensure_spans

OPTIONS = "-c timezone=UTC -c jit=off"


@contextmanager
def opened(settings: Settings) -> Iterator[Sessions]:
    """Bring the database with the newest schema; give what begins a transaction on it.

    The owner's connection is used: only he may put off the indexes of a large load.
    """
    with database(settings) as ready:
        schema.migrate(ready.owner_database_url)
        engine = create_engine(
            ready.owner_database_url, poolclass=NullPool, connect_args={"options": OPTIONS}
        )

        @contextmanager
        def begin() -> Iterator[Session]:
            with Session(engine) as session, session.begin():
                yield session

        yield begin
        engine.dispose()


def scope_of(settings: Settings) -> Scope:
    """Say for which district the settings speak; who runs a command here sees all of it."""
    return Scope(settings.district, settings.time_zone, CONSOLE)


def ensure_categories(session: Session, scope: Scope) -> None:
    """Load the district's table of what can be reported and its calendar, unless it has them."""
    if not has_categories(session, scope):
        load_categories(session, scope, (*categories(scope.district), *bags(scope.district)))
    ensure_spans(session, scope, calendar(scope.district))
