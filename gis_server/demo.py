"""Load the demo town into an empty database."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
from geopandas import GeoDataFrame
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from geodata.calendar_file import calendar
from geodata.columns import typed_rows
from geodata.past import with_past
from geodata.regions import bags, categories, mandates
from geodata.town import PUBLISHED, make_town
from gis_server.config import Settings
from layers import find_layers, queries
from layers.base import Scope
from layers.loading import Taken
from layers.mandates import load_mandates
from layers.publishing import Publication, publish
from layers.town import Town, load_categories, name_town
from layers.worktime import ensure_spans

SEED = 1


def load_town(settings: Settings) -> None:
    """Load the demo town in one transaction, unless grids are stored already."""
    layers = find_layers()
    home = next(layer for layer in layers.values() if layer.home)
    scope = Scope(settings.district, settings.time_zone)
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        reportable = [*categories(settings.district), *bags(settings.district)]
        load_categories(session, scope, reportable)
        ensure_spans(session, scope, calendar(settings.district))
        load_mandates(session, scope, mandates(settings.district))
        if queries.extent(session, home, scope) is not None:
            return
        started = time.monotonic()
        click.echo("gis: demo town: making", err=True)
        now = datetime.now(UTC)
        town = with_past(make_town(SEED, now=now), now, zone=settings.time_zone)
        named = town.settings
        name_town(
            session,
            Town(district=scope.district, name=named.name, name_en=named.name_en, synthetic=True),
        )
        for name, layer in layers.items():
            if layer.load is not None and name in town.frames:
                taken = layer.load(session, scope, town.frames[name])
                click.echo(f"gis: demo town: {taken.rows_written} {name}", err=True)
        for name, about in PUBLISHED.items():
            taken = _publish(session, scope, name, town.frames[name], about)
            click.echo(f"gis: demo town: {taken.rows_written} {name}", err=True)
        click.echo(f"gis: demo town: loaded in {time.monotonic() - started:.1f} s", err=True)


def _publish(
    session: Session, scope: Scope, name: str, frame: GeoDataFrame, about: Mapping[str, Any]
) -> Taken:
    """Publish what no layer of the town takes."""
    shape = frame.geometry.name
    schema, documents, _ = typed_rows(frame.drop(columns=shape), {}, scope.time_zone)
    rows = frame[[shape]].assign(properties=documents).set_axis(range(1, len(frame) + 1))
    return publish(session, scope, Publication(name, schema, "demo town", **about), rows)
