"""Address tickets whose truth is known."""

from collections import Counter

from geodata.tickets import LOOK_ALIKE, tickets
from tests.geodata.sample_town import demo_town

FRAMES = demo_town().frames
WRITTEN = tickets(FRAMES, 400, seed=5)
ADDRESS = dict(zip(FRAMES["buildings"]["code"], FRAMES["buildings"]["address"], strict=True))


def _differences(text: str, truth: str) -> int:
    return sum(a != b for a, b in zip(text, truth, strict=True))


def test_same_seed_writes_the_same_tickets() -> None:
    assert tickets(FRAMES, 400, seed=5) == WRITTEN
    assert tickets(FRAMES, 400, seed=6) != WRITTEN


def test_all_kinds_of_error_occur() -> None:
    counted = Counter(ticket.error for ticket in WRITTEN)
    assert min(counted[kind] for kind in ("wrong_character", "missing_part", "beside")) > 20


def test_no_ticket_is_the_address_itself() -> None:
    assert all(ticket.text != ADDRESS[ticket.building_code] for ticket in WRITTEN)


def test_wrong_character_changes_exactly_one() -> None:
    wrong = [ticket for ticket in WRITTEN if ticket.error == "wrong_character"]
    assert {_differences(t.text, ADDRESS[t.building_code]) for t in wrong} == {1}


def test_no_mistake_spells_another_address() -> None:
    assert not {ticket.text for ticket in WRITTEN} & set(ADDRESS.values())


def test_micro_grid_of_a_ticket_is_that_of_its_building() -> None:
    assert all(t.grid_code[:15] == t.building_code[:15] for t in WRITTEN)
    micros = FRAMES["grids"].loc[FRAMES["grids"]["level"] == 2, "code"]
    assert {ticket.grid_code for ticket in WRITTEN} <= set(micros)


def test_look_alikes_are_another_character() -> None:
    assert all(one != other for one, other in LOOK_ALIKE.items())
