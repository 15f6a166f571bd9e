"""The benches can be named, and what they find is told as JSON, as a table and as a plot."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import orjson
import pytest

from bench import catalog, report
from bench.figure import Curve, Figure, at_least, at_most
from geodata.errors import NotFound

FAST = Figure("post p50 at 100/s", 4.2049, "ms", at_most(8), bench="intake")
SLOW = Figure("assign", 0.9, "s", at_most(0.6, "geopandas.sjoin"), bench="intake")
TOLD = Figure("events on a stream", 1300, "events", bench="intake")


def test_every_part_of_every_bench_is_a_function() -> None:
    ways = [way.split(":") for parts in catalog.PARTS.values() for way in parts.values()]

    assert all(callable(getattr(import_module(module), name)) for module, name in ways)


def test_a_bench_is_chosen_whole_or_by_part() -> None:
    assert catalog.chosen(["intake/kill"]) == [("intake", "kill")]
    assert catalog.chosen(list(catalog.PARTS)) == catalog.chosen([])


def test_an_unknown_bench_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(NotFound, match="no bench 'nothing'; there are intake/post"):
        catalog.chosen(["nothing"])


def test_a_figure_as_json_is_held_against_its_limit() -> None:
    assert FAST.as_json() == {
        "bench": "intake",
        "case": "post p50 at 100/s",
        "ours": 4.205,
        "unit": "ms",
        "against": "limit",
        "theirs": 8,
        "goal": "≤ 8 ms",
        "holds": True,
    }


def test_a_figure_is_held_against_a_peer_by_a_factor() -> None:
    told = SLOW.as_json()

    assert (told["against"], told["theirs"]) == ("geopandas.sjoin", 0.6)
    assert (told["goal"], told["holds"]) == ("≤ 1 × theirs", False)


def test_a_goal_to_reach_holds_from_its_limit_on() -> None:
    assert [at_least(1000).holds(rate) for rate in (999, 1000)] == [False, True]


def test_findings_are_one_object_a_line_and_a_missed_goal_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    all_hold = report.tell([FAST, SLOW, TOLD], True, tmp_path)

    lines = capsys.readouterr().out.splitlines()
    assert [orjson.loads(line)["holds"] for line in lines] == [True, False, None]
    assert not all_hold


def test_the_table_names_each_figure_and_whether_its_goal_holds() -> None:
    head, *lines = report.table([FAST, SLOW, TOLD]).splitlines()

    assert head.split() == list(report.COLUMNS)
    assert [line.split()[-1] for line in lines] == ["holds", "FAILS", "-"]


def test_a_cost_that_grows_is_plotted_as_svg(tmp_path: Path) -> None:
    curve = Curve("incidents", "ms", {"list": [(1e4, 1.0), (1e6, 1.2)]}, "intake")

    report.tell([curve], True, tmp_path)

    assert b"<svg" in (tmp_path / "intake.svg").read_bytes()


def test_the_assignment_bench_finds_the_same_answers_on_a_small_district() -> None:
    found = list(catalog.measure(["intake/assign"], quick=True))

    answers = next(f for f in found if isinstance(f, Figure) and "unlike" in f.case)
    assert (answers.bench, answers.ours, answers.holds) == ("intake", 0, True)
