"""The faults of members and of the ways to them, and what surrounds a run: members, proxies, names."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from hzclient.core import Address
from hzclient.server import LocalCluster, Member
from tests.faults.proxy import Disturbance, FaultProxy, swallow
from tests.faults.work import Work, connections_of
from tests.faults.world import World
from tests.integration.faces import Face, eventually

START_SECONDS = 90.0
"""Limit for what needs the start of members, on a busy machine."""

NOTICE_SECONDS = 8.0
"""Seconds in which each client must leave a connection that is of no use any more: a heartbeat timeout of
2 s, what the last responses excuse, and what a busy machine may add."""

_STATUS_AT = 4 + 2 + 4 + 8 + 1
"""Where an authentication's response has its status: after length, flags, type, id and number of acks."""

_CREDENTIALS_FAILED = 1


@dataclass
class Stage:
    """Where a fault takes place.

    Attributes:
        cluster: The members.
        world: The run.
        works: The callers.
        faces: The clients.
        proxies: The ways to the members, in their order, if the clients use proxies.
        names: The host names of the members, if the clients use proxies.
        running: The callers at work.
        members: The members that ran when the run began.
    """

    cluster: LocalCluster
    world: World
    works: list[Work]
    faces: list[Face]
    proxies: list[FaultProxy]
    names: Names
    running: list[Any] = field(default_factory=list)
    members: list[Member] = field(init=False)

    def __post_init__(self) -> None:
        self.members = [member for member in self.cluster.members if member.is_alive]

    async def until(self, fact: Callable[[], Any]) -> None:
        """Wait for a fact. Raise the error of a caller that has ended meanwhile."""

        def holds() -> Any:
            for each in self.running:
                if each.done():
                    each.result()
            return fact()

        await eventually(holds, START_SECONDS)

    async def connected_to(self, members: int) -> None:
        """Wait until each client is connected to so many members."""
        await self.until(lambda: all(len(connections_of(face)) == members for face in self.faces))

    async def all_go_on(self, steps: int = 3) -> None:
        """Wait until each caller has done more steps in which everything succeeded."""
        wanted = {work: work.tally.good + steps for work in self.works}
        try:
            await self.until(lambda: all(work.tally.good >= good for work, good in wanted.items()))
        except AssertionError:
            stuck = {repr(w.tally): w.tally.errors for w, good in wanted.items() if w.tally.good < good}
            raise AssertionError(f"these do not go on: {stuck}") from None

    async def all_have_outcomes(self) -> None:
        """Wait until each caller has begun another step: its earlier calls have an outcome."""
        wanted = {work: work.steps + 1 for work in self.works}
        await self.until(lambda: all(work.steps >= steps for work, steps in wanted.items()))

    def disturb(self, disturbance: Disturbance, *, accepting: bool = True) -> None:
        """Disturb all ways."""
        for proxy in self.proxies:
            proxy.disturbance = disturbance
            proxy.accepting = accepting

    async def reset(self) -> None:
        """End all connections, and wait until each client has noticed."""
        async with self.all_connections_end():
            for proxy in self.proxies:
                proxy.reset()

    @asynccontextmanager
    async def all_connections_end(self) -> AsyncIterator[None]:
        """Wait at the end of the block until the clients have left the connections of its beginning."""
        before = [each for face in self.faces for each in connections_of(face)]
        yield
        began = time.monotonic()
        await self.until(lambda: not any(each.alive for each in before))
        now = time.monotonic()
        took, limit = now - began, NOTICE_SECONDS + self.world.lag.between(began, now)
        assert took <= limit, (
            f"the clients left their connections after {took:.1f} s, not within {limit:.1f} s"
        )

    async def reset_and_disturb(self, disturbance: Disturbance, *, accepting: bool = True) -> None:
        """Cut all connections and disturb new ones, until each caller has had outcomes."""
        self.disturb(disturbance, accepting=accepting)
        await self.reset()
        await self.all_have_outcomes()
        self.disturb(Disturbance())


async def kill(stage: Stage) -> None:
    """SIGKILL; the others take over; then the member is started again."""
    victim = stage.members[-1]
    await asyncio.to_thread(victim.kill)
    await stage.all_go_on()
    await asyncio.to_thread(victim.start)


async def stop(stage: Stage) -> None:
    """SIGTERM: the member hands its data over. Then it is started again."""
    victim = stage.members[-1]
    await asyncio.to_thread(victim.stop)
    await stage.all_go_on()
    await asyncio.to_thread(victim.start)


async def pause(stage: Stage) -> None:
    """SIGSTOP until each client has left the member, then SIGCONT."""
    victim = stage.members[-1]
    victim.pause()
    try:
        await stage.connected_to(stage.world.size - 1)
        # Calls to its partitions cannot succeed meanwhile: the other members still count it among them.
    finally:
        victim.resume()


async def restart_all(stage: Stage) -> None:
    """SIGKILL for all, and a new cluster at the same addresses, with another id and without data."""
    for member in stage.members:
        await asyncio.to_thread(member.kill)
    stage.world.losses += 1
    await stage.connected_to(0)
    for member in stage.members:
        await asyncio.to_thread(member.start)


async def lose_all(stage: Stage) -> None:
    """All members become unreachable, and come back: the same cluster with the same id."""
    await stage.reset_and_disturb(Disturbance(), accepting=False)


async def add(stage: Stage) -> None:
    """One more member, which takes over partitions, and leaves again gracefully."""
    member = await asyncio.to_thread(stage.cluster.start_member)
    await stage.connected_to(stage.world.size + 1)
    await stage.all_go_on()
    await asyncio.to_thread(member.stop)


