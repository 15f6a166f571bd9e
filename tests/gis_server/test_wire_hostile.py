"""Clients that do not do their part hold up neither the server nor one another."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import gevent
import gevent.socket
import pytest
from gevent.pool import Pool
from gunicorn.config import Config

from gis_server.plain import PLAIN, Answer, Reply
from gis_server.wire import ACCEPTED, Requests, Worker

PLAIN_GET = b"GET /collections/buildings/items HTTP/1.1\r\nHost: gis\r\n\r\n"
PART_OF_A_POST = b"POST /nothing HTTP/1.1\r\nHost: gis\r\nContent-Length: 9\r\n\r\n{"


def _requests(wire: Any, answers: Sequence[Answer] = ()) -> Requests:
    settings = Config()
    settings.set("keepalive", 1)
    worker: Any = SimpleNamespace(alive=True, wsgi=SimpleNamespace(extensions={PLAIN: answers}))
    return Requests(settings, wire, ("127.0.0.1", 1), worker)


def test_a_body_that_nobody_reads_and_never_ends_is_let_go_of() -> None:
    ours, theirs = gevent.socket.socketpair()
    with ours, theirs, gevent.Timeout(5):
        requests = _requests(ours)
        theirs.sendall(PART_OF_A_POST)
        assert next(requests).method == "POST"

        with pytest.raises(StopIteration):
            next(requests)


def test_a_body_that_stops_has_ended_for_who_reads_it() -> None:
    ours, theirs = gevent.socket.socketpair()
    with ours, theirs, gevent.Timeout(5):
        requests = _requests(ours)
        theirs.sendall(PART_OF_A_POST)

        body = next(requests).body.read()
        theirs.sendall(b'"a":1}}GET /b HTTP/1.1\r\nHost: gis\r\n\r\n')

        assert body == b"{"
        assert next(requests, None) is None


def test_nothing_is_told_in_the_middle_of_an_answer() -> None:
    ours, theirs = gevent.socket.socketpair()
    long = Reply(200, {"Content-Length": "10000000"}, b"a" * 10_000_000)
    ended: list[BaseException] = []

    def serve() -> None:
        try:
            next(_requests(ours, [lambda _: long]))
        except (StopIteration, gevent.GreenletExit) as error:
            ended.append(error)

    with ours, theirs:
        theirs.sendall(PLAIN_GET)
        serving = gevent.spawn(serve)
        gevent.sleep(0.05)
        serving.kill()

    # Of any other, gunicorn tells the client.
    assert [type(error) for error in ended] == [StopIteration]


def test_several_of_a_crowd_are_let_in_at_a_time() -> None:
    rounds: list[int] = []
    with gevent.socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(16)
        crowd = [gevent.socket.create_connection(door.getsockname()) for _ in range(8)]
        worker: Any = SimpleNamespace(handle=lambda *_: rounds.append(gevent.get_hub().loop.now()))

        server = Worker.server_class(worker, door, spawn=Pool(16), log=None)
        server.start()
        gevent.sleep(0.1)
        server.stop()
        for one in crowd:
            one.close()

    assert len(rounds) == len(crowd)
    assert max(map(rounds.count, rounds)) == ACCEPTED
