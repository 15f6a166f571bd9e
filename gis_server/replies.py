"""Send a reply's head and body together: half of the system calls of gunicorn's own replies."""

from __future__ import annotations

from gunicorn.http.wsgi import Response


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
