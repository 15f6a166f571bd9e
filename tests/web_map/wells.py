"""Sample documents of the API about some wells, one of them with a hostile name."""

from __future__ import annotations

EVIL = "</script><script>alert(1)</script>"
LINKS = [
    {"rel": "self", "href": "http://localhost/here", "type": "application/json"},
    {"rel": "next", "href": "http://localhost/collections/wells/items?after=7"},
    {"rel": "tiles", "href": "http://localhost/collections/wells/tiles/{z}/{x}/{y}"},
]
ABOUT = {
    "id": "wells",
    "title": "Wells",
    "title_zh": "水井",
    "geometry": "POINT",
    "extent": {"spatial": {"bbox": [[113.9, 22.9, 114.0, 23.0]]}},
    "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    "label": "name",
    "style": {"color": "#123456"},
    "by": None,
    "legend": [],
    "properties": [
        {"name": "name", "title_zh": "名称", "type": "string"},
        {"name": "dry", "title_zh": "枯竭", "type": "boolean"},
        {"name": "depth_m", "title_zh": "井深", "type": "number"},
        {"name": "notes", "title_zh": None, "type": "object"},
        {"name": "valid", "title_zh": "有效期", "type": "array"},
        {"name": "dug_at", "title_zh": "开挖时间", "type": "date-time"},
    ],
    "periods": ["valid"],
    "links": LINKS,
}
DUG_AT = "2026-11-22T13:00:05.5+00:00"
VALID = ["2023-12-31T16:00:00+00:00", None]
FEATURE = {
    "type": "Feature",
    "id": 7,
    "geometry": {"type": "Point", "coordinates": [113.94, 22.99]},
    "properties": {
        "name": EVIL,
        "dry": None,
        "depth_m": 12.5,
        "notes": {"a": 1},
        "valid": VALID,
        "dug_at": DUG_AT,
    },
    "links": LINKS,
}
PAGE = {
    "type": "FeatureCollection",
    "numberMatched": 12,
    "numberReturned": 1,
    "features": [FEATURE],
    "links": LINKS,
}
SCHEMA = {"type": "object", "properties": {"depth_m": {"type": "number", "minimum": 0}}}
API = {
    "tags": [{"name": "wells", "description": "Wells"}],
    "paths": {
        "/collections/wells/items/{id}": {
            "get": {
                "operationId": "read",
                "tags": ["wells"],
                "summary": "Read a well",
                "parameters": [{"$ref": "#/components/parameters/id"}],
                "responses": {"200": {"description": "The well."}},
            },
            "post": {
                "operationId": "move",
                "tags": ["wells"],
                "summary": "Move a well",
                "parameters": [{"$ref": "#/components/parameters/id"}],
                "requestBody": {"content": {"application/json": {"example": {"lon": 1}}}},
                "responses": {"201": {"description": "Moved."}},
                "security": [{"session": []}],
            },
        }
    },
    "components": {
        "parameters": {
            "id": {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "The id.",
                "schema": {"type": "integer", "minimum": 1},
                "example": 7,
            }
        }
    },
}
LANDING = {"title": "Town", "title_zh": "东坑镇", "links": LINKS}
CONFORMANCE = {"conformsTo": ["http://www.opengis.net/spec/a"]}