async def rolling_restart(stage: Stage) -> None:
    """Each member in turn is stopped gracefully and started again."""
    for member in stage.members:
        await asyncio.to_thread(member.restart)
        await stage.connected_to(stage.world.size)


async def split(stage: Stage) -> None:
    """One member becomes unreachable for the clients, but not for the other members."""
    proxy = stage.proxies[-1]
    proxy.disturbance = Disturbance(to_member=swallow, to_client=swallow)
    proxy.accepting = False
    await stage.connected_to(stage.world.size - 1)
    await stage.all_go_on()
    proxy.disturbance = Disturbance()
    proxy.accepting = True


def refuse(data: bytes) -> bytes:
    """Change the response to an authentication: the credentials are refused."""
    return data[:_STATUS_AT] + bytes([_CREDENTIALS_FAILED]) + data[_STATUS_AT + 1 :]


async def refuse_authentication(stage: Stage) -> None:
    """All connections are cut; new ones are refused for a while."""
    await stage.reset_and_disturb(Disturbance(greeting=refuse))


async def slow_authentication(stage: Stage) -> None:
    """All connections are cut; members respond late to each authentication."""
    stage.disturb(Disturbance(greeting_delay=0.5))
    await stage.reset()
    await stage.connected_to(stage.world.size)
    await stage.all_go_on()
    stage.disturb(Disturbance())


async def silent_authentication(stage: Stage) -> None:
    """All connections are cut; members do not respond to an authentication for a while."""
    await stage.reset_and_disturb(Disturbance(greeting=swallow()))


async def change_names(stage: Stage) -> None:
    """Move the members to another address: their names say so, and nothing accepts at the old one."""
    moved = [
        FaultProxy(port_of(member.address), "127.0.0.2", proxy.own_port)
        for member, proxy in zip(stage.members, stage.proxies, strict=True)
    ]
    for proxy in moved:
        await proxy.__aenter__()
    stage.names.host = "127.0.0.2"
    for proxy in stage.proxies:
        proxy.stop_listening()
    await stage.reset()
    stage.proxies.extend(moved)


async def fail_names(stage: Stage) -> None:
    """All connections are cut, and no name can be looked up for a while."""
    stage.names.host = None
    await stage.reset()
    await stage.all_have_outcomes()
    stage.names.host = "127.0.0.1"


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        happen: Makes it happen and ends it, while callers go on.
        clusters: Clusters on which it takes place: in each run, and only in long runs.
        proxied: Whether the clients reach the members through proxies, under names.
    """

    happen: Callable[[Stage], Awaitable[None]]
    clusters: tuple[tuple[str, ...], tuple[str, ...]] = (("raft",), ("new",))
    proxied: bool = False


FAULTS = {
    "SIGSTOP, later SIGCONT": Fault(pause, (("raft",), ("new", "unsafe"))),
    "member added, later stopped": Fault(add),
    "one member unreachable": Fault(split, proxied=True),
    "all members unreachable, same cluster id": Fault(lose_all, proxied=True),
    "authentication refused": Fault(refuse_authentication, proxied=True),
    "authentication slow (0.5 s)": Fault(slow_authentication, proxied=True),
    "authentication without a response": Fault(silent_authentication, proxied=True),
    "DNS changes": Fault(change_names, proxied=True),
    "DNS fails": Fault(fail_names, proxied=True),
    # The CP subsystem keeps no more members than it had: this is the last one on that cluster.
    "SIGKILL": Fault(kill, (("raft", "new"), ("unsafe",))),
    "graceful stop": Fault(stop, (("unsafe",), ("new",))),
    "rolling restart": Fault(rolling_restart, (("unsafe",), ("new",))),
    "all members restarted, another cluster id": Fault(restart_all, (("unsafe",), ("new",))),
}


class Names:
    """Host names of the members: `m0.faults.test` and so on, as clients look them up.

    Attributes:
        host: What the names resolve to; None if they cannot be looked up.
    """

    SUFFIX = ".faults.test"

    def __init__(self) -> None:
        self.host: str | None = "127.0.0.1"
        self._look_up = socket.getaddrinfo

    @contextmanager
    def known(self) -> Iterator[None]:
        """Let this process know the names during the block."""
        socket.getaddrinfo = self._found
        try:
            yield
        finally:
            socket.getaddrinfo = self._look_up

    def _found(self, host: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(host, str) and host.endswith(self.SUFFIX) and not kwargs.get("flags"):
            if self.host is None:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            host = self.host
        return self._look_up(host, *args, **kwargs)


class Ways:
    """Address provider that leads to the proxies of members, under names.

    Args:
        proxied: The name and port to dial for the port of each member.
    """

    def __init__(self, proxied: dict[int, Address]) -> None:
        self._proxied = proxied

    def load_addresses(self) -> tuple[list[Address], list[Address]]:
        return list(self._proxied.values()), []

    def translate(self, address: Address) -> Address:
        return self._proxied.get(address.port, address)


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


@asynccontextmanager
async def ways_to(
    cluster: LocalCluster, proxied: bool
) -> AsyncIterator[tuple[dict[str, Any], list[FaultProxy], Names]]:
    """Yield the options that lead clients to the members, the proxies, and the names."""
    names, proxies = Names(), list[FaultProxy]()
    if not proxied:
        yield {"cluster_members": cluster.addresses}, proxies, names
        return
    with names.known():
        try:
            ways = {}
            for number, address in enumerate(cluster.addresses):
                proxy = FaultProxy(port_of(address))
                await proxy.__aenter__()
                proxies.append(proxy)
                ways[port_of(address)] = Address(f"m{number}{Names.SUFFIX}", proxy.own_port)
            yield {"address_provider": Ways(ways)}, proxies, names
        finally:
            for proxy in proxies:
                await proxy.__aexit__()
