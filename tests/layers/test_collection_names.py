"""Names of collections: readable in an address, and of nothing else."""

from __future__ import annotations

import pytest

from geodata.errors import InvalidInput
from layers import find_layers
from layers.collection_names import check_name

REGISTERED = find_layers().keys()


@pytest.mark.parametrize(
    "name", ["population", "land-use_2024", "人口", "常住人口-2024", "école", "a", "人" * 63]
)
def test_letters_of_any_script_digits_and_hyphens_make_a_name(name: str) -> None:
    check_name(name, REGISTERED)


@pytest.mark.parametrize(
    ("name", "proposal"),
    [
        ("Land Use", "land-use"),
        ("人口/2024", "人口-2024"),
        ("ＡＢＣ", "abc"),
        ("a b?c#d", "a-b-c-d"),
        (" 人口 ", "人口"),
    ],
)
def test_another_name_is_refused_with_one_that_would_do(name: str, proposal: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{proposal}' would do"):
        check_name(name, REGISTERED)


@pytest.mark.parametrize(
    "name", ["", "2024", "-a", "_a", "..", "a.b", "a\nb", "人" * 64, "a%00", "'; --", "人口\n"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a collection"):
        check_name(name, REGISTERED)


@pytest.mark.parametrize("name", ["grids", "incidents", "items", "tiles", "basemap", "patrols"])
def test_a_layers_name_and_reserved_words_are_taken(name: str) -> None:
    with pytest.raises(InvalidInput, match="is taken"):
        check_name(name, REGISTERED)
