"""Replies as gunicorn sends them: head and body together, and its own refusals as problem+json."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
from gunicorn.http.wsgi import Response
from gunicorn.util import write_nonblock

PROBLEM = "application/problem+json"
TOO_LONG = 414
# What gunicorn says of too long an address names neither what makes it long nor what to do.
ADDRESS: Mapping[str, Any] = MappingProxyType(
    {
        "detail": (
            "the address is longer than 8190 bytes, of which a Chinese character takes 9: shorten"
            " the filter, or ask in several parts"
        ),
        "code": "address_too_long",
        "params": {"most": 8190},
    }
)


class Reply(Response):  # type: ignore[misc]
    """Send the head with a body that comes whole; leave all else to gunicorn."""

    headers_sent: bool

    def write(self, arg: bytes) -> None:
        """Send a part of the body, after the head if that was not sent yet."""
        if self.headers_sent or self._omits_body or len(arg) != self.response_length:
            super().write(arg)
            return
        head = [*self.default_headers(), *[f"{name}: {value}\r\n" for name, value in self.headers]]
        self.headers_sent, self.sent = True, len(arg)
        self.sock.sendall(f"{''.join(head)}\r\n".encode("latin-1") + arg)


def refuse(wire: Any, status: int, reason: str, detail: str) -> None:
    """Send what gunicorn refuses before the application is asked, such as too long an address.

    The address is not told here, so that no parameter of it can be named.

    Source: RFC 9457.
    """
    told = {"type": "about:blank", "title": reason, "status": status, "detail": detail or reason}
    told |= ADDRESS if status == TOO_LONG else {}
    body = orjson.dumps(told)
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: {PROBLEM}\r\n"
    write_nonblock(wire, head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
