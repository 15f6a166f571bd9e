"""Who answers for a case: to whom it is best dispatched, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from layers import labels, routes
from layers.answers import RULES, Answer, Ground, Roster
from layers.base import Scope
from layers.grounds import Here, Place, ground, here, roster, trees, who_answers
from layers.orphans import orphan_proof

MOST = 5
# Who picked among the likely grids on the spot, or named the building, knows better than a fix.
SURE = 0.98
PRIVATE = ("chance", "grid")  # what a proposal was reckoned from
# What is left of the chance goes to those who come next by the rule, ever less to each.
NEXT_SHARE = 0.5

CASE = text("""
SELECT i.category, i.grid_code, i.confidence, i.candidates, i.address,
       ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, COALESCE(i.accuracy_m, 0) AS accuracy_m,
       c.department, (SELECT s.evidence ->> 'grid_chosen' FROM steps AS s
        WHERE s.district = i.district AND s.incident_id = i.id ORDER BY s.id LIMIT 1) AS chosen,
       ARRAY(SELECT COALESCE(s.evidence -> 'refused_by', s.evidence -> 'taken_from')
             FROM steps AS s WHERE s.district = i.district AND s.incident_id = i.id
               AND (s.evidence ? 'refused_by' OR s.evidence ? 'taken_from')) AS refused,
       i.unit, i.post
