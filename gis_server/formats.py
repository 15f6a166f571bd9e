"""Which form an answer takes: that of ``f``, else that which ``Accept`` likes best."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, after_this_request, request

from geodata.errors import InvalidInput, NotAcceptable

F = "f"


def wanted(offered: Mapping[str, str]) -> str:
    """Pick one of the forms that are offered.

    Args:
        offered: the name for ``f`` and the media type of each form; the first is the usual one.

    Raises:
        InvalidInput: if ``f`` names another.
        NotAcceptable: if ``Accept`` has none of them.

    Source: RFC 9110, sections 12.5.1 and 12.5.5.
    """
    given = request.args.get(F)
    if given is not None:
        if given not in offered:
            names = ", ".join(offered)
            message = f"f is one of {names}, not {given!r}"
            raise InvalidInput(message, F, code="no_form", offered=names, given=given)
        return given
    after_this_request(_varying)
    accepted = request.accept_mimetypes
    if not accepted:
        return next(iter(offered))
    best = accepted.best_match(list(offered.values()))
    if best is None:
        told = ", ".join(offered.values())
        raise NotAcceptable(f"none of what Accept names is offered here: {told}", "Accept")
    return next(name for name, kind in offered.items() if kind == best)


def _varying(reply: Response) -> Response:
    """Let no cache give one reader's form to another, who asks for the same address."""
    reply.vary.add("Accept")
    return reply
