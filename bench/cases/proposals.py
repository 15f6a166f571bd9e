"""Whether the body that is proposed first is the right one, and whether its chance is true."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from sqlalchemy import NullPool, TextClause, create_engine, text
from sqlalchemy.orm import Session

from bench.figure import Figure, Finding, at_least, at_most
from bench.rig import Rig
from geodata.calibration import Bin, bins
from geodata.duty_truth import Handled, true_grids, who_handled
from geodata.geojson import feature_of
from geodata.reports import Told, reports
from layers import labels
from layers.base import Reader, Scope, Target
from layers.intake import report
from layers.moves import take_step
from layers.places import sigma_of
from layers.responsibility import propose

REPORTS, QUICK_REPORTS = 4000, 600
SEED = 7
WITHIN_POINTS = 5.0
BINS = (0.0, 0.5, 0.7, 0.9, 0.95, 1.0)
MANY = 2  # grids, of which to choose
ENOUGH = 100  # forecasts in a bin; of fewer, a gap of 5 points is mostly chance
# At a border the page asks whoever reports from the spot in which of the likely grids he is. The
# town's own people know it; of citizens half answer, and nine in ten of them rightly.
TOWNS_OWN, CITIZEN = frozenset({"grid_worker", "patrol"}), "snap"
ANSWER_SHARE, RIGHT_SHARE = 0.5, 0.9

CLOSE = text("""
UPDATE incidents SET stage = 'closed', step = 'closed', closed_at = now()
WHERE district = :district AND id = :id
""")
PLACED = text("SELECT geom IS NOT NULL FROM incidents WHERE district = :district AND id = :id")
OFFERED = text("""
SELECT code FROM grids_at(:district, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :sigma_m, now(),
                          'general')
