"""Figures of `top`: rates and averages between two collections of the members' metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hzclient._management import MemberReport

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Names of the metrics of one kind of structure.

    Attributes:
        calls: Counters of calls.
        latencies: Counters of milliseconds that calls took, each with the counter of these calls.
        entries: Number of entries; None if members do not report it.
        backups: Number of entries that are backups of those of other members.
        copied: Every member has all entries, so their numbers are not added up.
    """

    calls: tuple[str, ...]
    latencies: tuple[tuple[str, str], ...] = ()
    entries: str | None = None
    backups: str | None = None
    copied: bool = False


_MAP: Final = _Kind(
    calls=("getCount", "putCount", "setCount", "removeCount", "numberOfOtherOperations"),
    latencies=(
        ("totalGetLatency", "getCount"),
        ("totalPutLatency", "putCount"),
        ("totalSetLatency", "setCount"),
        ("totalRemoveLatency", "removeCount"),
    ),
    entries="ownedEntryCount",
    backups="backupEntryCount",
)

_KINDS: Final[Mapping[str, _Kind]] = {
    "map": _MAP,
    "multiMap": _MAP,
    "replicatedMap": _Kind(
        calls=("getCount", "putCount", "removeCount"),
        latencies=(
            ("totalGetLatencies", "getCount"),
            ("totalPutLatencies", "putCount"),
            ("totalRemoveLatencies", "removeCount"),
        ),
        entries="ownedEntryCount",
        copied=True,
    ),
    "queue": _Kind(
        calls=("numberOfOffers", "numberOfPolls", "numberOfEmptyPolls", "numberOfOtherOperations"),
        entries="ownedItemCount",
        backups="backupItemCount",
    ),
    "topic": _Kind(calls=("totalPublishes",)),
    "reliableTopic": _Kind(calls=("totalPublishes",)),
    "pnCounter": _Kind(calls=("totalIncrementOperationCount", "totalDecrementOperationCount")),
    "flakeIdGenerator": _Kind(calls=("batchCount",)),
}

_INTERNAL: Final = "__"
"""Prefix of the names of structures that members keep for themselves."""

Key = tuple[str, str, str]
"""Prefix, name of the structure (empty for numbers of the member itself), name of the metric."""


class _Member:
    """The last two different collections of one member."""

    def __init__(self) -> None:
        self.report: MemberReport | None = None
        self._collected: tuple[int, dict[Key, float]] | None = None
        self._before: tuple[int, dict[Key, float]] | None = None

    def take(self, report: MemberReport) -> None:
        """Take the next report, which may hold the same collection as the one before."""
        self.report = report
        if not report.readings:
            return
        if self._collected is None or report.collected_at != self._collected[0]:
            self._before = self._collected
            self._collected = (report.collected_at, _own(report))

    @property
    def now(self) -> dict[Key, float]:
        """The numbers of the latest collection."""
        return self._collected[1] if self._collected is not None else {}

    @property
    def seconds(self) -> float | None:
        """Seconds between the two collections; None if there is only one."""
        if self._collected is None or self._before is None:
            return None
        return max(0.001, (self._collected[0] - self._before[0]) / 1000)

    def increase(self, key: Key) -> float:
        """Return by how much a counter has grown. A structure may have been destroyed and created again."""
        if self._before is None:
            return 0.0
        now = self.now.get(key, 0.0)
        before = self._before[1].get(key, 0.0)
        return now - before if now >= before else now


def _own(report: MemberReport) -> dict[Key, float]:
    """Return the member's own numbers, without those that clients reported to it."""
    return {
        (each.prefix, each.labels.get("name", ""), each.name): each.value
        for each in report.readings
        if "client" not in each.labels and (not each.labels or "name" in each.labels)
    }


