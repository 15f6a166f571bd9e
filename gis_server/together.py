"""Read once for all who wait: each gets what was read after he asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from time import sleep
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

T = TypeVar("T")


@dataclass
class _Round(Generic[T]):
    """One reading and those who wait for it; ``told`` stays empty if it failed."""

    done: Event = field(default_factory=Event)
    led: bool = False
    told: list[T] = field(default_factory=list)
    error: SQLAlchemyError | None = None


class Together(Generic[T]):
    """Share readings among threads; safe between them.

    Whoever asks while one is under way waits for the next one, as that one may have begun before
    the change that he was told of. So however many ask at once, two readings answer all.

    Args:
        read: reads; called by one thread at a time.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._lock, self._turn = Lock(), Lock()
        self._next = _Round[T]()

    def now(self) -> T:
        """Tell what is read at or after this moment.

        Raises:
            SQLAlchemyError: what the reading ran into, to all who waited for it.
        """
        with self._lock:
            mine = self._next
            leads, mine.led = not mine.led, True
        if leads:
            self._lead(mine)
        else:
            mine.done.wait()
        if mine.error is not None:
            raise mine.error
        # Who led may have been stopped while he read.
        return mine.told[0] if mine.told else self.now()

    def _lead(self, mine: _Round[T]) -> None:
        try:
            with self._turn:
                sleep(0)  # others whose requests have come already join
                self._close(mine)
                mine.told.append(self._read())
        except SQLAlchemyError as error:
            mine.error = error
        finally:
            # Who is stopped before he reads leaves a round that nobody else may join.
            self._close(mine)
            mine.done.set()

    def _close(self, mine: _Round[T]) -> None:
        with self._lock:
            if self._next is mine:
                self._next = _Round[T]()
