"""Cluster of real members: how it forms, and what happens to single members."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hzclient import HazelcastClient
from hzclient.server import LocalCluster, Member, ServerError
from tests.integration.server.facts import is_held, runs, wait_until

_CONFIG = """
hazelcast:
  map:
    without-backups:
      backup-count: 0
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(members=2, config=_CONFIG) as cluster:
        yield cluster


def accepts_connections(member: Member) -> bool:
    host, _, port = member.address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def ports_seen_by(member: Member) -> list[int]:
    view = member.log.member_list()
    assert view is not None
    return view.ports


def test_members_form_one_cluster(cluster: LocalCluster) -> None:
    first, second = cluster.members
    assert cluster.addresses == [first.address, second.address]
    assert ports_seen_by(first) == ports_seen_by(second) == sorted([first.port, second.port])
    assert accepts_connections(first)
    assert accepts_connections(second)
    assert first.pid != second.pid


def test_a_killed_member_comes_back_on_its_address(cluster: LocalCluster) -> None:
    first, second = cluster.members
    address, pid = first.address, first.pid
    first.kill()
    assert not first.is_alive
    assert not runs(pid)
    assert cluster.addresses == [second.address]
    wait_until(lambda: ports_seen_by(second) == [second.port])

    first.start()
    assert first.address == address
    assert first.pid != pid
    assert ports_seen_by(second) == sorted([first.port, second.port])


def test_a_stopped_member_gives_its_data_to_the_others(cluster: LocalCluster) -> None:
    first, second = cluster.members
    with HazelcastClient(cluster_members=cluster.addresses) as client:
        # Without backups, only a graceful shutdown keeps the entries.
        entries = client.get_map("without-backups").blocking()
        for key in range(500):
            entries.set(key, key)
        second.stop()
        assert not second.is_alive
        assert entries.size() == 500
    wait_until(lambda: ports_seen_by(first) == [first.port])
    second.start()
    assert ports_seen_by(first) == ports_seen_by(second)


def test_restart_gives_a_new_process_at_the_same_address(cluster: LocalCluster) -> None:
    member = cluster.members[1]
    address, pid = member.address, member.pid
    member.restart()
    assert member.address == address
    assert member.pid != pid
    assert not runs(pid)
    assert accepts_connections(member)


def test_a_paused_member_stands_still_until_it_is_resumed(cluster: LocalCluster) -> None:
    member = cluster.members[0]
    member.pause()
    wait_until(lambda: is_held(member.pid))
    assert member.is_alive
    assert member.is_paused
    member.resume()
    wait_until(lambda: not is_held(member.pid))
    assert not member.is_paused


def test_signals_need_a_running_member_and_starting_needs_a_stopped_one(cluster: LocalCluster) -> None:
    member = cluster.members[1]
    with pytest.raises(ServerError, match="already running"):
        member.start()
    member.kill()
    member.kill()
    member.stop()
    with pytest.raises(ServerError, match="not running"):
        member.pause()
    with pytest.raises(ServerError, match="not running"):
        member.resume()
    member.start()
    assert member.is_alive


def test_a_member_joins_later_and_all_end_with_the_cluster(tmp_path: Path) -> None:
    with (
        LocalCluster(cluster_name="late", work_dir=tmp_path) as cluster,
        LocalCluster(cluster_name="late") as other,
    ):
        first = cluster.members[0]
        added = cluster.start_member()
        assert cluster.members == [first, added]
        assert ports_seen_by(first) == ports_seen_by(added) == sorted([first.port, added.port])
        assert ports_seen_by(other.members[0]) == [other.members[0].port]
        assert "[late]" in first.log.text()
        added.pause()
        pids = [first.pid, added.pid]
        logs = [first.log_path, added.log_path]
        temporary = other.members[0].log_path
    assert not any(map(runs, pids))
    assert cluster.members == []
    assert all(log.is_file() for log in logs)
    assert not temporary.exists()


def test_members_listen_on_ipv6_loopback_only() -> None:
    with LocalCluster(host="::1") as cluster:
        (member,) = cluster.members
        assert member.address == f"[::1]:{member.port}"
        assert accepts_connections(member)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", member.port)).close()


def test_configuration_properties_and_ports_reach_the_member(tmp_path: Path) -> None:
    xml = """<hazelcast xmlns="http://www.hazelcast.com/schema/config">
        <cluster-name>not-this-one</cluster-name>
        <instance-name>from-xml</instance-name>
    </hazelcast>"""
    with LocalCluster(cluster_name="given", config=xml, properties={"hz.jet.enabled": "false"}) as cluster:
        text = cluster.members[0].log.text()
        assert "Cluster name: given" in text
        assert "The Jet engine is disabled" in text
        assert str(cluster.members[0].log_path.parent / "hazelcast.xml") in text
        with pytest.raises(ServerError, match="already running"):
            cluster.start()


def test_a_member_that_dies_at_start_shows_the_end_of_its_log() -> None:
    cluster = LocalCluster(jvm_options=["-Xmx1k"])
    with pytest.raises(ServerError, match="(?s)died.*Too small maximum heap"):
        cluster.start()
    assert cluster.members == []


def test_a_member_that_is_not_ready_in_time_is_ended() -> None:
    cluster = LocalCluster(startup_timeout=0.01)
    with pytest.raises(ServerError, match=r"did not start in 0\.01 s"):
        cluster.start()
    assert cluster.members == []


def test_a_wanted_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        cluster = LocalCluster(ports=[taken.getsockname()[1]])
        with pytest.raises(ServerError, match=r"(?s)died.*already in use"):
            cluster.start()
