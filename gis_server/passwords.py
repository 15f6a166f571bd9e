"""Passwords: what one must be, and how it is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher

from geodata.errors import InvalidInput

LENGTHS = (10, 128)
LEAST_LETTERS = 5
# Source: OWASP Password Storage Cheat Sheet, Argon2id.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass
class Hashing:
    """Hash passwords, which takes a core and 19 MB for some 30 ms: two at a time, no more.

    Attributes:
        aside: does the work; a server may do it beside its other requests.
    """

    aside: Callable[..., Any]
    turn: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))

    def run(self, work: Callable[..., Any], *given: Any) -> Any:
        """Do work when it is its turn."""
        with self.turn:
            return self.aside(work, *given)


HASHING = Hashing(lambda work, *given: work(*given))


def normal(password: str) -> str:
    """Write a password in one way, however it was typed.

    Source: NIST SP 800-63B, section 5.1.1.2.
    """
    return unicodedata.normalize("NFKD", password)


def hashed(password: str, name: str, member: str = "password") -> str:
    """Hash a new password of the account ``name``.

    Raises:
        InvalidInput: naming ``member`` if it is too short, too long, too plain, or holds the
            account's name.
    """
    least, most = LENGTHS
    if not least <= len(normal(password)) <= most:
        message = f"a password has {least}…{most} characters"
        raise InvalidInput(message, member, code="password_length", least=least, most=most)
    if len(set(password)) < LEAST_LETTERS or name.casefold() in password.casefold():
        raise InvalidInput("the password is too easy to guess", member, code="password_plain")
    return HASHER.hash(normal(password))
