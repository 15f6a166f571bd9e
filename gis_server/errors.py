"""Errors as HTTP: the one table of status codes, and problem+json (RFC 9457)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import quote

import orjson
from flask import Flask, Response, current_app, request
from flask.globals import request_ctx
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from geodata import errors
from web_map import browse

STATUS: dict[type[errors.GisError], HTTPStatus] = {
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.WrongType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.InvalidInput: HTTPStatus.BAD_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    errors.ReadOnly: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.SignInRequired: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.TooSoon: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    errors.VersionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PROBLEM, HTML = "application/problem+json", "text/html"
RETRY_AFTER_S = "2"
UNCODED: Mapping[str, object] = MappingProxyType({})
# Classes of SQLSTATE that mean the server is going down, coming up or full.
AWAY = ("08", "57P", "53")
# Those of a statement that was stopped for others or for time, and may be tried again.
STOPPED = ("40", "55P03", "57014")
# That of values that cannot be reckoned with, which no check of ours foresaw.
UNRECKONED = "22"
# What PROJ says of coordinates that a system does not reach.
BEYOND = "transform: "
HEADER = re.compile(r"[A-Z][a-z]+(-[A-Z][a-z]+)*")
STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
# What is wrong with who asks is nowhere in the input.
OF_THE_READER = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Answer every error of a request as problem+json."""
    app.register_error_handler(errors.GisError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _busy)


def problem(
    status: int, detail: str, member: str | None = None, coded: Mapping[str, object] = UNCODED
) -> Response:
    """Describe a problem to the client.

    Source: RFC 9457, with extension members: ``member`` names the input at fault as messages
    do, and ``errors`` points to it as the examples of section 3 do; ``code`` is a word for the
    refusal that never changes, with the values that a translation of it needs as ``params``.
    """
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        **coded,
    }
    if member is not None:
        body["member"] = member
        if status not in OF_THE_READER:
            body["errors"] = [{"detail": detail, **place(member)}]
    page = _is_for_people()
    reply = browse.problem(body) if page else Response(orjson.dumps(body), status, mimetype=PROBLEM)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        reply.headers["Retry-After"] = RETRY_AFTER_S
    return reply


def _is_for_people() -> bool:
    """Tell whether a browser asks for something to show, on a host that links can lead to."""
    if request.method != "GET" or "browse" not in current_app.blueprints:
        return False
    if request_ctx.url_adapter is None:
        return False
    return request.accept_mimetypes.best_match((PROBLEM, "application/json", HTML)) == HTML


def place(member: str) -> dict[str, str]:
    """Say where in the request at hand a member is: a header, a parameter, or in the body.

    Source: RFC 6901, section 6, for the pointer into a body.
    """
    if member in request.args or member in (request.view_args or {}):
        return {"parameter": member}
    if HEADER.fullmatch(member):
        return {"header": member}
    if request.method in WITHOUT_BODY:
        return {"parameter": member}
    return {"pointer": "#" if member == "body" else pointer(member)}


def pointer(member: str) -> str:
    """Write a path such as ``geometry.coordinates[1]`` as a JSON pointer in a URI's fragment."""
    steps = [index or name for index, name in STEP.findall(member)]
    escaped = [step.replace("~", "~0").replace("/", "~1") for step in steps]
    return "#" + "".join(f"/{quote(step, safe='~')}" for step in escaped)


def _domain(error: errors.GisError) -> Response:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    coded = {"code": error.code, "params": error.told} if error.code else UNCODED
    reply = problem(status, error.message, error.member, coded)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        reply.headers["Allow"] = "GET, HEAD, OPTIONS"
    if isinstance(error, errors.TooSoon):
        reply.headers["Retry-After"] = str(error.wait_s)
    return reply


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return problem(error.code or 500, error.name)
    coded = {"code": "no_page", "params": {}} if error.code == HTTPStatus.NOT_FOUND else UNCODED
    reply = problem(error.code or 500, error.description or error.name, coded=coded)
    for name, value in error.get_headers():
        if name in {"Allow", "Location"}:
            reply.headers[name] = value
    return reply


def is_away(error: DBAPIError) -> bool:
    """Tell whether a database error means that the database cannot be reached just now."""
    state = getattr(error.orig, "pgcode", None)
    if state is None:
        lost = isinstance(error, OperationalError | InterfaceError)
        return error.connection_invalidated or lost
    return str(state).startswith(AWAY)


def _database(error: DBAPIError) -> Response:
    if is_away(error):
        log.warning("database away: %s", str(error.orig).strip())
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database is away; try again")
    state, message = str(getattr(error.orig, "pgcode", None)), str(error.orig).strip()
    if state.startswith(STOPPED):
        log.warning("a statement was stopped: %s", message)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database is busy; try again")
    if message.startswith(BEYOND):
        return problem(HTTPStatus.BAD_REQUEST, "coordinates lie beyond the system", "crs")
    if state.startswith(UNRECKONED):
        log.warning("a statement was not reckoned: %s", message, exc_info=error)
        return problem(HTTPStatus.BAD_REQUEST, "a value cannot be reckoned with")
    raise error


def _busy(error: PoolTimeout) -> Response:
    log.warning("no free connection: %s", error)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database is busy; try again")
