"""Links of an answer: whole addresses, as clients of OGC APIs resolve relative ones differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import request

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"


@dataclass(frozen=True)
class Address:
    """Where a request was sent: the server's root without a slash, the path, and the parameters."""

    root: str
    path: str
    parameters: Mapping[str, str]

    def href(self, path: str, parameters: Mapping[str, Any] | None = None) -> str:
        """Write a whole address on this server; ``{names}`` of a template stay as they are."""
        # Parts of templates are no parts of paths, and are left for the client to fill in.
        whole = self.root + quote(path, safe="/{}?=&,:+-._~")
        return f"{whole}?{urlencode(parameters)}" if parameters else whole

    def changed(self, **changed: Any) -> str:
        """Write this address with some parameters changed, or taken away by None."""
        told = {**self.parameters, **changed}
        return self.href(self.path, {n: value for n, value in told.items() if value is not None})


def asked_at() -> Address:
    """Tell where the present request was sent."""
    root = request.host_url.rstrip("/") + request.script_root
    return Address(root, request.path, request.args)


def href(path: str, parameters: Mapping[str, Any] | None = None) -> str:
    """Write a whole address on this server (see ``Address.href``)."""
    return asked_at().href(path, parameters)


def link(rel: str, address: str, kind: str = JSON, **more: Any) -> dict[str, Any]:
    """Write a link with its relation and media type."""
    return {"rel": rel, "type": kind, "href": address, **more}


def here(**changed: Any) -> str:
    """Write the address of this request, changed (see ``Address.changed``)."""
    return asked_at().changed(**changed)
