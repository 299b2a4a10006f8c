"""Measures for how long calls fail or wait after a fault, until the first one succeeds.

Usage: python -m tests.faults.recovery [--runs 50] [--fault kill|black-hole] [--property NAME=VALUE]

Three real members. In each run, the owner of a key is killed by SIGKILL, or every byte to and from it is
swallowed, while one caller calls for that key without a pause. The first figure is the time from the fault
until the first call succeeds that was made after the client had lost its connection to the member. After a
SIGKILL, a second figure is the time until the other members publish a member list without the lost one: no
call can succeed before. Then the member comes back.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hzclient.asyncio import HazelcastClient
from hzclient.errors import HazelcastError
from hzclient.server import LocalCluster, Member
from tests.faults.members import ways_to
from tests.faults.proxy import Disturbance, FaultProxy, swallow
from tests.integration.faces import eventually

HEARTBEAT_TIMEOUT = 2.0
MEMBERS = 3
GOALS = {"kill": 2.0, "black-hole": HEARTBEAT_TIMEOUT + 2.0}


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured in one run.

    Attributes:
        recovered: Seconds from the fault to the end of the first good call.
        published: Seconds from a kill to the member list without the lost member; None for other faults.
    """

    recovered: float
    published: float | None

    def __str__(self) -> str:
        published = "" if self.published is None else f", loss published after {self.published:.2f} s"
        return f"{self.recovered:.2f} s{published}"


class Recovery:
    """One cluster and one client, for all runs.

    Args:
        cluster: The members.
        client: The client.
        proxies: The ways to the members, if they are proxied.
    """

    def __init__(self, cluster: LocalCluster, client: HazelcastClient, proxies: list[FaultProxy]) -> None:
        self._cluster = cluster
        self._client = client
        self._proxies = proxies

    def _connected(self) -> int:
        return self._client.health().connections

    async def _key_owned_by(self, member: Member) -> str:
        """Return a key whose partition a member owns; wait until it owns one."""
        members = self._client.cluster_service.get_members()
        (uuid,) = (each.uuid for each in members if each.address.port == member.port)
        service = self._client.partition_service

        async def found() -> str | None:
            for number in range(1000):
                if service.get_partition_owner(await service.get_partition_id(f"k{number}")) == uuid:
                    return f"k{number}"
            return None

        key: str = await eventually(found, 120)
        return key

    async def run(self, number: int, fault: str) -> Figures:
        """Let the fault happen once.

        Args:
            number: Number of the run.
            fault: "kill" or "black-hole".

        Returns:
            What was measured.
        """
        await eventually(lambda: self._connected() == MEMBERS, 120)
        key = await self._key_owned_by(self._cluster.members[number % MEMBERS])
        m = await self._client.get_map("recovery")
        await m.set(key, "before")
        calling = asyncio.create_task(self._first_good_call(m, key))
        with self._removal_observed() as removed:
            began = time.monotonic()
            await self._begin(number, fault)
            recovered = await calling - began
            published = await removed - began if fault == "kill" else None
        await self._end(number, fault)
        return Figures(recovered, published)

    @contextmanager
    def _removal_observed(self) -> Iterator[asyncio.Future[float]]:
        """Yield a future of the time at which the client learns that a member has left."""
        removed: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        service = self._client.cluster_service

        def on_removed(_: object) -> None:
            if not removed.done():
                removed.set_result(time.monotonic())

        registration = service.add_listener(member_removed=on_removed)
        try:
            yield removed
        finally:
            service.remove_listener(registration)

    async def _begin(self, number: int, fault: str) -> None:
        if fault == "kill":
            await asyncio.to_thread(self._cluster.members[number % MEMBERS].kill)
        else:
            proxy = self._proxies[number % MEMBERS]
            proxy.accepting, proxy.disturbance = False, Disturbance(swallow, swallow)

    async def _end(self, number: int, fault: str) -> None:
        if fault == "kill":
            await asyncio.to_thread(self._cluster.members[number % MEMBERS].start)
        else:
            await eventually(lambda: self._connected() == 2, 60)
            proxy = self._proxies[number % MEMBERS]
            proxy.accepting, proxy.disturbance = True, Disturbance()

    async def _first_good_call(self, m: Any, key: str) -> float:
        while True:
            after = self._connected() < MEMBERS
            try:
                await m.set(key, "after")
            except (HazelcastError, OSError):
                continue
            if after:
                return time.monotonic()


async def measure(runs: int, fault: str, properties: dict[str, str]) -> list[Figures]:
    """Return the figures of each run.

    Args:
        runs: Number of runs.
        fault: "kill" or "black-hole".
        properties: Properties of the members.

    Returns:
        What was measured, in order of the runs.
    """
    with LocalCluster(members=MEMBERS, properties=properties) as cluster:
        async with ways_to(cluster, fault == "black-hole") as (ways, proxies, _):
            options: dict[str, Any] = dict(ways)
            if proxies:
                options |= {"heartbeat_interval": 0.2, "heartbeat_timeout": HEARTBEAT_TIMEOUT}
            async with HazelcastClient(**options) as client:
                await (await client.get_map("recovery")).set("first", 1)  # members assign partitions now
                recovery = Recovery(cluster, client, proxies)
                return [await report(recovery.run(number, fault), number) for number in range(runs)]


async def report(run: Awaitable[Figures], number: int) -> Figures:
    """Print the figures of one run, and return them."""
    figures = await run
    print(f"{number + 1}: {figures}", file=sys.stderr, flush=True)  # noqa: T201
    return figures


def percentiles(seconds: Sequence[float]) -> str:
    """Return a text with the percentiles of some runs."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, longest {max(seconds):.2f} s"


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description="Measure the time until the first good call after a fault.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--fault", choices=tuple(GOALS), default="kill")
    parser.add_argument("--property", action="append", default=[], help="of the members (repeatable)")
    arguments = parser.parse_args()
    properties = dict(each.split("=", 1) for each in arguments.property)
    runs = asyncio.run(measure(arguments.runs, arguments.fault, properties))
    goal = f"goal p99 < {GOALS[arguments.fault]:g} s"
    print(f"{arguments.fault}: {len(runs)} runs, {percentiles([each.recovered for each in runs])}, {goal}")  # noqa: T201
    if published := [each.published for each in runs if each.published is not None]:
        later = [each.recovered - each.published for each in runs if each.published is not None]
        print(f"the members publish the loss: {percentiles(published)}")  # noqa: T201
        print(f"first good call after that: {percentiles(later)}")  # noqa: T201


if __name__ == "__main__":
    main()
