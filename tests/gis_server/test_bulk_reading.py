"""Who reads a file is watched: one who left is noticed, one who stalls is given up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from geodata.streams import Lines
from gis_server.bulk_sending import STALL_S, File, Reading

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Connect a server to a client."""
    server, client = socket.socketpair()
    with server, client:
        yield server, client


def test_a_client_that_waits_is_there(pair: Pair) -> None:
    Reading(pair[0]).check()


def test_a_client_that_already_asks_for_more_is_there(pair: Pair) -> None:
    pair[1].sendall(b"GET / HTTP/1.1\r\n")

    Reading(pair[0]).check()

    assert pair[0].recv(3) == b"GET"


def test_a_client_that_left_is_noticed(pair: Pair) -> None:
    pair[1].close()

    with pytest.raises(ConnectionResetError):
        Reading(pair[0]).check()


def test_a_client_is_given_up_when_it_stalls_and_only_while_it_is_sent_a_file(pair: Pair) -> None:
    pair[0].settimeout(7)

    with ExitStack() as held:
        Reading(pair[0]).limit(held)
        assert pair[0].gettimeout() == STALL_S

    assert pair[0].gettimeout() == 7


def test_without_a_socket_there_is_nothing_to_watch() -> None:
    with ExitStack() as held:
        Reading().limit(held)
        Reading().check()


def test_no_more_rows_are_read_for_a_client_that_left(pair: Pair) -> None:
    read: list[str] = []

    def batches() -> Iterator[list[tuple[str]]]:
        for name in "abc":
            read.append(name)
            yield [(name,)]

    held = ExitStack()
    held.callback(read.append, "freed")
    parts = File(Lines(), batches(), held, Reading(pair[0])).parts()
    assert next(parts) == b"a\n"
    pair[1].close()

    with pytest.raises(ConnectionResetError):
        next(parts)
    assert read == ["a", "freed"]


def test_a_file_that_fails_ends_by_a_reset_and_a_whole_one_does_not(pair: Pair) -> None:
    with Reading(pair[0]).whole():
        pass
    assert pair[0].fileno() >= 0

    with pytest.raises(ZeroDivisionError), Reading(pair[0]).whole():
        raise ZeroDivisionError

    assert pair[0].fileno() < 0
