"""The domain: one module is one layer, a table with its rules and its style."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from layers.base import Layer

SHARED = (
    *("account_making", "accounts", "actors", "answers", "base", "batch", "binary", "bodies"),
    *("borders", "broken_rules", "bulk", "cases", "checking", "choices", "collection_names"),
    *("counted", "delays", "demo_accounts", "dispatching", "dossiers", "drafts", "duplicates"),
    *("editing", "editions", "edits", "effects", "field_values", "fields", "figure_counts"),
    *("figures", "gathering", "gazetteer", "grounds", "histories", "incident_filters"),
    *("incident_schemas", "indexing", "intake", "judging", "labels", "loading", "locating"),
    *("making", "mandates", "masks", "merging", "moves", "orphans", "outbox", "paging"),
    *("past_cases", "periods", "places", "placing", "posting", "prepared", "property_values"),
    *("proving", "publishing", "queries", "questions", "readers", "reckoning", "records"),
    *("reference", "registers", "repeated", "repeats", "report", "report_content", "report_sheets"),
    *("responsibility", "routes", "said", "saved_views", "search", "showing", "side_by_side"),
    *("sources", "staging", "steps", "storing", "tile_cells", "tile_shapes", "tiling"),
    *("time_counts", "town", "usual", "versions", "wording", "worktime", "written_grounds"),
)


def find_layers() -> Mapping[str, Layer]:
    """Import every layer module of this folder.

    Returns:
        The layers by name, in drawing order.

    Raises:
        AttributeError: if a module that is not shared code has no ``LAYER``.
    """
    names = [m.name for m in pkgutil.iter_modules(__path__) if m.name not in SHARED]
    found = [import_module(f"{__name__}.{name}").LAYER for name in names]
    return MappingProxyType({layer.name: layer for layer in sorted(found, key=lambda x: x.order)})
