"""Who is stopped while he asks for others too, or waits for his turn, holds up nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import gevent
import gevent.event
import gevent.lock
import pytest

from gis_server import together
from gis_server.together import Together
from layers import gathering
from layers.gathering import Asker, Lane
from layers.prepared import Prepared

MOMENT_S, LIMIT_S = 0.05, 2
T = TypeVar("T")


class Round(together._Round[T]):
    """Wait as a greenlet does."""

    def __init__(self) -> None:
        done: Any = gevent.event.Event()
        super().__init__(done=done)


@pytest.fixture(autouse=True)
def greenlets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have locks that greenlets wait for, as in a worker."""

    def lock() -> Any:
        return gevent.lock.BoundedSemaphore(1)

    monkeypatch.setattr(gathering, "Lock", lock)
    monkeypatch.setattr(together, "Lock", lock)
    monkeypatch.setattr(together, "_Round", Round)
    monkeypatch.setattr(together, "sleep", gevent.sleep)


class Slow(Lane):
    """Answer a moment later, without a database."""

    def _ask(self, statement: Prepared, together: Sequence[Asker]) -> None:
        gevent.sleep(MOMENT_S)
        for one in together:
            one.rows = []


@pytest.mark.parametrize("stopped", [0, 1, 2])
def test_a_lane_goes_on_without_who_is_stopped(stopped: int) -> None:
    nobody: Any = None
    lane, statements = Slow(nobody), [Prepared(name, "", {}) for name in "abcd"]
    askers = [Asker(statement, {}) for statement in statements]
    asking = [gevent.spawn(lane.serve, one) for one in askers]
    gevent.sleep(0)

    asking.pop(stopped).kill()
    askers.pop(stopped)

    gevent.joinall(asking, timeout=LIMIT_S)
    assert [one.rows for one in askers] == [[], [], []]


def _read() -> str:
    gevent.sleep(MOMENT_S)
    return "told"


@pytest.mark.parametrize("wait_s", [0, MOMENT_S / 2])
@pytest.mark.parametrize("stopped", [0, 1])
def test_a_reading_goes_on_without_who_is_stopped(stopped: int, wait_s: float) -> None:
    shared = Together(_read)
    asking = [gevent.spawn(shared.now) for _ in range(4)]
    gevent.sleep(wait_s)
    asking += [gevent.spawn(shared.now) for _ in range(2)]
    gevent.sleep(0)

    asking.pop(stopped).kill()

    gevent.joinall(asking, timeout=LIMIT_S)
    assert [one.value for one in asking] == ["told"] * 5


def test_a_reading_goes_on_without_who_waits_to_begin_the_next() -> None:
    shared = Together(_read)
    asking = [gevent.spawn(shared.now)]
    gevent.sleep(MOMENT_S / 2)
    asking += [gevent.spawn(shared.now) for _ in range(3)]
    gevent.sleep(0)

    asking.pop(1).kill()

    gevent.joinall(asking, timeout=LIMIT_S)
    assert [one.value for one in asking] == ["told"] * 3
