"""Measures for how long calls fail or wait after a fault, until the first one succeeds.

Usage: python -m tests.faults.recovery [--runs 50] [--fault kill|black-hole]

Three real members. In each run, the owner of a key is killed by SIGKILL, or every byte to and from it is
swallowed, while one caller calls for that key without a pause. The figure is the time from the fault until
the first call succeeds that was made after it. Then the member comes back.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

from hzclient.asyncio import HazelcastClient
from hzclient.errors import HazelcastError
from hzclient.server import LocalCluster, Member
from tests.faults.members import ways_to
from tests.faults.proxy import Disturbance, FaultProxy, swallow
from tests.integration.faces import eventually
from tests.internals import engine_of

HEARTBEAT_TIMEOUT = 2.0
GOALS = {"kill": 2.0, "black-hole": HEARTBEAT_TIMEOUT + 2.0}


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
        return len(engine_of(self._client).manager.connections())

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

    async def run(self, number: int, fault: str) -> float:
        """Return the seconds until the first good call in one run.

        Args:
            number: Number of the run.
            fault: "kill" or "black-hole".

        Returns:
            Seconds from the fault to the end of the first successful call that was made after it.
        """
        await eventually(lambda: self._connected() == 3, 120)
        victim = self._cluster.members[number % 3]
        key = await self._key_owned_by(victim)
        m = await self._client.get_map("recovery")
        await m.set(key, "before")
        happened = asyncio.Event()
        calling = asyncio.create_task(self._first_good_call(m, key, happened))
        began = time.monotonic()
        await self._begin(number, fault)
        happened.set()
        took = await calling - began
        await self._end(number, fault)
        return took

    async def _begin(self, number: int, fault: str) -> None:
        if fault == "kill":
            await asyncio.to_thread(self._cluster.members[number % 3].kill)
        else:
            proxy = self._proxies[number % 3]
            proxy.accepting, proxy.disturbance = False, Disturbance(swallow, swallow)

    async def _end(self, number: int, fault: str) -> None:
        if fault == "kill":
            await asyncio.to_thread(self._cluster.members[number % 3].start)
        else:
            await eventually(lambda: self._connected() == 2, 60)
            proxy = self._proxies[number % 3]
            proxy.accepting, proxy.disturbance = True, Disturbance()

    async def _first_good_call(self, m: Any, key: str, happened: asyncio.Event) -> float:
        while True:
            after = happened.is_set()
            try:
                await m.set(key, "after")
            except (HazelcastError, OSError):
                continue
            if after:
                return time.monotonic()


async def measure(runs: int, fault: str) -> list[float]:
    """Return the seconds of each run.

    Args:
        runs: Number of runs.
        fault: "kill" or "black-hole".

    Returns:
        Seconds until the first good call, in order of the runs.
    """
    with LocalCluster(members=3) as cluster:
        async with ways_to(cluster, fault == "black-hole") as (ways, proxies, _):
            options: dict[str, Any] = dict(ways)
            if proxies:
                options |= {"heartbeat_interval": 0.2, "heartbeat_timeout": HEARTBEAT_TIMEOUT}
            async with HazelcastClient(**options) as client:
                await (await client.get_map("recovery")).set("first", 1)  # members assign partitions now
                recovery = Recovery(cluster, client, proxies)
                return [await recovery.run(number, fault) for number in range(runs)]


def percentile(seconds: Sequence[float], percent: int) -> float:
    """Return a percentile of the runs."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description="Measure the time until the first good call after a fault.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--fault", choices=tuple(GOALS), default="kill")
    arguments = parser.parse_args()
    seconds = asyncio.run(measure(arguments.runs, arguments.fault))
    p50, p99 = percentile(seconds, 50), percentile(seconds, 99)
    print(  # noqa: T201
        f"{arguments.fault}: {len(seconds)} runs, p50 {p50:.2f} s, p99 {p99:.2f} s, "
        f"longest {max(seconds):.2f} s, goal p99 < {GOALS[arguments.fault]:g} s"
    )


if __name__ == "__main__":
    main()
