"""10,000 legal and illegal moves over all procedures: no illegal state, no lost step."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from bench.cases.rules import RULES, broken
from bench.cases.walk import CENTRE, Walk
from bench.figure import Figure, Finding, at_least, at_most
from bench.rig import Rig
from geodata.geojson import feature_of
from geodata.regions import procedures
from geodata.reports import incidents
from layers.base import Scope
from layers.intake import report

MOVES, QUICK_MOVES = 10_000, 1_000
CASES_OF_EACH = 40
AT_ONCE = 10
SEED = 7
BY_SOMEBODY = text("""
UPDATE incidents AS i SET reporter = (
    SELECT d.code FROM duties AS d
    WHERE d.district = i.district AND d.grid_code = i.grid_code AND d.holder <> ''
    ORDER BY d.id % 7, d.id LIMIT 1)
WHERE i.district = :district
""")
FOLLOW = text("UPDATE categories SET procedure = :code WHERE code = :category")


def moves(rig: Rig) -> Iterator[Finding]:
    """Move cases of the demo town at random, and count what breaks a rule."""
    tries = QUICK_MOVES if rig.quick else MOVES
    with rig.database() as settings:
        scope = Scope(settings.district, reader=CENTRE)
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session:
            cases = _reported(session, scope, rig)
            walk = Walk(session, scope, cases, random.Random(SEED))
            started = time.monotonic()
            for _ in range(tries // AT_ONCE):
                walk.go(AT_ONCE)
                session.commit()  # so that time goes on from try to try
            took_s = time.monotonic() - started
            wrong = broken(session, scope)
            session.commit()
    yield from _told(walk, wrong)
    yield Figure("moves: tries, each in a savepoint, checked", tries / took_s, "/s")


def _told(walk: Walk, wrong: dict[str, list[int]]) -> Iterator[Finding]:
    yield Figure("moves: tried", walk.told["moves"], "")
    for name, times in sorted(walk.told.items()):
        if name == "made" or name.startswith("refused"):
            yield Figure(f"moves: {name}", times, "")
    yield Figure("moves: share made", walk.told["made"] / walk.told["moves"], "", at_least(0.3))
    against = walk.told["made against the rules"]
    yield Figure("moves: made though illegal", against, "", at_most(0))
    yield Figure("moves: refused, but the case changed", len(walk.changed), "", at_most(0))
    for rule in RULES:
        yield Figure(f"moves: {rule}", len(wrong.get(rule, [])), "", at_most(0))


def _reported(session: Session, scope: Scope, rig: Rig) -> list[int]:
    """Report cases of every procedure, each by somebody of its grid."""
    found = list[int]()
    for code in (procedure.code for procedure in procedures(scope.district)):
        stream = (f for f in incidents(rig.town, SEED + len(found)) if f["geometry"] is not None)
        for feature in islice(stream, CASES_OF_EACH):
            feature["properties"]["reported_at"] = datetime.now(UTC).isoformat()
            asked = {"code": code, "category": feature["properties"]["category"]}
            session.execute(FOLLOW, asked)
            found.append(report(session, scope, feature_of(feature)).id)
    session.execute(BY_SOMEBODY, {"district": scope.district})
    return found
