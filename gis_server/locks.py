"""Locks between processes, which the kernel lets go when their holder ends, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from geodata.errors import Conflict


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time into the block; the others wait."""
    lock = _opened(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextlib.contextmanager
def only_server(path: Path) -> Iterator[None]:
    """Be the only server of a folder for as long as the block.

    Raises:
        Conflict: naming the process of the other server.
    """
    lock = _opened(path)
    try:
        _claim(lock, path)
        yield
    finally:
        os.close(lock)


def _claim(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = os.pread(lock, 20, 0).decode().strip() or "unknown"
        raise Conflict(
            f"another server (process {pid}) uses {path.parent}; stop it first"
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


class Users:
    """The processes that use something together, counted by the kernel."""

    def __init__(self, path: Path) -> None:
        self._lock = _opened(path)

    def join(self) -> None:
        """Count this process in."""
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Count this process out; say whether it was the last one."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(self._lock)
        return True


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
