"""OWSLib lists every collection, pages through it and reads its schema."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from owslib.ogcapi.features import Features

from layers import find_layers
from tests.clients.conftest import COLLECTION

PLACED = [name for name, layer in find_layers().items() if layer.geom is not None]
WAIT_S = 30


@pytest.fixture(scope="module")
def service(served_town: str) -> Features:
    return Features(f"{served_town}/")


def test_all_collections_are_found(service: Features) -> None:
    assert {*PLACED, COLLECTION} <= set(service.feature_collections())


@pytest.mark.parametrize("name", ["areas", "grids", "hazards", COLLECTION])
def test_a_collection_is_read_page_by_page(service: Features, served_town: str, name: str) -> None:
    page = service.collection_items(name, limit=50)
    seen = [feature["id"] for feature in page["features"]]
    while following := _next(page):
        page = requests.get(following, timeout=WAIT_S).json()
        seen += [feature["id"] for feature in page["features"]]

    matched = service.collection_items(name, resulttype="hits")["numberMatched"]
    assert len(seen) == len(set(seen)) == matched > 0


def _next(page: Any) -> str | None:
    return next((link["href"] for link in page["links"] if link["rel"] == "next"), None)


def test_a_filter_counts_what_the_api_counts(service: Features) -> None:
    found = service.collection_items("grids", filter="kind = 'base'", limit=1000)

    assert len(found["features"]) == 48
    assert {feature["properties"]["kind"] for feature in found["features"]} == {"base"}


@pytest.mark.parametrize("name", ["buildings", COLLECTION])
def test_queryables_and_schema_name_the_properties(service: Features, name: str) -> None:
    shown = service.collection_items(name, limit=1)["features"][0]["properties"]

    assert set(shown) <= set(service.collection_queryables(name)["properties"])
    assert set(shown) <= set(service.collection_schema(name)["properties"])
