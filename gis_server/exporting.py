"""Export a layer to a file: one query, in which PostGIS writes the geometry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from geodata import export
from geodata.crs import WGS84, SourceCrs
from geodata.dataset import GEOMETRY
from geodata.errors import InvalidInput
from gis_server.catalog import Catalog
from gis_server.config import Settings
from gis_server.importing import pick_layer
from gis_server.offline import opened, scope_of
from layers import find_layers
from layers.base import VISITOR, Layer, Query, Scope
from layers.queries import visible
from web_map.report import frozen_page


@dataclass(frozen=True)
class Target:
    """A file to write, and the CRS of its coordinates."""

    path: Path
    crs: SourceCrs = export.PLAIN


def export_layer(settings: Settings, name: str, target: Target, query: Query) -> int:
    """Write the features of a layer that a question finds; tell how many.

    Raises:
        NotFound: if there is no such layer.
        InvalidInput: if the ending is unknown, or the question means nothing to the layer.
        InvalidCrs: if the format cannot hold the CRS.
    """
    scope = scope_of(settings)
    with opened(settings) as begin:
        layer = pick_layer(Catalog(find_layers(), scope, begin), name)
        with begin() as session:
            frame = read_layer(session, layer, scope, query)
    export.write(frame, target.path, target.crs)
    return len(frame)


def export_map(settings: Settings, path: Path) -> None:
    """Draw the town as one HTML file that needs nothing beside it; an old file is replaced whole.

    The file goes from hand to hand, so it shows what any visitor may see.

    Raises:
        InvalidInput: if the file cannot be written.
    """
    visitor = replace(scope_of(settings), reader=VISITOR)
    with opened(settings) as begin, begin() as session:
        page = frozen_page(session, Catalog(find_layers(), visitor, begin), visitor)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(page)
        fresh.replace(path)
    except OSError as error:
        raise InvalidInput(f"cannot write {path}: {error.strerror}") from error


def read_layer(session: Session, layer: Layer, scope: Scope, query: Query) -> gpd.GeoDataFrame:
    """Read features as a frame in EPSG:4326, in the order of their ids.

    A period becomes ``valid_from`` and ``valid_to``. A layer without places has none here.
    """
    rows = session.execute(_asked(layer, scope, query))
    table = pd.DataFrame(rows.all(), columns=list(rows.keys()))
    if layer.geom is None:
        shapes = np.full(len(table), None, dtype=object)
    else:
        shapes = shapely.from_wkb(table.pop(GEOMETRY).map(bytes, na_action="ignore").to_numpy())
    geometry = gpd.GeoSeries(shapes, table.index, crs=WGS84)
    return gpd.GeoDataFrame(table, geometry=geometry).rename_geometry(GEOMETRY)


def _asked(layer: Layer, scope: Scope, query: Query) -> Select[Any]:
    asked: list[Any] = []
    for name, field in layer.fields.items():
        if field.kind == "period":
            asked += [func.lower(field.column).label("valid_from")]
            asked += [func.upper(field.column).label("valid_to")]
        else:
            # A frame has one column of that name: its shapes.
            asked.append(field.column.label(f"{name}_" if name == GEOMETRY else name))
    if layer.geom is not None:
        asked.append(func.ST_AsBinary(layer.geom).label(GEOMETRY))
    return select(*asked).where(*visible(layer, scope, query)).order_by(layer.table.id)
