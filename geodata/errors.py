"""The errors of the domain; none of them knows HTTP."""

from __future__ import annotations


class GisError(Exception):
    """Say what is wrong, and which member of the input is to blame.

    Args:
        message: lower case, with the offending value, no full stop.
        member: the JSON path or parameter name at fault, such as ``geometry.coordinates[1]``.
        code: a word for what is wrong that never changes, so that a page can say it in its own
            language; ``told`` are the values that such a sentence names.
    """

    def __init__(
        self, message: str, member: str | None = None, *, code: str | None = None, **told: object
    ) -> None:
        super().__init__(message)
        self.message = message
        self.member = member
        self.code = code
        self.told = told


class InvalidInput(GisError):
    """Refuse input that cannot mean what was asked."""


class InvalidGeometry(InvalidInput):
    """Refuse a shape that is not valid or not of the expected type."""


class InvalidTile(InvalidInput):
    """Refuse a tile address outside its matrix."""


class InvalidCrs(InvalidInput):
    """Refuse a coordinate reference system that is missing or not understood."""


class TooLarge(InvalidInput):
    """Refuse a body over the size limit."""


class WrongType(InvalidInput):
    """Refuse a body of another content type."""


class NotAcceptable(GisError):
    """Say that an answer is not offered in any form that was asked for."""


class NotFound(GisError):
    """Say that no such layer, feature or page exists."""


class ReadOnly(GisError):
    """Refuse to write to what cannot be written."""


class Conflict(GisError):
    """Refuse a change that contradicts what is stored."""


class SignInRequired(GisError):
    """Ask who wants this; a visitor may not have it."""


class Forbidden(GisError):
    """Refuse what the reader's roles, post or area do not allow."""


class TooSoon(GisError):
    """Refuse an attempt for a while.

    Args:
        message: as ever.
        wait_s: after how many seconds it may be tried again.
    """

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message, code="too_soon", wait_s=wait_s)
        self.wait_s = wait_s


class Stale(GisError):
    """Refuse a change to a version that is no longer the current one."""


class VersionRequired(GisError):
    """Ask for the version that a change is based on."""


class Unavailable(GisError):
    """Say that the database or a service it needs is away."""
