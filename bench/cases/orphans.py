"""The orphan proof: flaws put into a town's and a district's grids, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from bench.cases.flaws import inject, judged
from bench.figure import Figure, Finding, at_least, at_most
from bench.rig import Rig
from geodata.regions import categories
from geodata.town import DONGKENG, Town, make_district
from layers.answers import Post, Roster
from layers.base import Scope
from layers.orphans import orphan_proof
from layers.proving import Net, net_of, prove

GRIDS, QUICK_GRIDS = 2434, 200
FLAWS, SEEDS = 50, (1, 2, 3)
LIMIT_S = 30.0
ITEMS = [item.code for item in categories(DONGKENG)]


def orphans(rig: Rig) -> Iterator[Finding]:
    """Prove the demo town as stored, then find what is put into it and into a whole district."""
    with rig.database() as settings:
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session:
            proof = orphan_proof(session, Scope(settings.district))
    yield Figure("demo town as stored: flaws", len(proof.flaws), "flaws", at_most(0))
    yield Figure("demo town as stored: faces x items", proof.faces * proof.items, "pairs")
    yield from _searched("demo town", rig.town, SEEDS)
    many = QUICK_GRIDS if rig.quick else GRIDS
    yield from _searched(f"district of {many:,} grids", make_district(many), SEEDS[:1])


def _searched(name: str, town: Town, seeds: tuple[int, ...]) -> Iterator[Finding]:
    grids = town.frames["grids"]
    roster = leaders(net_of(grids))
    clean = prove(net_of(grids), town.outline, roster, ITEMS)
    yield Figure(f"{name}: reported without a flaw", len(clean.flaws), "flaws", at_most(0))
    seconds, found, false = clean.seconds, 0, 0
    for seed in seeds:
        spoilt, put = inject(grids, town.outline, FLAWS, seed)
        proof = prove(net_of(spoilt), town.outline, roster, ITEMS)
        missed, wrong = judged(proof.flaws, put)
        seconds = max(seconds, proof.seconds)
        found += len(put) - len(missed)
        false += len(wrong)
    many = FLAWS * len(seeds)
    yield Figure(f"{name}: found of {many} flaws", found, "flaws", at_least(many))
    yield Figure(f"{name}: reported where there is none", false, "flaws", at_most(0))
    yield Figure(f"{name}: longest proof", seconds, "s", at_most(LIMIT_S))


def leaders(net: Net) -> Roster:
    """Give each grid one leader, who is on duty."""
    posts = [
        Post(f"J{n}", "micro_leader", "", "网格长", None, None, code, None, 0)
        for n, code in enumerate(net.code.tolist())
    ]
    return Roster(posts, ())
