"""Secrets kept in the server's own folder, for its owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from geodata.errors import Unavailable
from gis_server.config import Settings

SECRET, DEMO_PASSWORD = "secret-key", "demo-password"
# Without letters and digits that look alike.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def secret_key(settings: Settings) -> str:
    """Give the key that signs cookies: that of the settings, else one that is made and kept.

    Raises:
        Unavailable: if none is set and none can be kept.
    """
    return settings.secret_key or _kept(settings.var / SECRET, secrets.token_urlsafe(48))


def demo_password(settings: Settings) -> str:
    """Give the password that all demo accounts share; it is made once, and kept.

    Raises:
        Unavailable: if it cannot be kept.
    """
    parts = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return _kept(settings.var / DEMO_PASSWORD, "-".join(parts))


def _kept(file: Path, fresh: str) -> str:
    """Read a secret, or keep a fresh one; of two processes that make it, both get the first."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _link(file, fresh)
        return file.read_text().strip()
    except OSError as error:
        raise Unavailable(f"cannot keep a secret in {file}: {error.strerror}") from error


def _link(file: Path, fresh: str) -> None:
    """Make the file whole at once, readable by its owner only; one that is there stays."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(f"{fresh}\n")
    with contextlib.suppress(FileExistsError):
        os.link(part, file)
    part.unlink()
