"""Serve the pages: HTML shells and their static files; all content comes from the API."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template

_HERE = Path(__file__).resolve().parent


def make_pages(basemap_url: str = "") -> Blueprint:
    """Make the blueprint of ``/wall``, ``/where`` and ``/static``.

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

    @pages.get("/wall")
    def wall() -> Response:
        """Show the wall map of the command centre."""
        return _shell("wall.html", host)

    @pages.get("/where")
    def where() -> Response:
        """Tell anyone which grid they are in."""
        return _shell("where.html", host)

    return pages


def _shell(template: str, basemap_host: str) -> Response:
    nonce = secrets.token_urlsafe(16)
    shell = make_response(render_template(template, nonce=nonce, behaviours=_behaviours()))
    shell.headers["Content-Security-Policy"] = _policy(nonce, basemap_host)
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


def _policy(nonce: str, basemap_host: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            f"img-src 'self' data: blob: {basemap_host}".rstrip(),
            f"connect-src 'self' {basemap_host}".rstrip(),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )
