"""How well tickets that are words only are placed."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from bench.figure import Figure, Finding, at_least, at_most
from bench.intake.reports import rows
from bench.rig import Rig
from geodata.tickets import Ticket, tickets
from layers.base import Scope
from layers.gazetteer import Found, candidates_for

TICKETS = 500
SEEDS = (101, 102, 103)


def addresses(rig: Rig) -> Iterator[Finding]:
    """Match tickets with one thing wrong to the town in the database."""
    with rig.database() as settings:
        codes = dict(rows(settings, "SELECT code, id FROM buildings"))
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session:
            scope = Scope(settings.district)
            for seed in SEEDS[:1] if rig.quick else SEEDS:
                written = tickets(rig.town.frames, TICKETS, seed)
                found = [candidates_for(session, scope, ticket.text) for ticket in written]
                yield from _figures(written, found, codes, seed)


def _figures(
    written: list[Ticket], found: list[Found], codes: dict[str, int], seed: int
) -> Iterator[Finding]:
    case = f"{len(written)} tickets (seed {seed})"
    first = sum(
        bool(f.candidates) and f.candidates[0].building_id == codes[t.building_code]
        for t, f in zip(written, found, strict=True)
    )
    placed = [(t, f.placed) for t, f in zip(written, found, strict=True) if f.placed]
    wrong = sum(place.grid_code != ticket.grid_code for ticket, place in placed)
    share = 100 / len(written)
    yield Figure(f"{case}: right building first", first * share, "%", at_least(95))
    right = 100 * (1 - wrong / max(1, len(placed)))
    yield Figure(f"{case}: right micro-grid of those placed", right, "%", at_least(98))
    yield Figure(f"{case}: wrong placements of all", wrong * share, "%", at_most(0.5))
    yield Figure(f"{case}: placed without a click", len(placed) * share, "%")
