"""Which benches there are: a name to its parts, each a function of a rig."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module

from bench.figure import Finding
from bench.rig import Rig, rigged
from geodata.errors import NotFound

# bench: part: the module and function that measure it.
PARTS: dict[str, dict[str, str]] = {
    "intake": {
        "post": "bench.intake.post:post",
        "sustained": "bench.intake.post:sustained",
        "assign": "bench.intake.assign:assignment",
        "import": "bench.intake.importing:importing",
        "long-writer": "bench.intake.long_writer:long_writer",
        "kill": "bench.intake.kill:kill",
        "growth": "bench.intake.growth:growth",
        "addresses": "bench.intake.addresses:addresses",
        "wall": "bench.intake.wall:wall",
    },
    "cases": {
        "orphans": "bench.cases.orphans:orphans",
        "proposals": "bench.cases.proposals:proposals",
        "moves": "bench.cases.moves:moves",
        "duplicates": "bench.cases.duplicates:duplicates",
        "figures": "bench.cases.figures:counting",
        "reports": "bench.cases.figures:again",
    },
    "api": {
        "exporting": "bench.api.exporting:exporting",
        "items": "bench.api.items:items",
        "locating": "bench.api.locating:locating",
        "tiles": "bench.api.tiles:tiles",
        "coverage": "bench.api.coverage:coverage",
        "fresh": "bench.api.fresh:fresh",
    },
}


def chosen(names: Sequence[str]) -> list[tuple[str, str]]:
    """Find benches by name ("intake") or parts of them ("intake/post"); all when none is named.

    Raises:
        NotFound: naming what there is.
    """
    known = [(bench, part) for bench, parts in PARTS.items() for part in parts]
    if not names:
        return known
    found = []
    for name in names:
        matches = [(b, p) for b, p in known if name in (b, f"{b}/{p}")]
        if not matches:
            raise NotFound(
                f"no bench {name!r}; there are {', '.join(f'{b}/{p}' for b, p in known)}"
            )
        found += matches
    return found


def measure(names: Sequence[str], quick: bool = False, minutes: float = 0.5) -> Iterator[Finding]:
    """Run benches on a cluster of their own, and yield each finding as it comes."""
    parts = chosen(names)
    with rigged(quick, minutes) as rig:
        for bench, part in parts:
            yield from _named(bench, part, rig)


def _named(bench: str, part: str, rig: Rig) -> Iterator[Finding]:
    module, function = PARTS[bench][part].split(":")
    for finding in getattr(import_module(module), function)(rig):
        yield replace(finding, bench=bench)
