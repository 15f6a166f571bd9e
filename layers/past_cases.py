"""Cases as they stood at a past moment, read from their steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    Subquery,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.crs import WGS84
from layers.cases import Incident, Step
from layers.procedures import Procedure

# What of a case never changes, and what its steps change.
LASTING = ("id", "reported_at", "category")
CHANGING = (
    *("stage", "step", "level", "unit", "post", "due_at", "closed_at", "grid_code", "in_grid"),
    *("returns", "reworks", "delays", "duplicate_of"),
)
# What a case counts, by the effect of the moves that it counts.
COUNTED = {"returns": "return", "reworks": "reopen", "delays": "grant_delay"}


def settled(at: datetime) -> ColumnElement[bool]:
    """Pick the cases that stood at a moment as they stand now: closed by then, and not since."""
    found: ColumnElement[bool] = Incident.closed_at <= at
    return found


def moving(where: Sequence[ColumnElement[bool]], at: datetime) -> Subquery:
    """Select the other cases as they stood at a moment, by the last step of each up to then.

    Those are the cases that are open now or were closed later; the ones reported later are left
    out.

    Args:
        where: conditions on ``Incident``.
        at: the moment.

    Returns:
        Rows with ``LASTING``, ``CHANGING`` and ``unlocated``.
    """
    table: Any = Incident
    last, placed = _last(at), _placed(at)
    told = _state(last, placed, at)
    unlocated = case((placed.c.later, ~placed.c.had_place), else_=Incident.geom.is_(None))
    return (
        select(
            *[getattr(table, name).label(name) for name in LASTING],
            *[told[name].label(name) for name in CHANGING],
            unlocated.label("unlocated"),
        )
        .select_from(Incident)
        .outerjoin(last, true())
        .outerjoin(placed, true())
        .where(
            *where,
            Incident.reported_at <= at,
            or_(Incident.closed_at.is_(None), Incident.closed_at > at),
        )
        .subquery("moving")
    )


def then(at: datetime) -> FromClause:
    """Give all cases as they stood at a moment, with the columns of ``Incident``.

    What steps do not change (category, words, severity) is as it is now.
    """
    last, placed = _last(at), _placed(at)
    before = func.ST_GeomFromText(placed.c.before, WGS84)
    told = {
        **_state(last, placed, at),
        "geom": case((placed.c.later, before), else_=Incident.geom),
    }
    columns = [told.get(c.name, c).label(c.name) for c in Incident.__table__.columns]
    return (
        select(*columns)
        .select_from(Incident)
        .outerjoin(last, true())
        .outerjoin(placed, true())
        .where(Incident.reported_at <= at)
        .subquery("cases_then")
    )


def _state(last: Any, placed: Any, at: datetime) -> dict[str, Any]:
    """Tell what steps change of a case, by the columns of ``CHANGING``."""
    return {
        "stage": func.coalesce(last.c.stage_to, "reported"),
        "step": func.coalesce(last.c.step_to, Incident.step),
        "level": last.c.level,
        "unit": last.c.unit_to,
        "post": last.c.post_to,
        "due_at": func.coalesce(last.c.due_at, Incident.due_at),
        "closed_at": case((last.c.stage_to == "closed", _closed_at(at))),
        "grid_code": case((placed.c.later, placed.c.grid_before), else_=Incident.grid_code),
        "in_grid": func.coalesce(last.c.in_grid, Incident.in_grid),
        "duplicate_of": last.c.into,
        **{name: _counted(name, at) for name in COUNTED},
    }


def _own() -> ColumnElement[bool]:
    return and_(Step.district == Incident.district, Step.incident_id == Incident.id)


def _last(at: datetime) -> Any:
    """Select the last step up to the moment, which says how the case stood.

    A case's steps have their ids in the order of time, and are found by them.
    """
    return (
        select(
            Step.stage_to,
            Step.step_to,
            Step.level,
            Step.unit_to,
            Step.post_to,
            Step.due_at,
            Step.in_grid,
            case((Step.move == "merge", cast(Step.evidence["into"].astext, BigInteger))).label(
                "into"
            ),
        )
        .where(_own(), Step.at <= at)
        .order_by(Step.id.desc())
        .limit(1)
        .lateral("last")
    )


def _placed(at: datetime) -> Any:
    """Select the first placing after the moment, which says where the case lay before."""
    return (
        select(
            true().label("later"),
            Step.evidence["grid_before"].astext.label("grid_before"),
            Step.evidence["before"].astext.label("before"),
            Step.evidence.has_key("before").label("had_place"),
        )
        .where(_own(), Step.at > at, Step.move == "place")
        .order_by(Step.id)
        .limit(1)
        .lateral("placed")
    )


def _closed_at(at: datetime) -> Any:
    closing = and_(Step.stage_to == "closed", Step.stage_from.is_distinct_from("closed"))
    return (
        select(func.max(Step.at))
        .where(_own(), Step.at <= at, closing)
        .correlate(Incident)
        .scalar_subquery()
    )


def _counted(name: str, at: datetime) -> Any:
    """Take from what is counted now what was counted after the moment."""
    column: Any = getattr(Incident, name)
    moves = func.jsonb_array_elements(Procedure.definition["moves"]).table_valued(
        Column("value", JSONB), name="moves"
    )
    later = (
        select(func.count())
        .select_from(Step)
        .join(Procedure, Procedure.district == Step.district)
        .join(moves, true())
        .where(
            _own(),
            Step.at > at,
            Procedure.code == Incident.procedure,
            Procedure.edition == Incident.edition,
            moves.c.value["code"].astext == Step.move,
            moves.c.value["effect"].astext == COUNTED[name],
        )
        .correlate(Incident)
        .scalar_subquery()
    )
    return case((column > 0, column - later), else_=column)
