"""Statistics that the client sends to the cluster, for management tools."""

from __future__ import annotations

import logging
import time
from asyncio import Task
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from hzclient._codec import client as codec
from hzclient._runtime.base import Runtime
from hzclient._services.gauges import Gauges
from hzclient._services.invocation import CALL_FAILURES, InvocationService
from hzclient._services.metrics import Metric, Unit, compress
from hzclient._services.ports import Connection
from hzclient.core import CLIENT_TYPE, Address
from hzclient.util import to_millis

__all__ = ("ReportedConnection", "ReportedNearCache", "ReportedNearCaches", "Statistics", "escaped")

_logger = logging.getLogger("hzclient.statistics")

_NEAR_CACHE_NUMBERS: Mapping[str, tuple[str, Unit]] = {
    "creationTime": ("creation_time", Unit.MS),
    "evictions": ("evictions", Unit.COUNT),
    "hits": ("hits", Unit.COUNT),
    "misses": ("misses", Unit.COUNT),
    "ownedEntryCount": ("owned_entry_count", Unit.COUNT),
    "expirations": ("expirations", Unit.COUNT),
    "invalidations": ("invalidations", Unit.COUNT),
    "invalidationRequests": ("invalidation_requests", Unit.COUNT),
    "ownedEntryMemoryCost": ("owned_entry_memory_cost", Unit.BYTES),
}
"""By the members' name of a near cache's metric: our name, and the unit."""


class ReportedNearCaches(Protocol):
    """What statistics need of the near caches."""

    def list_near_caches(self) -> Sequence[ReportedNearCache]:
        """Return all near caches."""
        ...


class ReportedNearCache(Protocol):
    """What statistics need of a near cache."""

    @property
    def name(self) -> str:
        """Name of the map."""
        ...

    def get_statistics(self) -> Mapping[str, float]:
        """Return the metrics by name. `creation_time` is in seconds since 1970."""
        ...


class ReportedConnection(Connection, Protocol):
    """What statistics need of a connection.

    Attributes:
        opened_at: Wall clock time at which the connection was opened.
    """

    opened_at: float

    @property
    def local_address(self) -> Address | None:
        """Address of the client's end of the connection."""
        ...


class Statistics:
    """Collects and sends statistics periodically.

    Args:
        runtime: Runs the timer.
        invocations: Sends the requests.
        near_caches: Near caches, which have metrics of their own.
        client_name: Name of the client.
        client_version: Version of this package.
        period: Seconds between two reports.
        connections: Returns the open connections. The first one is used.
        traffic: Returns the numbers of bytes that the client has sent and received.
    """

    def __init__(
        self,
        runtime: Runtime,
        invocations: InvocationService,
        *,
        near_caches: ReportedNearCaches,
        client_name: str,
        client_version: str,
        period: float,
        connections: Callable[[], Iterable[ReportedConnection]],
        traffic: Callable[[], tuple[int, int]],
    ) -> None:
        self._runtime = runtime
        self._invocations = invocations
        self._near_caches = near_caches
        self._client_name = client_name
        self._client_version = client_version
        self._period = period
        self._connections = connections
        self._traffic = traffic
        self._task: Task[Any] | None = None

    def start(self) -> None:
        """Start sending, for the first time after one period. Called on the loop."""
        if self._task is None:
            self._task = self._runtime.spawn(self._run(), "statistics")

    def shutdown(self) -> None:
        """Stop sending. Called on the loop."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        gauges = await self._runtime.run_in_thread(Gauges)
        while True:
            await self._runtime.sleep(self._period)
            connection = next(iter(self._connections()), None)
            if connection is None:
                _logger.debug("No connection to send statistics on")
                continue
            numbers = await self._runtime.run_in_thread(gauges.read)
            try:
                await self._send(connection, numbers)
            except CALL_FAILURES as error:
                _logger.debug("Cannot send statistics: %s", error)

    async def _send(self, connection: ReportedConnection, numbers: Mapping[str, float]) -> None:
        now = time.time()
        caches = {cache.name: _numbers_of(cache) for cache in self._near_caches.list_near_caches()}
        await self._invocations.invoke(
            codec.STATISTICS.encode(
                to_millis(now),
                self._attributes(connection, now, caches, numbers),
                self._metrics(caches, numbers),
            ),
            connection=connection,
        )

    def _attributes(
        self,
        connection: ReportedConnection,
        now: float,
        caches: Mapping[str, Mapping[str, int]],
        numbers: Mapping[str, float],
    ) -> str:
        pairs: dict[str, object] = {
            "lastStatisticsCollectionTime": to_millis(now),
            "enterprise": "false",
            "clientType": CLIENT_TYPE,
            "clientVersion": self._client_version,
            "clusterConnectionTimestamp": to_millis(connection.opened_at),
            "clientAddress": connection.local_address.to_string() if connection.local_address else "",
            "clientName": escaped(self._client_name),
        }
        for name, values in caches.items():
            prefix = f"nc.{escaped(name.removeprefix('/'))}."
            pairs.update((prefix + key, value) for key, value in values.items())
        pairs.update(numbers)
        return ",".join(f"{key}={value}" for key, value in pairs.items())

    def _metrics(self, caches: Mapping[str, Mapping[str, int]], numbers: Mapping[str, float]) -> bytes:
        metrics = [
            Metric(key, value, "nearcache", ("name", name), _NEAR_CACHE_NUMBERS[key][1])
            for name, values in caches.items()
            for key, value in values.items()
        ]
        for name, value in numbers.items():
            prefix, _, metric = name.rpartition(".")
            metrics.append(Metric(metric, value, prefix))
        sent, received = self._traffic()
        metrics.append(Metric("bytesSend", sent, "tcp", unit=Unit.BYTES))
        metrics.append(Metric("bytesReceived", received, "tcp", unit=Unit.BYTES))
        return compress(metrics)


def _numbers_of(cache: ReportedNearCache) -> dict[str, int]:
    known = cache.get_statistics()
    numbers = {key: int(known[ours]) for key, (ours, _) in _NEAR_CACHE_NUMBERS.items()}
    numbers["creationTime"] = to_millis(known["creation_time"])
    return numbers


def escaped(text: str) -> str:
    """Escape the characters that separate attributes and parts of names with a backslash."""
    for special in "\\,.=":
        text = text.replace(special, "\\" + special)
    return text
