"""Tell whether a file lies where the town is, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import shapely
from sqlalchemy.orm import Session

from geodata import files
from geodata.errors import InvalidInput
from gis_server.import_report import Inside
from gis_server.importing import Draft
from layers.base import Layer, Scope
from layers.town import outline, things_inside


def look_around(
    session: Session, scope: Scope, drafted: Draft, layers: Mapping[str, Layer]
) -> tuple[Inside, ...]:
    """Count what lies where it should: the rows in the town, or what is stored in new grids.

    Returns:
        Nothing when there is nothing to compare with.
    """
    frame, layer = drafted.frame, drafted.order.layer
    if layer.geom is None or frame.geometry.isna().all():
        return ()
    if layer.home:
        within = shapely.union_all(frame.geometry.dropna().to_numpy())
        held = [other for other in layers.values() if other.dossier and not other.live]
        return tuple(Inside(*found) for found in things_inside(session, scope, held, within))
    town = outline(session, scope)
    if town is None:
        return ()
    placed = frame[frame.geometry.notna()]
    return (Inside("rows", int(files.inside(placed, town).sum()), len(placed)),)


def refuse_far(drafted: Draft, inside: Sequence[Inside]) -> None:
    """Refuse a file of which nothing lies in the town, or nothing has a place at all.

    Raises:
        InvalidInput: with the remedy.
    """
    if drafted.order.layer.geom is not None and drafted.frame.geometry.isna().all():
        raise InvalidInput(
            f"no row of {drafted.order.source.name} has a place; name its coordinate columns with"
            " --map lon=COLUMN --map lat=COLUMN (or x and y) and --crs, or give --anyway",
            "map",
        )
    if not inside or any(one.inside for one in inside):
        return
    crs = drafted.dataset.source_crs
    raise InvalidInput(
        f"{inside[0]}: read as {crs.name if crs else 'no CRS'}, {drafted.order.source.name} lies"
        " somewhere else; give the right --crs or --axis-order, or --anyway if it is right",
        "crs",
    )
