"""Whether repeated reports are found by the real view among a town's live cases, and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import orjson
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from bench.cases.apart import background, told_apart
from bench.figure import Figure, Finding, at_least, at_most, percentile
from bench.intake.archive import fill
from bench.rig import Rig
from geodata.echoes import Pair, pairs
from geodata.geojson import feature_of
from geodata.reports import Feature
from layers.base import Reader, Scope
from layers.duplicates import nearby
from layers.posting import report_many

SEED, BACKGROUND_SEED = 1905, 1906
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
            found, others = _store(session, scope, rig)
            session.commit()
            yield from judged(session, scope, found, others)
    with rig.database() as settings:
        fill(rig, settings, LIVE // 5 if rig.quick else LIVE, LIVE // 5 if rig.quick else LIVE)
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session:
            yield from _speed(session, Scope(settings.district, reader=ALL_SEEING))


def _store(session: Session, scope: Scope, rig: Rig) -> tuple[list[Pair], list[Feature]]:
    until = datetime.now(UTC) - timedelta(minutes=1)
    found = list(islice(pairs(rig.town, SEED, until), QUICK_PAIRS if rig.quick else PAIRS))
    count = QUICK_BACKGROUND if rig.quick else BACKGROUND
    found, others = told_apart(found, background(rig.town, BACKGROUND_SEED, count, until))
    store(session, scope, [report for pair in found for report in (pair.first, pair.second)])
    store(session, scope, others)
    return found, others


def store(session: Session, scope: Scope, given: list[Feature]) -> None:
    """Take in reports as a batch takes them; those that are wrong would end the bench."""
    for start in range(0, len(given), BATCH):
        features = [feature_of(report) for report in given[start : start + BATCH]]
        taken = report_many(session, scope, features)
        if taken["rejected"]:
            raise ValueError(taken["rejected"][:3])


def judged(
    session: Session, scope: Scope, found: list[Pair], others: list[Feature]
) -> Iterator[Figure]:
    """Hold what the view proposes against the truth.

    It is asked for the second report of each pair, and for as many others, which repeat nothing.
    """
    ids = {row.external_id: row.id for row in session.execute(IDS)}
    right = wrong = 0
    for pair in found:
        first, second = (ids[r["properties"]["external_id"]] for r in (pair.first, pair.second))
        likely = _likely(session, scope, second)
        hit = pair.same and first in likely
        right += hit
        wrong += len(likely) - hit
    for other in others[: len(found)]:
        wrong += len(_likely(session, scope, ids[other["properties"]["external_id"]]))
    same = sum(pair.same for pair in found)
    case = f"{same} echoes among {len(ids):,} live cases"
    yield Figure(f"{case}: found", 100 * right / same, "%", GOAL)
    precision = 100 * right / max(1, right + wrong)
    yield Figure(
        f"{right + wrong} proposals for {2 * len(found)} cases: right", precision, "%", GOAL
    )


def _likely(session: Session, scope: Scope, case: int) -> set[int]:
    return {row["id"] for row in orjson.loads(nearby(session, scope, case))["likely"]}


GOAL = at_least(90)


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
