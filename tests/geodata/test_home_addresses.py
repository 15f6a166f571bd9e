"""Home addresses: most of them right, and the truth told with each."""

from __future__ import annotations

from collections import Counter

from geodata.home_addresses import home_addresses
from tests.geodata.sample_town import demo_town

HOMES = home_addresses(demo_town().frames, 400, seed=3)


def test_the_kinds_come_in_their_shares() -> None:
    kinds = Counter(home.kind for home in HOMES)

    assert kinds["right"] > 300
    assert kinds["spoilt"] > 30
    assert kinds["elsewhere"] > 4


def test_only_another_towns_homes_lie_in_no_micro_grid() -> None:
    assert {home.kind for home in HOMES if home.grid_code is None} == {"elsewhere"}


def test_every_other_home_lies_in_a_micro_grid_of_the_town() -> None:
    grids = demo_town().frames["grids"]
    micros = set(grids[grids["level"] == 2]["code"])

    assert {home.grid_code for home in HOMES} - {None} <= micros


def test_the_same_seed_writes_the_same_addresses() -> None:
    assert home_addresses(demo_town().frames, 40, seed=3) == home_addresses(
        demo_town().frames, 40, seed=3
    )
    assert home_addresses(demo_town().frames, 40, seed=4) != HOMES[:40]


def test_a_home_in_a_house_of_many_tells_its_room() -> None:
    right = [home.text for home in HOMES if home.kind == "right"]

    assert any(text[-1] in "室房" for text in right)
