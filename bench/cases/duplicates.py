"""Whether repeated reports are found by the real view among a town's live cases, and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from bench.figure import Figure, Finding, at_least, at_most, percentile
from bench.intake.archive import fill
from bench.rig import Rig
from geodata.echoes import SPREAD_H, WEEK_H, Pair, pairs
from geodata.geojson import feature_of
from geodata.reports import Feature, incidents
from layers.base import Reader, Scope
from layers.duplicates import nearby
from layers.posting import report_many

SEED, BACKGROUND_SEED = 905, 906
PAIRS, BACKGROUND = 600, 5000
QUICK_PAIRS, QUICK_BACKGROUND = 120, 1000
LIVE, ASKED = 50_000, 300
BATCH = 1000
ALL_SEEING = Reader(account="bench", roles=frozenset({"dispatcher"}))
IDS = text("SELECT external_id, id FROM incidents WHERE external_id IS NOT NULL")
SOME = text("SELECT id FROM incidents WHERE closed_at IS NULL ORDER BY random() LIMIT :n")


def duplicates(rig: Rig) -> Iterator[Finding]:
    """Post pairs and a background of cases, and ask for each what it likely repeats."""
    with rig.database() as settings:
        scope = Scope(settings.district, reader=ALL_SEEING)
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session:
            found = _store(session, scope, rig)
            session.commit()
            yield from judged(session, scope, found, "")
    with rig.database() as settings:
        fill(rig, settings, LIVE // 5 if rig.quick else LIVE, LIVE // 5 if rig.quick else LIVE)
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session:
            yield from _speed(session, Scope(settings.district, reader=ALL_SEEING))


def _store(session: Session, scope: Scope, rig: Rig) -> list[Pair]:
    until = datetime.now(UTC) - timedelta(minutes=1)
    found = list(islice(pairs(rig.town, SEED, until), QUICK_PAIRS if rig.quick else PAIRS))
    given = [report for pair in found for report in (pair.first, pair.second)]
    given += background(rig.town, QUICK_BACKGROUND if rig.quick else BACKGROUND, until)
    store(session, scope, given)
    return found


def background(town: Any, count: int, until: datetime) -> list[Feature]:
    """Give reports that repeat nothing, evenly over the days in which the pairs were reported."""
    found = list(islice(incidents(town, BACKGROUND_SEED), count))
    step = timedelta(hours=WEEK_H[1] + SPREAD_H) / count
    for number, report in enumerate(found):
        report["properties"]["reported_at"] = (until - number * step).isoformat()
    return found


def store(session: Session, scope: Scope, given: list[Feature]) -> None:
    """Take in reports as a batch takes them; those that are wrong would end the bench."""
    for start in range(0, len(given), BATCH):
        features = [feature_of(report) for report in given[start : start + BATCH]]
        taken = report_many(session, scope, features)
        if taken["rejected"]:
            raise ValueError(taken["rejected"][:3])


def judged(session: Session, scope: Scope, found: list[Pair], note: str) -> Iterator[Figure]:
    """Hold what the view proposes for the second report of each pair against the truth."""
    ids = {row.external_id: row.id for row in session.execute(IDS)}
    right = wrong = 0
    for pair in found:
        first, second = (ids[r["properties"]["external_id"]] for r in (pair.first, pair.second))
        likely = {row["id"] for row in orjson.loads(nearby(session, scope, second))["likely"]}
        hit = pair.same and first in likely
        right += hit
        wrong += len(likely) - hit
    same = sum(pair.same for pair in found)
    live = len(ids)
    yield Figure(f"{same} echoes among {live} live cases: recall{note}", right / same, "", GOAL)
    precision = right / max(1, right + wrong)
    yield Figure(f"{right + wrong} proposals: precision{note}", precision, "", GOAL)


GOAL = at_least(0.9)


def _speed(session: Session, scope: Scope) -> Iterator[Figure]:
    some = session.execute(SOME, {"n": ASKED}).scalars().all()
    took_ms = []
    for one in some:
        begun = time.perf_counter()
        nearby(session, scope, one)
        took_ms.append(1000 * (time.perf_counter() - begun))
    live = session.execute(text("SELECT count(*) FROM incidents WHERE closed_at IS NULL"))
    case = f"what is like a case, {live.scalar_one():,} live"
    yield Figure(f"{case}: p50", percentile(took_ms, 50), "ms", at_most(20))
    yield Figure(f"{case}: p95", percentile(took_ms, 95), "ms", at_most(20))
