"""Links of an answer: whole addresses, as clients of OGC APIs resolve relative ones differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import request

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"


def href(path: str, parameters: Mapping[str, Any] | None = None) -> str:
    """Write a whole address on this server; ``{names}`` of a template stay as they are."""
    # Parts of templates are no parts of paths, and are left for the client to fill in.
    whole = request.host_url.rstrip("/") + request.script_root + quote(path, safe="/{}?=&,:+-._~")
    return f"{whole}?{urlencode(parameters)}" if parameters else whole


def link(rel: str, address: str, kind: str = JSON, **more: Any) -> dict[str, Any]:
    """Write a link with its relation and media type."""
    return {"rel": rel, "type": kind, "href": address, **more}


def here(**changed: Any) -> str:
    """Write the address of this request with some parameters changed, or taken away by None."""
    told = {name: value for name, value in {**request.args, **changed}.items() if value is not None}
    return href(request.path, told)
