"""The requirements classes that are met, by their URIs."""

from __future__ import annotations

_OGC = "http://www.opengis.net/spec"
_CLASSES = {
    "ogcapi-common-1/1.0": ("core", "landing-page", "json", "html", "oas30"),
    "ogcapi-common-2/1.0": ("collections",),
    "ogcapi-features-1/1.0": ("core", "oas30", "html", "geojson"),
    "ogcapi-features-2/1.0": ("crs",),
    "ogcapi-features-3/1.0": (
        *("queryables", "queryables-query-parameters", "filter", "features-filter"),
    ),
    "cql2/1.0": (
        *("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators"),
        *("case-insensitive-comparison", "accent-insensitive-comparison"),
        *("basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions"),
        *("temporal-functions", "array-functions", "property-property", "functions"),
        "arithmetic",
    ),
    # Part 4 and Part 5, under their present names and those that clients still look for.
    "ogcapi-features-4/1.0": (
        *("create-replace-delete", "update", "optimistic-locking-etags", "features"),
    ),
    "ogcapi-common-5/1.0": (
        *("create-replace-delete", "update", "optimistic-locking-etags", "handling"),
        "return-resource-representation-in-response",
    ),
    "ogcapi-features-5/1.0": ("schemas", "core-roles-features", "returnables-and-receivables"),
    "ogcapi-common-3/1.0": ("schemas", "returnables-and-receivables"),
    "ogcapi-tiles-1/1.0": (
        *("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets"),
        *("collections-selection", "mvt", "oas30"),
    ),
}
CONFORMS_TO: tuple[str, ...] = tuple(
    f"{_OGC}/{standard}/conf/{name}" for standard, names in _CLASSES.items() for name in names
)
