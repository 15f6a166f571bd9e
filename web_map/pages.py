"""Serve the pages: HTML shells and their static files; all content comes from the API."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template

_HERE = Path(__file__).resolve().parent
_HOST = "BASEMAP_HOST"

# Where a reader may begin; the menu of every page leads to them.
PAGES = {
    "wall": "/wall",
    "cases": "/cases",
    "reports": "/reports",
    "procedures": "/procedures",
    "where": "/where",
}
SHELLS = {
    "/wall": "wall.html",
    "/where": "where.html",
    "/login": "login.html",
    "/cases": "cases.html",
    "/reports": "reports.html",
    "/reports/<int:number>": "report.html",
    "/procedures": "procedures.html",
    "/procedures/<code>": "procedure.html",
}


def make_pages(basemap_url: str = "") -> Blueprint:
    """Make the blueprint of the pages and of ``/static``.

    Args:
        basemap_url: address of the optional base map; its host is the only one beside our own
            that the pages' content security policy lets a browser ask. Empty means none.
    """
    pages = Blueprint(
        "pages",
        __name__,
        static_folder=str(_HERE / "static"),
        static_url_path="/static",
        template_folder=str(_HERE / "templates"),
    )
    host = _origin(basemap_url)
    pages.record(lambda state: state.app.config.__setitem__(_HOST, host))

    for address, template in SHELLS.items():
        pages.get(address, endpoint=template.removesuffix(".html"))(partial(_shell, template))
    return pages


def _shell(template: str, **_named: object) -> Response:
    """Send a page; what its address names is read by its script."""
    return rendered(template)


def rendered(template: str, form_action: str = "'none'", **told: object) -> Response:
    """Send a page with the policy that keeps it to this host.

    Args:
        template: its file.
        form_action: where its forms may lead, as the policy says it.
        told: what the template shows.
    """
    nonce = secrets.token_urlsafe(16)
    shell = make_response(render_template(template, nonce=nonce, behaviours=_behaviours(), **told))
    policy = _policy(nonce, current_app.config.get(_HOST, ""), form_action)
    shell.headers["Content-Security-Policy"] = policy
    shell.headers["Cache-Control"] = "no-cache"
    shell.headers["Referrer-Policy"] = "same-origin"
    shell.headers["X-Content-Type-Options"] = "nosniff"
    return shell


def _behaviours() -> list[str]:
    """Name the layers that have a module, so that no page asks for one that is not there."""
    return sorted(file.stem for file in (_HERE / "static/js/layers").glob("*.js"))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if not parts.netloc:
        return ""
    # WMTS addresses such as t{s}.example.cn name one of several hosts in braces.
    host = "*." + parts.netloc.partition(".")[2] if "{" in parts.netloc else parts.netloc
    return f"{parts.scheme}://{host}"


def _policy(nonce: str, basemap_host: str, form_action: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            f"img-src 'self' data: blob: {basemap_host}".rstrip(),
            f"connect-src 'self' {basemap_host}".rstrip(),
            "base-uri 'none'",
            f"form-action {form_action}",
            "frame-ancestors 'self'",
        )
    )
