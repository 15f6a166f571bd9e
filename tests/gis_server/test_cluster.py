"""The embedded cluster starts from nothing, survives being killed, and ends with its last user."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from geodata.errors import Conflict, Unavailable
from gis_server import cluster as clusters
from gis_server.cluster import APP_ROLE, OWNER_ROLE, THROW_AWAY, Cluster
from gis_server.locks import only_server


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not pytest's own, which the database's user may not enter when root runs the tests.
    made = Path(tempfile.mkdtemp(prefix="gis-cluster-", dir="/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def made(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder / "pg", THROW_AWAY)
    cluster.start()
    yield cluster
    cluster.remove()


@pytest.fixture
def cluster(made: Cluster) -> Cluster:
    made.start()
    return made


def _ask(cluster: Cluster, question: str, role: str = APP_ROLE) -> object:
    connection = psycopg2.connect(cluster.url(role).replace("+psycopg2", ""))
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def _postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split("\n")[0])


def test_a_new_cluster_has_postgis_for_the_application_role(cluster: Cluster) -> None:
    assert _ask(cluster, "SELECT ST_AsText(ST_Point(113.9, 23.0))") == "POINT(113.9 23)"


def test_a_new_cluster_listens_on_no_network_port(cluster: Cluster) -> None:
    assert _ask(cluster, "SHOW listen_addresses") == ""


def test_short_spatial_queries_are_not_compiled(cluster: Cluster) -> None:
    assert _ask(cluster, "SHOW jit") == "off"


def test_chinese_text_is_stored_as_it_is(cluster: Cluster) -> None:
    assert _ask(cluster, "SELECT length('网格')") == 2


def test_the_owner_may_make_tables(cluster: Cluster) -> None:
    allowed = "SELECT has_schema_privilege('public', 'CREATE')"

    assert (_ask(cluster, allowed, OWNER_ROLE), _ask(cluster, allowed, APP_ROLE)) == (True, False)


def test_neither_role_is_a_superuser(cluster: Cluster) -> None:
    supers = "SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname LIKE 'gis%'"

    assert _ask(cluster, supers) == 0


def test_a_running_cluster_is_adopted(cluster: Cluster) -> None:
    before = _postmaster(cluster)

    cluster.start()

    assert _postmaster(cluster) == before


def test_a_cluster_whose_server_was_killed_starts_again(cluster: Cluster) -> None:
    os.kill(_postmaster(cluster), signal.SIGKILL)

    cluster.start()

    assert _ask(cluster, "SELECT 1") == 1


def test_a_pid_file_whose_number_was_given_out_again_is_stale(cluster: Cluster) -> None:
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")

    cluster.start()

    assert _ask(cluster, "SELECT 1") == 1


def test_the_last_user_to_leave_stops_the_cluster(cluster: Cluster) -> None:
    with cluster.used():
        with cluster.used():
            pass
        still_there = _ask(cluster, "SELECT 1")

    assert (still_there, (cluster.data / "postmaster.pid").exists()) == (1, False)


def test_stopping_a_stopped_cluster_does_nothing(cluster: Cluster) -> None:
    cluster.stop()
    cluster.stop()

    assert not (cluster.data / "postmaster.pid").exists()


def test_a_cluster_that_cannot_start_says_why(cluster: Cluster) -> None:
    cluster.stop()
    broken = Cluster(cluster.folder, {**THROW_AWAY, "shared_buffers": "a lot"})

    with pytest.raises(Unavailable, match="shared_buffers"):
        broken.start()


def test_a_second_server_is_refused_by_the_number_of_the_first(tmp_path: Path) -> None:
    with (
        only_server(tmp_path / "lock"),
        pytest.raises(Conflict, match=str(os.getpid())),
        only_server(tmp_path / "lock"),
    ):
        pass


def test_a_deep_folder_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = Cluster(tmp_path / ("网" * 40), THROW_AWAY)

    assert len(os.fsencode(f"{deep.sockets}/.s.PGSQL.5432")) < 107


def test_a_var_that_the_database_may_not_enter_gives_way_to_a_system_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "enterable", lambda _folder: False)
    monkeypatch.setattr(clusters, "SYSTEM_FOLDER", tmp_path / "system")

    assert Cluster.beside(tmp_path / "var").folder.parent == tmp_path / "system"


def test_a_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pg").symlink_to(tmp_path)

    with pytest.raises(Unavailable, match="another user"):
        Cluster(tmp_path / "pg", THROW_AWAY).start()
