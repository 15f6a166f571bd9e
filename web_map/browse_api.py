"""Arrange the description of the API for people: by groups, with lines that can be tried."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import orjson

Json = Mapping[str, Any]


def groups(document: Json, root: str) -> list[dict[str, Any]]:
    """Gather the operations of a description by their tags, in the order of the tags.

    Args:
        document: an OpenAPI description, 3.0 or 3.1.
        root: the address of the server, without a slash at its end.
    """
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = _told(document, operation, method, path)
            told["curl"] = _curl(told, operation, root)
            found[operation["tags"][0]].append(told)
    tags = {tag["name"]: tag.get("description", "") for tag in document["tags"]}
    return [
        {"name": name, "description": tags[name], "operations": operations}
        for name, operations in found.items()
        if operations
    ]


def _told(document: Json, operation: Json, method: str, path: str) -> dict[str, Any]:
    parameters = [_resolved(document, one) for one in operation.get("parameters", ())]
    content = operation.get("requestBody", {}).get("content", {})
    return {
        "operationId": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "parameters": [{**one, "kind": kind_of(one.get("schema", {}))} for one in parameters],
        "bodies": [(kind, _example(told)) for kind, told in content.items()],
        "answers": [
            (status, _resolved(document, told).get("description", ""))
            for status, told in operation["responses"].items()
        ],
    }


def _resolved(document: Json, part: Json) -> Json:
    """Follow a reference inside the document."""
    if "$ref" not in part:
        return part
    found: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def kind_of(schema: Json) -> str:
    """Say in a few words what values a schema has."""
    kind = schema.get("type", "")
    named = " | ".join(kind) if isinstance(kind, list) else str(kind)
    if "enum" in schema:
        return f"{named}: {', '.join(map(str, schema['enum']))}"
    if named == "array":
        return f"array of {kind_of(schema.get('items', {}))}"
    return " ".join([named, *_bounds(schema)])


def _bounds(schema: Json) -> Iterator[str]:
    if "format" in schema:
        yield f"({schema['format']})"
    if "minimum" in schema or "maximum" in schema:
        yield f"{schema.get('minimum', '')}…{schema.get('maximum', '')}"
    if "default" in schema:
        yield f"= {schema['default']}"


def _example(told: Json) -> str:
    example = told.get("example")
    if example is None:
        return ""
    return example if isinstance(example, str) else orjson.dumps(example).decode()


def _curl(told: Json, operation: Json, root: str) -> str:
    """Write a line that asks this operation, with the examples of what it must be told."""
    path, query, given = told["path"], [], []
    for one in told["parameters"]:
        value = _value(one)
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", quote(value))
        elif one["in"] == "query" and one.get("required"):
            query.append(f"{one['name']}={quote(value)}")
        elif one["name"] == "If-Match":
            given += ["-H", shlex.quote(f"If-Match: {value}")]
    if told["method"] != "get":
        given = ["-X", told["method"].upper(), *given]
    if told["bodies"]:
        kind, body = told["bodies"][0]
        given += ["-H", shlex.quote(f"Content-Type: {kind}"), "-d", shlex.quote(body)]
    if all(operation.get("security", [{}])):
        given = ["-b", "cookies", *given]
    address = root + path + (f"?{'&'.join(query)}" if query else "")
    return " ".join(["curl", *given, shlex.quote(address)])


def _value(parameter: Json) -> str:
    value = parameter.get("example", "")
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