class Figures:
    """Turns the reports of members into tables. Rates are None until a member has collected twice.

    Args:
        own_client: Identifier of the client that asks, which is left out.
    """

    def __init__(self, own_client: UUID) -> None:
        self._own_client = str(own_client)
        self._members: dict[UUID, _Member] = {}

    def take(self, reports: Iterable[MemberReport]) -> None:
        """Take the next reports. A member is forgotten if it has none."""
        members = dict[UUID, _Member]()
        for report in reports:
            member = members[report.uuid] = self._members.get(report.uuid) or _Member()
            member.take(report)
        self._members = members

    def members(self) -> list[Row]:
        """Return one row per member: load, memory, operations and clients."""
        return [_member_row(each, self._own_client) for each in self._members.values()]

    def structures(self) -> list[Row]:
        """Return one row per structure, the busiest first."""
        found: dict[tuple[str, str], list[_Member]] = defaultdict(list)
        for member in self._members.values():
            names = {(prefix, name) for prefix, name, _ in member.now if prefix in _KINDS}
            for key in names:
                if key[1] and not key[1].startswith(_INTERNAL):
                    found[key].append(member)
        rows = [_structure_row(kind, name, members) for (kind, name), members in found.items()]
        return sorted(rows, key=lambda row: (-(row["calls_per_second"] or 0.0), row["kind"], row["name"]))

    def clients(self) -> list[Row]:
        """Return one row per client: its description, and what it reports if its statistics are enabled."""
        rows: dict[str, Row] = {}
        for client in self._described():
            uuid = str(client.get("uuid"))
            if uuid == self._own_client:
                continue
            row = rows.setdefault(uuid, _client_row(uuid, client))
            row["connections"] += 1
        for uuid, numbers in self._client_numbers().items():
            if uuid in rows:
                rows[uuid] |= {
                    "memory": numbers.get(("runtime", "", "usedMemory")),
                    "bytes_sent": numbers.get(("tcp", "", "bytesSend")),
                    "bytes_received": numbers.get(("tcp", "", "bytesReceived")),
                }
        return sorted(rows.values(), key=lambda row: (row["name"], row["uuid"]))

    def near_caches(self) -> list[Row]:
        """Return one row per near cache of a client that reports statistics."""
        names = {str(client.get("uuid")): str(client.get("name")) for client in self._described()}
        rows = list[Row]()
        for uuid, numbers in self._client_numbers().items():
            for cache in sorted({name for prefix, name, _ in numbers if prefix == "nearcache"}):
                rows.append(_near_cache_row(names.get(uuid, uuid), cache, numbers))
        return sorted(rows, key=lambda row: (row["client"], row["map"]))

    def problems(self) -> dict[str, str]:
        """Return why something is missing, by address of the member."""
        reports = [each.report for each in self._members.values() if each.report is not None]
        return {each.address: each.problem for each in reports if each.problem is not None}

    def cluster_name(self) -> str | None:
        """Return the name of the cluster as members report it."""
        for member in self._members.values():
            if member.report is not None and "clusterName" in member.report.state:
                return str(member.report.state["clusterName"])
        return None

    def _described(self) -> Iterable[Mapping[str, Any]]:
        for member in self._members.values():
            if member.report is not None:
                yield from member.report.state.get("memberState", {}).get("clients", ())

    def _client_numbers(self) -> dict[str, dict[Key, float]]:
        found: dict[str, dict[Key, float]] = {}
        for member in self._members.values():
            for each in member.report.readings if member.report is not None else ():
                uuid = each.labels.get("client")
                if uuid is not None and uuid != self._own_client:
                    key = (each.prefix, each.labels.get("name", ""), each.name)
                    found.setdefault(uuid, {})[key] = each.value
        return found


def _member_row(member: _Member, own_client: str) -> Row:
    report = member.report
    assert report is not None
    now, seconds = member.now, member.seconds
    state: Mapping[str, Any] = report.state.get("memberState", {})
    partitions: Mapping[str, Any] = state.get("memberPartitionState", {})
    node: Mapping[str, Any] = state.get("nodeState", {})
    completed: Key = ("operation", "", "completedCount")
    return {
        "address": report.address,
        "uuid": str(report.uuid),
        "version": node.get("memberVersion"),
        "ping_ms": _rounded(report.round_trip, 1000),
        "cpu_percent": _rounded(now.get(("os", "", "processCpuLoad"))),
        "heap_used": now.get(("memory", "", "usedHeap")),
        "heap_max": now.get(("memory", "", "maxHeap")),
        "operations_per_second": None if seconds is None else _rounded(member.increase(completed) / seconds),
        "clients": _count_others(state["clients"], own_client) if "clients" in state else None,
        "partitions": len(partitions["partitions"]) if "partitions" in partitions else None,
        "backups_complete": partitions.get("memberStateSafe"),
    }


def _count_others(clients: Sequence[Mapping[str, Any]], own_client: str) -> int:
    return sum(client.get("uuid") != own_client for client in clients)


def _structure_row(kind: str, name: str, members: Sequence[_Member]) -> Row:
    names = _KINDS[kind]
    rates = [
        sum(member.increase((kind, name, each)) for each in names.calls) / member.seconds
        for member in members
        if member.seconds is not None
    ]
    took = sum(member.increase((kind, name, total)) for member in members for total, _ in names.latencies)
    timed = sum(member.increase((kind, name, count)) for member in members for _, count in names.latencies)
    return {
        "kind": kind,
        "name": name,
        "calls_per_second": _rounded(sum(rates)) if rates else None,
        "latency_ms": _rounded(took / timed) if timed else None,
        "entries": _total(kind, name, names.entries, members, names.copied),
        "backups": _total(kind, name, names.backups, members, names.copied),
    }


def _total(
    kind: str, name: str, metric: str | None, members: Sequence[_Member], copied: bool
) -> float | None:
    if metric is None:
        return None
    numbers = [member.now.get((kind, name, metric), 0) for member in members]
    return max(numbers) if copied else sum(numbers)


def _client_row(uuid: str, client: Mapping[str, Any]) -> Row:
    return {
        "name": client.get("name"),
        "uuid": uuid,
        "type": client.get("clientType"),
        "version": client.get("clientVersion"),
        "address": client.get("address"),
        "labels": client.get("labels", []),
        "connections": 0,
        "memory": None,
        "bytes_sent": None,
        "bytes_received": None,
    }


def _near_cache_row(client: str, cache: str, numbers: Mapping[Key, float]) -> Row:
    hits, misses = (numbers.get(("nearcache", cache, each), 0) for each in ("hits", "misses"))
    return {
        "client": client,
        "map": cache,
        "hits": hits,
        "misses": misses,
        "hit_percent": _rounded(hits / (hits + misses), 100) if hits + misses else None,
        "entries": numbers.get(("nearcache", cache, "ownedEntryCount")),
        "memory": numbers.get(("nearcache", cache, "ownedEntryMemoryCost")),
        "invalidations": numbers.get(("nearcache", cache, "invalidations")),
    }


def _rounded(value: float | None, factor: float = 1) -> float | None:
    return None if value is None else round(value * factor, 2)