FROM incidents AS i JOIN categories AS c ON c.district = i.district AND c.code = i.category
WHERE i.district = :district AND i.id = :id
""")


@dataclass(frozen=True)
class Proposal:
    """A body to dispatch a case to, with the chance that it is the right one.

    ``chance`` is that of the place alone, before what was learnt of the rule, and ``grid`` the
    grid that is meant; a dispatch keeps what ``evidence`` gives, for later ones to learn from.
    """

    unit: str | None
    unit_name: str | None
    post: str | None
    title: str | None
    holder: str | None
    phone: str | None
    rule: str
    rule_en: str
    rule_zh: str
    probability: float
    chance: float
    grid: str | None

    def told(self) -> dict[str, Any]:
        """Give what the card shows of a proposal."""
        return {name: value for name, value in vars(self).items() if name not in PRIVATE}

    def evidence(self) -> dict[str, Any]:
        """Give what a step keeps of a proposal."""
        names = ("unit", "post", "rule", "probability", *PRIVATE)
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class _Guess:
    """One reading of where a case happened, and its chance."""

    ground: Ground
    grid_code: str
    chance: float


def propose(session: Session, scope: Scope, incident_id: int) -> list[Proposal]:
    """Propose to whom a case is dispatched, the likeliest first, at most five.

    Raises:
        NotFound: if there is no such incident.
    """
    case = _case(session, scope, incident_id)
    at = datetime.now(UTC)
    guesses = list(_guesses(session, scope, case, at))
    known = roster(session, scope, [g.ground for g in guesses], (case.category, at))
    first = _first(known, guesses, case.category)
    rates = labels.rates(session, scope)
    sure = []
    for answer, grid, chance in first.values():
        key = labels.key_of(answer.rule, (case.category, grid), chance)
        sure.append(_proposal(answer, rates.probability(key, chance), chance, grid))
    after = known.in_charge(case.department, case.category)
    after += known.answers(guesses[0].ground, case.category)
    others = {answer.key: answer for answer in after if answer.key not in first}
    left = max(0.0, 1 - sum(p.probability for p in sure))
    found = _without_refused([*sure, *_shared_out(others.values(), left)], case)
    return sorted(found, key=lambda p: -p.probability)[:MOST]


def _without_refused(found: list[Proposal], case: Any) -> list[Proposal]:
    """Leave out whom the case is with and who sent it back; the others are the likelier."""
    named = [refused for refused in case.refused if isinstance(refused, dict)]
    gone = [(refused.get("unit"), refused.get("post")) for refused in named]
    gone += [(case.unit, case.post)] if case.unit or case.post else []
    kept = [p for p in found if (p.unit, p.post) not in gone]
    ruled_out = sum(p.probability for p in found) - sum(p.probability for p in kept)
    scale = 1 / max(1 - ruled_out, 0.01)
    return [replace(p, probability=round(min(p.probability * scale, 0.99), 4)) for p in kept]


def _case(session: Session, scope: Scope, incident_id: int) -> Any:
    case = session.execute(CASE, {"district": scope.district, "id": incident_id}).first()
    if case is None:
        raise NotFound(f"no incident {incident_id}", code="no_case", id=incident_id)
    return case


def _guesses(session: Session, scope: Scope, case: Any, at: datetime) -> Iterator[_Guess]:
    """Tell where a case may have happened: in its grid, or in another that its position allows."""
    if case.lon is None:
        yield _Guess(Ground(), "", 1.0)
        return
    place = Place(case.lon, case.lat, at, case.address or "", case.accuracy_m)
    around = here(session, scope, place)
    chances = _chances(case, around)
    known = trees(session, scope, {*around.grids, *chances}, at)
    for code, chance in chances.items():
        yield _Guess(ground(code or None, around, known), code, chance)


def _chances(case: Any, around: Here) -> dict[str, float]:
    """Tell in which grids a case may lie, its own or that of the named building first.

    The empty code stands for outside all grids.
    """
    own, others = case.grid_code or "", _other_grids(case)
    if case.confidence is not None and case.confidence >= 1:
        return {own: 1.0}
    if not case.chosen and not (around.named and around.grids):
        unplaced = max(0.0, 1 - sum(others.values()))
        return {own: float(case.confidence or 0) if own else unplaced} | others
    sure = own if case.chosen else around.grids[0]
    rest = {code: others.get(code, 1.0) for code in (own, *others) if code != sure}
    scale = (1 - SURE) / max(sum(rest.values()), 1e-9)
    return {sure: SURE} | {code: chance * scale for code, chance in rest.items()}


def _other_grids(case: Any) -> dict[str, float]:
    """Read the grids that a case may lie in beside its own."""
    named = [other for other in case.candidates if "grid_code" in other]
    return {other["grid_code"]: float(other["chance"]) for other in named}


Named = dict[tuple[str | None, str | None], tuple[Answer, str, float]]


def _first(known: Roster, guesses: Sequence[_Guess], item: str) -> Named:
    """Give the accountable body of each guess, with the chances of one body added up."""
    found: Named = {}
    for guess in guesses:
        for answer in known.answers(guess.ground, item)[:1]:
            _, grid, before = found.get(answer.key, (answer, guess.grid_code, 0.0))
            found[answer.key] = (answer, grid, min(before + guess.chance, 1.0))
    return found


def _proposal(
    answer: Answer, probability: float, chance: float = 0.0, grid: str | None = None
) -> Proposal:
    unit, post = answer.unit, answer.post
    phone = post.phone if post else unit.phone if unit else None
    return Proposal(
        unit=unit.code if unit else None,
        unit_name=unit.name if unit else None,
        post=post.code if post else None,
        title=post.title if post else None,
        holder=post.holder if post else None,
        phone=phone,
        rule=answer.rule,
        rule_en=RULES[answer.rule][0],
        rule_zh=RULES[answer.rule][1],
        probability=round(probability, 4),
        chance=round(chance, 4),
        grid=grid or None,
    )


def _shared_out(others: Iterable[Answer], left: float) -> Iterator[Proposal]:
    for answer in others:
        left *= NEXT_SHARE
        yield _proposal(answer, left)


def proposals(session: Session, scope: Scope, incident_id: int) -> str:
    """List whom a case may be dispatched to, and the nearest teams by street, as JSON text.

    A visitor is told neither who holds a post nor by which number they are reached.
    """
    found = propose(session, scope, incident_id)
    if scope.reader.account is None:
        found = [replace(p, holder=None, phone=None) for p in found]
    case = _case(session, scope, incident_id)
    near = [] if case.lon is None else routes.nearest_teams(session, scope, (case.lon, case.lat))
    told = {
        "proposals": [p.told() for p in found],
        "teams": [team._asdict() for team in near],
    }
    return orjson.dumps(told).decode()


__all__ = ["Proposal", "orphan_proof", "proposals", "propose", "who_answers"]
