"""The application: the one place where the parts meet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gis_server import (
    access,
    accounts,
    compressing,
    editing,
    errors,
    events,
    features,
    landing,
    locating,
    openapi_views,
    places,
    queryables,
    quick,
    read_quick,
    schemas,
    sources,
    tile_drawing,
    tile_quick,
    tile_sets,
    tiles,
    views,
    workbooks,
)
from gis_server.catalog import Catalog
from gis_server.config import Settings
from gis_server.db import Database, open_database
from gis_server.event_places import placing
from gis_server.feed import Feed
from gis_server.routing import Whole
from gis_server.tile_drawing import Tiles
from layers import find_layers, gazetteer, masks
from layers.base import Layer, Scope
from web_map.browse import make_browse
from web_map.pages import make_pages
from web_map.report import make_report

WARM = "warm"  # the extension that makes ahead what the first requests need

log = logging.getLogger(__name__)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    asking: access.Asking | None = None,
) -> Flask:
    """Make the application.

    Args:
        settings: read from the environment when not given.
        database: opened from the settings when not given; a test brings its own.
        asking: tells the scope of a request; read from who has signed in when not given.
    """
    settings = settings or Settings.from_env()
    database = database or open_database(settings)
    registered, home = find_layers(), Scope(settings.district, settings.time_zone)
    layers = Catalog(registered, home, database.single)
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["int"] = Whole
    app.config["MAX_CONTENT_LENGTH"] = features.FEATURE_LIMIT_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    errors.register(app)
    compressing.beside(app)
    known = _guarded(app, settings, database)
    if asking is None:
        asking = known.scope
        quick.before(app, registered, home, database)
        read_quick.before(app, registered, home, database)
    feed = Feed(database.single, masks.keeping(registered, home), placing(registered, home))
    app.register_blueprint(landing.make(settings, layers, asking, database))
    _answer_layers(app, layers, asking, database)
    app.register_blueprint(tiles.make(layers, asking, _drawn(app, layers, home, database)))
    app.register_blueprint(tile_sets.make(layers, database.reading, home))
    app.register_blueprint(sources.make(settings, asking, database))
    app.register_blueprint(events.make(feed, layers, asking, known.standing))
    app.register_blueprint(make_pages(settings.basemap.url if settings.basemap else ""))
    app.register_blueprint(openapi_views.make(layers, settings.title_en))
    app.register_blueprint(make_browse(settings.time_zone))
    app.register_blueprint(make_report(layers, asking, database.reading))
    app.extensions[WARM] = _warming(database, home)
    return app


def _answer_layers(
    app: Flask, layers: Mapping[str, Layer], asking: access.Asking, database: Database
) -> None:
    """Let an application answer what is asked of features, places and accounts."""
    app.register_blueprint(editing.make(layers, asking, database))
    app.register_blueprint(features.make(layers, asking, database))
    app.register_blueprint(schemas.make(layers))
    app.register_blueprint(queryables.make(layers, asking))
    app.register_blueprint(workbooks.make(layers, asking, database))
    app.register_blueprint(views.make(asking, database))
    app.register_blueprint(places.make(layers, asking, database))
    app.register_blueprint(locating.make(asking, database))
    app.register_blueprint(accounts.make(asking, database))


def _guarded(app: Flask, settings: Settings, database: Database) -> access.Readers:
    """Put the door beside the application; give what knows who came in by it."""
    door = accounts.make_door(settings, database)
    accounts.beside(app, door)
    home = Scope(settings.district, settings.time_zone)
    demo = accounts.is_loopback(settings.host)
    known = access.Readers(home, accounts.opener(door), database.single, demo)
    known.watch(app)
    return known


def _drawn(app: Flask, layers: Mapping[str, Layer], home: Scope, database: Database) -> Tiles:
    """Draw tiles before the routes where they are the same for all; give what draws them."""
    drawn = tile_drawing.tiles(database, home)
    tile_quick.before(app, layers, home, drawn)
    return drawn


def _warming(database: Database, scope: Scope) -> Callable[[], None]:
    """Make what makes the gazetteer, which takes seconds, before somebody waits for it."""

    def warm() -> None:
        try:
            with database.reading() as session:
                gazetteer.TOWN.gazetteer(session, scope)
        except (DBAPIError, PoolTimeout) as error:
            # The first who asks for an address makes it then.
            log.warning("the gazetteer is not made yet: %s", error)

    return warm
