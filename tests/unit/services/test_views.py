"""The member list, the partition table, the router, and the pauses between rounds of attempts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from hzclient._net.backoff import Backoff, BackoffSettings
from hzclient._services.members import MemberList, MembershipChange
from hzclient._services.partitions import PartitionTable
from hzclient._services.routing import Router
from hzclient.cluster import ClusterService
from hzclient.core import Address, EndpointQualifier, MemberInfo, MemberVersion, ProtocolType
from hzclient.errors import (
    ClientNotAllowedInClusterError,
    ClientOfflineError,
    HazelcastIOError,
    TargetNotMemberError,
)


def make_member(port: int, uuid: UUID | None = None, address_map: Any = None) -> MemberInfo:
    version = MemberVersion(5, 7, 0)
    return MemberInfo(Address("h", port), uuid or uuid4(), {}, False, version, None, address_map or {})


# ------------------------------------------------------------------------------------------------ members


def test_changes_are_told_removed_before_added() -> None:
    a, b, c = (make_member(port) for port in (1, 2, 3))
    members = MemberList()
    seen: list[MembershipChange] = []
    members.on_change(seen.append)
    assert members.update(1, [a, b])
    assert members.update(2, [b, c])
    assert members.update(3, [b, c])
    assert seen == [MembershipChange((), (a, b)), MembershipChange((a,), (c,))]
    assert list(members.members) == [b.uuid, c.uuid]


def test_older_lists_are_refused() -> None:
    a, b = make_member(1), make_member(2)
    members = MemberList()
    assert members.update(5, [a])
    assert not members.update(5, [b])
    assert not members.update(4, [b])
    members.expect_new_source()
    assert list(members.members.values()) == [a]
    assert members.update(1, [b])


def test_a_member_at_another_address_left_and_came() -> None:
    uuid = uuid4()
    before, after = make_member(1, uuid), make_member(2, uuid)
    members = MemberList()
    seen: list[MembershipChange] = []
    members.update(1, [before])
    members.on_change(seen.append)
    members.update(2, [after])
    assert seen == [MembershipChange((before,), (after,))]


def test_another_cluster_has_other_members() -> None:
    a = make_member(1)
    members = MemberList()
    seen: list[MembershipChange] = []
    members.update(9, [a])
    members.on_change(seen.append)
    members.clear()
    assert seen == [MembershipChange((a,), ())]
    assert members.update(1, [a])


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [((ProtocolType.CLIENT, ProtocolType.MEMBER), 10), ((ProtocolType.MEMBER,), 11), ((), 1)],
)
def test_members_are_known_by_the_address_for_clients(kinds: tuple[int, ...], expected: int) -> None:
    ports = {ProtocolType.CLIENT: 10, ProtocolType.MEMBER: 11}
    address_map = {EndpointQualifier(kind, None): Address("h", ports[kind]) for kind in kinds}
    members = MemberList()
    members.update(1, [make_member(1, address_map=address_map)])
    (member,) = members.members.values()
    assert member.address.port == expected


class Told:
    """Stands for the dispatcher and its queue, which does something when it is given its first event."""

    def __init__(self, at_first: Callable[[], object] = lambda: None) -> None:
        self.events: list[tuple[bool, MemberInfo]] = []
        self._at_first = at_first

    def queue(self, name: str, handler: object) -> Told:
        return self

    def handle_first(self, events: list[tuple[bool, MemberInfo]]) -> None:
        for event in events:
            self.put(event)

    def put(self, event: tuple[bool, MemberInfo]) -> None:
        self.events.append(event)
        if len(self.events) == 1:
            self._at_first()


def test_membership_listeners_are_told_of_members_that_are_there() -> None:
    a, b = make_member(1), make_member(2)
    members, told = MemberList(), Told()
    members.update(1, [a])
    service = ClusterService(members, cast(Any, told))
    registration = service.add_listener(print, print, fire_for_existing=True)
    members.update(2, [b])
    assert told.events == [(True, a), (False, a), (True, b)]
    assert service.remove_listener(registration)
    assert not service.remove_listener(registration)
    service.add_listener(print)
    assert len(told.events) == 3


def test_a_member_that_comes_meanwhile_is_told_once() -> None:
    a, b = make_member(1), make_member(2)
    members = MemberList()
    members.update(1, [a])
    loop = threading.Thread(target=lambda: members.update(2, [a, b]))

    def change() -> None:
        loop.start()
        loop.join(0.1)

    told = Told(change)
    ClusterService(members, cast(Any, told)).add_listener(print, fire_for_existing=True)
    loop.join()
    assert told.events == [(True, a), (True, b)]


# --------------------------------------------------------------------------------------------- partitions


def test_tables_have_versions_per_source() -> None:
    a, b = uuid4(), uuid4()
    table = PartitionTable()
    assert table.update(1, 5, [(a, [0, 1])])
    assert not table.update(1, 5, [(b, [0, 1])])
    assert not table.update(1, 6, [])
    assert table.update(2, 1, [(b, [0])])
    assert table.owners == {0: b}
    assert table.update(2, 2, [(a, [0])])


def test_the_count_never_changes_within_a_cluster() -> None:
    table = PartitionTable()
    with pytest.raises(ClientOfflineError):
        table.partition_id(b"\0" * 12)
    table.check_count(271)
    table.check_count(271)
    with pytest.raises(ClientNotAllowedInClusterError, match="11 partitions.*271"):
        table.check_count(11)
    table.reset()
    table.check_count(11)


def test_the_smallest_hash_belongs_to_partition_0() -> None:
    table = PartitionTable()
    table.check_count(271)
    assert table.partition_id(b"\x80\0\0\0" + b"\0" * 8) == 0


# ------------------------------------------------------------------------------------------------- routes


class FakeConnection:
    def __init__(self) -> None:
        self.alive = True
        self.calls: dict[int, object] = {}


class Chooser:
    """A load balancer that chooses what the test says."""

    def __init__(self) -> None:
        self.choices: list[MemberInfo | None] = []

    def next(self) -> MemberInfo | None:
        return self.choices.pop(0) if self.choices else None


class Bench:
    """A router over two members."""

    def __init__(self, *, smart: bool = True) -> None:
        self.a, self.b = uuid4(), uuid4()
        self.at_a = cast(Any, FakeConnection())
        self.at_b = cast(Any, FakeConnection())
        self.table = PartitionTable()
        self.table.check_count(2)
        self.table.update(1, 1, [(self.a, [0]), (self.b, [1])])
        self.chooser = Chooser()
        self.router = cast(Any, Router(self.table, smart, self.chooser))
        self.router.connections.update({self.a: self.at_a, self.b: self.at_b})


def test_calls_go_to_the_owner() -> None:
    bench = Bench()
    for _ in range(2):
        assert bench.router.for_partition(0) is bench.at_a
        assert bench.router.for_partition(1) is bench.at_b
    bench.table.update(1, 2, [(bench.b, [0]), (bench.a, [1])])
    assert bench.router.for_partition(0) is bench.at_b


def test_calls_go_elsewhere_where_the_owner_is_not_connected() -> None:
    bench = Bench()
    assert bench.router.for_partition(1) is bench.at_b
    bench.at_b.alive = False
    assert bench.router.for_partition(1) is bench.at_a
    bench.router.connections[bench.b] = later = FakeConnection()
    assert bench.router.for_partition(1) is later
    assert bench.router.for_partition(77) in (bench.at_a, later)


def test_without_routing_all_go_the_same_way() -> None:
    bench = Bench(smart=False)
    assert {bench.router.for_partition(n) for n in (0, 1)} == {bench.at_a}


def test_calls_to_a_member() -> None:
    bench = Bench()
    assert bench.router.for_member(bench.b) is bench.at_b
    assert bench.router.exactly(bench.b) is bench.at_b
    bench.at_b.alive = False
    assert bench.router.for_member(bench.b) is bench.at_a
    with pytest.raises(TargetNotMemberError):
        bench.router.exactly(bench.b)


def test_the_load_balancer_is_asked_for_calls_without_a_target() -> None:
    bench = Bench()

    bench.chooser.choices = [make_member(1, bench.b), make_member(9), None]
    assert [bench.router.any() for _ in range(3)] == [bench.at_b, bench.at_a, bench.at_a]


def test_nobody_is_connected() -> None:
    bench = Bench()
    bench.at_a.alive = bench.at_b.alive = False
    assert bench.router.find_any() is None
    for choose in (bench.router.any, lambda: bench.router.for_partition(0)):
        with pytest.raises(HazelcastIOError):
            choose()


def test_calls_are_counted() -> None:
    bench = Bench()
    bench.at_a.calls[5] = object()
    assert bench.router.in_flight(5)
    assert not bench.router.in_flight(6)
    assert bench.router.calls_in_flight() == 1


# ------------------------------------------------------------------------------------------------ backoff


def settings_of(
    initial: float, maximum: float, multiplier: float, jitter: float, timeout: float
) -> BackoffSettings:
    return BackoffSettings(
        initial=initial, maximum=maximum, multiplier=multiplier, jitter=jitter, timeout=timeout
    )


def test_pauses_grow_to_the_maximum() -> None:
    backoff = Backoff(settings_of(1.0, 3.0, 2.0, 0.0, -1), 0.0)
    assert [backoff.next_pause(now) for now in (0.0, 1e6, 2e6, 3e6)] == [1.0, 2.0, 3.0, 3.0]


def test_the_first_pause_is_no_longer_than_the_maximum() -> None:
    assert Backoff(settings_of(10.0, 3.0, 2.0, 0.0, -1), 0.0).next_pause(0.0) == 3.0


def test_the_last_pause_is_cut_and_then_it_is_over() -> None:
    backoff = Backoff(settings_of(1.0, 3.0, 1.0, 0.0, 5.0), 100.0)
    assert [backoff.next_pause(now) for now in (100.0, 104.5, 105.0)] == [1.0, 0.5, None]
    assert Backoff(settings_of(1.0, 3.0, 1.0, 0.0, 0.0), 100.0).next_pause(100.0) is None


def test_jitter_varies_pauses_both_ways() -> None:
    settings = settings_of(1.0, 1.0, 1.0, 0.5, -1)
    pauses = [Backoff(settings, 0.0).next_pause(0.0) or 0 for _ in range(200)]
    assert all(0.5 <= pause <= 1.5 for pause in pauses)
    assert min(pauses) < 1 < max(pauses)