WHERE answers OR chance > 0.1
""")
VERSION = text("SELECT row_version FROM incidents WHERE district = :district AND id = :id")


@dataclass(frozen=True)
class Case:
    """A report, the micro-grid it truly lies in, and who handled it."""

    told: Told
    grid: str
    truth: Handled


@dataclass(frozen=True)
class Outcome:
    """What was proposed first for a case: with which chance, whether right, in what time.

    ``by_rule`` tells whether the truth follows any rule, ``source`` who reported.
    """

    chance: float
    right: bool
    by_rule: bool
    source: str
    took_s: float


def proposals(rig: Rig) -> Iterator[Finding]:
    """Dispatch one half of the reports and learn from it, then propose for the other half."""
    many = QUICK_REPORTS if rig.quick else REPORTS
    told = list(islice(reports(rig.town, SEED), many))
    truth = who_handled(rig.town, told, SEED)
    rows = zip(told, true_grids(rig.town, told), truth, strict=True)
    cases = [Case(*row) for row in rows]
    with rig.database() as settings:
        engine = create_engine(settings.database_url, poolclass=NullPool)
        reader = Reader(account="bench", roles=frozenset({"dispatcher"}))
        with Session(engine) as session:
            run = Run(session, Scope(settings.district, reader=reader))
            before = list(run.each(cases[: many // 2]))
            after = list(run.each(cases[many // 2 :]))
            session.rollback()
    yield from _figures(before + after, after, run.unplaced)


class Run:
    """Report cases, take what is proposed for each, and send it back where it was wrong."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self._session, self._scope = session, scope
        self._rng = np.random.default_rng(SEED)
        self.unplaced = 0

    def each(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Give the outcome of each case that has a place; learn from all of them at the end."""
        for case in cases:
            number = self._reported(case)
            if self._ask(PLACED, number):
                yield self._dispatched(number, case)
            else:
                self.unplaced += 1
        labels.forget()

    def _reported(self, case: Case) -> int:
        feature = case.told.feature
        if chosen := self._choice(case):
            named = {**feature["properties"], "grid_code": chosen}
            feature = {**feature, "properties": named}
        return report(self._session, self._scope, feature_of(feature)).id

    def _choice(self, case: Case) -> str | None:
        """Tell which grid the reporter chooses; None when he is not asked or does not say."""
        place, said = case.told.feature["geometry"], case.told.feature["properties"]
        answers = said["source"] in TOWNS_OWN or (
            said["source"] == CITIZEN and self._rng.random() < ANSWER_SHARE
        )
        if not answers or place is None:
            return None
        lon, lat = place["coordinates"]
        asked = {"lon": lon, "lat": lat, "sigma_m": sigma_of(said["accuracy_m"])}
        rows = self._session.execute(OFFERED, asked | {"district": self._scope.district})
        offered = list(rows.scalars())
        if len(offered) < MANY or case.grid not in offered:
            return None
        if said["source"] in TOWNS_OWN or self._rng.random() < RIGHT_SHARE:
            return case.grid
        return str(self._rng.choice([code for code in offered if code != case.grid]))

    def _dispatched(self, number: int, case: Case) -> Outcome:
        truth, source = case.truth, case.told.feature["properties"]["source"]
        started = time.perf_counter()
        first = propose(self._session, self._scope, number)[0]
        took_s = time.perf_counter() - started
        right = (first.unit, first.post) == (truth.unit, truth.post)
        self._move(number, {"move": "dispatch"})
        if not right:
            to = {"unit": truth.unit, "post": truth.post}
            self._move(number, {"move": "reassign", "reason": "not theirs", **to})
        self._session.execute(CLOSE, self._asked(number))
        by_rule = truth.why in {"grid", "department"}
        return Outcome(first.probability, right, by_rule, source, took_s)

    def _move(self, number: int, body: dict[str, str]) -> None:
        take_step(self._session, self._scope, Target(number, self._ask(VERSION, number)), body)

    def _ask(self, question: TextClause, number: int) -> int:
        return int(self._session.execute(question, self._asked(number)).scalar_one())

    def _asked(self, number: int) -> dict[str, int]:
        return {"district": self._scope.district, "id": number}


def _figures(every: list[Outcome], after: list[Outcome], unplaced: int) -> Iterator[Finding]:
    case = f"{len(every)} reports"
    yield Figure(f"{case}: proposed first is right", _share(every), "%", at_least(95))
    ruled = [outcome for outcome in every if outcome.by_rule]
    yield Figure(f"{case}: of those handled by a rule", _share(ruled), "%")
    yield Figure(f"{case}: truths that follow no rule", 100 * (1 - len(ruled) / len(every)), "%")
    for source in sorted({outcome.source for outcome in every}):
        own = [outcome for outcome in every if outcome.source == source]
        yield Figure(f"{case}: of {len(own)} by {source}", _share(own), "%")
    yield Figure(f"{case}: left to the tray, not counted", unplaced, "reports")
    found = bins(
        np.array([outcome.chance for outcome in after]),
        np.array([outcome.right for outcome in after]),
        BINS,
    )
    yield from _calibration(found, len(after))
    took = np.median([outcome.took_s for outcome in every])
    yield Figure(f"{case}: a proposal takes (median)", float(took) * 1000, "ms")


def _calibration(found: list[Bin], many: int) -> Iterator[Finding]:
    case = f"chances of the later {many}"
    full = [one for one in found if one.n >= ENOUGH]
    mean = sum(one.n * one.gap for one in found) / many
    yield Figure(f"{case}: mean gap", 100 * mean, "points", at_most(WITHIN_POINTS))
    worst = max((one.gap for one in full), default=0.0)
    yield Figure(
        f"{case}: largest gap of {len(full)} bins of {ENOUGH} or more",
        100 * worst,
        "points",
        at_most(WITHIN_POINTS),
    )
    for one in found:
        told = (
            f"{case}: {one.low:.2f} to {one.high:.2f} promised {100 * one.expected:.1f} of {one.n}"
        )
        yield Figure(told, 100 * one.observed, "%")


def _share(outcomes: list[Outcome]) -> float:
    return 100 * sum(outcome.right for outcome in outcomes) / len(outcomes)
