"""Incidents: what people report, and the grid that must answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Select, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB

from layers import (
    batch,
    choices,
    dispatching,
    duplicates,
    figures,
    intake,
    labels,
    merging,
    moves,
    past_cases,
    placing,
    posting,
    repeats,
    responsibility,
    steps,
)
from layers.base import Layer, Query, Scope, Symbol
from layers.cases import STAGES, Incident, Reply, Step
from layers.dossiers import Ground, Section
from layers.duties import Duty
from layers.incident_filters import ASKED, LIVE, OVERDUE
from layers.incident_schemas import SCHEMAS
from layers.loading import Imports, named_by_content
from layers.organisations import Organisation
from layers.tile_cells import clustered_tile
from layers.town import Category

OWN_STAGE = frozenset({"live", "stage", "since", "from", "to", "figure"})


def live_tile(layer: Layer, scope: Scope, tile: Any, query: Query) -> Select[Any]:
    """Select the cases of a tile, gathered in cells with the shares of their stages.

    The live ones, unless the question itself says which stage or time it is about.
    """
    shares = {f"stage_{stage}": Incident.stage == stage for stage in STAGES[:-1]}
    own = query.where.keys() & OWN_STAGE or query.period is not None
    asked = query if own else replace(query, where={**query.where, "live": "true"})
    return clustered_tile(layer, scope, tile, asked, shares | {"overdue": OVERDUE})


def dossier(ground: Ground) -> Section:
    """Count the cases that a grid and those below it answer for, and those just over a border."""
    own = Incident.grid_code.in_(ground.codes)
    border = ~own & LIVE & _may_lie_in(ground.codes)
    return Section(
        figures={
            "Open cases|在办案件": func.count().filter(own & LIVE),
            "Overdue|超期": func.count().filter(own & OVERDUE),
            "Closed|已结案": func.count().filter(own & ~LIVE),
            "At the border|边界待认": func.count().filter(border),
        },
        where=own | border,
        label=func.concat_ws(" ", Incident.number, Incident.description),
        detail=func.concat_ws(" · ", Incident.stage, Incident.address),
        point=Incident.geom,
        first=Incident.closed_at.is_not(None),
    )


def _may_lie_in(codes: Any) -> Any:
    """Pick the cases with a place whose position may lie in other grids, if in one of these."""
    other = func.jsonb_array_elements(Incident.candidates).table_valued(
        Column("value", JSONB), name="other"
    )
    return Incident.geom.is_not(None) & exists(
        select(1).select_from(other).where(other.c.value["grid_code"].astext.in_(codes))
    )


def _named(name: Any, code: Any, value: Any) -> Any:
    """Select the name of what a case refers to by its code."""
    here = code.class_.district == Incident.district
    return select(name).where(here, code == value).limit(1).scalar_subquery()


LAYER = replace(
    ASKED,
    label="number",
    page="/wall#case-{id}",
    then=past_cases.then,
    reckons=frozenset({"figure"}),
    style={"color": "#0a1017", "fillColor": "#ff9ad2", "radius": 7, "fillOpacity": 1},
    by="stage",
    symbols=(
        Symbol("reported", "Reported", "已上报", {"fillColor": "#ff9ad2"}),
        Symbol("accepted", "Accepted", "已受理", {"fillColor": "#5cc8ff"}),
        Symbol("handling", "Handling", "处置中", {"fillColor": "#2fd3a6"}),
        Symbol("closed", "Closed", "已结案", {"fillColor": "#8a9bad"}),
    ),
    order=90,
    live=True,
    tile_properties=("stage", "severity", "category", "number"),
    create=intake.report,
    create_many=posting.report_many,
    actions={
        "steps": moves.take_step,
        "place": placing.place,
        "merge": merging.merge,
        "unmerge": merging.unmerge,
    },
    actions_many={"dispatch": dispatching.dispatch_many},
    views={
        "proposals": responsibility.proposals,
        "steps": steps.steps_of,
        "moves": choices.moves_of,
        "nearby": duplicates.nearby,
    },
    summaries={
        "figures": figures.figures,
        "hours": figures.hours,
        "categories": figures.categories,
        "wrong_dispatch": labels.wrong_dispatch,
        "likely": repeats.likely,
    },
    tile=live_tile,
    load=batch.load,
    imports=Imports(
        fields=batch.COLUMNS,
        required=("category",),
        key="external_id",
        source_name=named_by_content,
    ),
    dossier=dossier,
    names={
        "category": _named(Category.item, Category.code, Incident.category),
        "unit": _named(Organisation.name, Organisation.code, Incident.unit),
        "post": _named(Duty.title, Duty.code, Incident.post),
    },
    search=("number", "address"),
    schemas=SCHEMAS,
)

__all__ = ["LAYER", "Incident", "Reply", "Step"]
