"""The connections of a client: the first one, those to other members, and new ones after a loss."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

from hzclient._net.addresses import AddressBook
from hzclient._net.authentication import Reply
from hzclient._net.backoff import Backoff, BackoffSettings
from hzclient._net.connection import MemberConnection
from hzclient._net.connector import Connector
from hzclient._net.phase import Phase
from hzclient._pauses import Pauses
from hzclient._runtime.base import Runtime
from hzclient._services.cluster_view import ClusterView
from hzclient._services.invocation import InvocationService
from hzclient._services.lifecycle import Lifecycle
from hzclient._services.listeners import ListenerService
from hzclient._services.member_groups import MemberGroups, read_groups
from hzclient._services.members import MemberList, MembershipChange
from hzclient._services.partitions import PartitionTable
from hzclient._services.routing import Router
from hzclient._services.schemas import SchemaService
from hzclient.config import ReconnectMode
from hzclient.core import Address, MemberInfo
from hzclient.errors import (
    AuthenticationError,
    ClientNotAllowedInClusterError,
    ClientOfflineError,
    HazelcastCertificationError,
    HazelcastError,
    HazelcastIOError,
    IllegalStateError,
    InvalidConfigurationError,
)
from hzclient.lifecycle import LifecycleState

_logger = logging.getLogger("hzclient.connection")

_MEMBER_PAUSES = Pauses(1.0, 10.0)
"""Pauses before a member that could not be reached is tried again."""

_REFUSALS = (AuthenticationError, HazelcastCertificationError)
"""Errors that end a first start: trying again would not help, because something must be changed."""


class ManagerSettings(NamedTuple):
    """Settings of the connection to the cluster.

    Attributes:
        smart: Connect to every member, not only to one.
        async_start: Do not wait for the cluster at the start.
        reconnect_mode: Reaction to the loss of the last connection, one of `ReconnectMode`.
        backoff: Pauses between rounds of attempts.
        try_count: How often all clusters are tried, if there are several, before the client gives up.
        one_group: Connect only to the members of one partition group.
    """

    smart: bool
    async_start: bool
    reconnect_mode: int
    backoff: BackoffSettings
    try_count: int = 0
    one_group: bool = False


class Cluster(NamedTuple):
    """A cluster that the client may connect to.

    Attributes:
        name: Its name.
        connector: Opens single connections to its members.
        addresses: Knows the addresses to dial.
    """

    name: str
    connector: Connector
    addresses: AddressBook


class Services(NamedTuple):
    """The services that the manager notifies and asks."""

    invocations: InvocationService
    router: Router
    members: MemberList
    partitions: PartitionTable
    view: ClusterView
    listeners: ListenerService
    schemas: SchemaService
    lifecycle: Lifecycle


class ConnectionManager:
    """Opens connections, and replaces lost ones. Used on the loop only.

    `Phase` is the life cycle of the whole; a single connection is either alive or closed for good.

    Args:
        runtime: Its loop carries the connections.
        settings: Settings of the connection to the cluster.
        clusters: Clusters to connect to, in the order in which they are tried. At least one.
        services: The other services of the client.
        on_cluster_change: Called before the client moves to another cluster.
        on_new_cluster: Run after the client has moved to another cluster.
        shut_client_down: Ends the client if it may not or cannot connect again.
    """

    def __init__(
        self,
        *,
        runtime: Runtime,
        settings: ManagerSettings,
        clusters: Sequence[Cluster],
        services: Services,
        on_cluster_change: Callable[[], None],
        on_new_cluster: Callable[[], Coroutine[Any, Any, None]],
        shut_client_down: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._clusters = clusters
        self._current = 0
        self._has_moved = False
        self._support_is_known = len(clusters) == 1
        self._services = services
        self._on_cluster_change = on_cluster_change
        self._on_new_cluster = on_new_cluster
        self._shut_client_down = shut_client_down
        self._connections: dict[UUID, MemberConnection] = {}
        self._groups = MemberGroups()
        if settings.one_group:
            services.view.take_groups = self.take_groups
        self._cluster_id: UUID | None = None
        self._phase = Phase.STARTING
        self._search = asyncio.Lock()
        self._connecting: set[UUID] = set()
        # Weak: a lock lives as long as somebody holds it or waits for it.
        self._entries: WeakValueDictionary[UUID | None, asyncio.Lock] = WeakValueDictionary()
        self._retry_at: dict[UUID, tuple[int, float]] = {}
        self._members_changed = asyncio.Event()
        self._ended_traffic = (0, 0)
        self._last_failure: Exception | None = None
        self._unfinished = ""
        self.failures: dict[Address, str] = {}
        services.invocations.suspend(self._offline)
        services.members.on_change(self._members_have_changed)

    def connections(self) -> list[MemberConnection]:
        """Return the authenticated connections, in order of opening."""
        return list(self._connections.values())

    def reporting(self) -> list[MemberConnection]:
        """Return the connections over which listeners are registered.

        If the client is connected to one group, members must report events of the whole cluster, so one
        connection carries all listeners. Otherwise each member reports its own.
        """
        connections = self.connections()
        return connections[:1] if self._settings.one_group else connections

    @property
    def _connector(self) -> Connector:
        return self._clusters[self._current].connector

    @property
    def _addresses(self) -> AddressBook:
        return self._clusters[self._current].addresses

    @property
    def phase(self) -> Phase:
        """Where the client stands towards its cluster."""
        return self._phase

    # ---------------------------------------------------------------------------------------- start

    async def start(self) -> None:
        """Connect to the cluster. With `async_start`, only begin to.

        Raises:
            IllegalStateError: No member could be reached in time.
            AuthenticationError: The members refused the client.
        """
        self._services.invocations.suspend(self._offline)
        if self._settings.async_start:
            self._runtime.spawn(self._connect_or_shut_down(), "connect")
        else:
            await self._connect_to_cluster()
            await self._connect_to_all_members()
        if self._settings.smart:
            self._runtime.spawn(self._keep_members_connected(), "members")

    async def _connect_or_shut_down(self) -> None:
        try:
            await self._connect_to_cluster()
        except HazelcastError as error:
            if self._phase is not Phase.CLOSED:
                _logger.error("The client shuts down: %s", error)
                await self._shut_client_down()

    async def _connect_to_cluster(self) -> None:
        # The connection that a search has found may be lost before the search has looked at it. The
        # search goes on then, and the next one, which that loss began, finds the job done.
        async with self._search:
            if len(self._clusters) == 1:
                await self._find_cluster()
            else:
                await self._find_one_of_the_clusters()

    async def _find_one_of_the_clusters(self) -> None:
        """Try the current cluster, then all others in order and the current one again, `try_count` times."""
        failure = await self._failure_of_current()
        for _ in range(self._settings.try_count * len(self._clusters)):
            if failure is None:
                return
            self._current = (self._current + 1) % len(self._clusters)
            _logger.warning("Trying the next cluster, %r", self._clusters[self._current].name)
            # Their addresses must not be tried: they belong to the cluster that was given up.
            self._services.members.clear()
            failure = await self._failure_of_current()
            if failure is None:
                self._services.lifecycle.fire(LifecycleState.CHANGED_CLUSTER)
        if failure is not None:
            names = ", ".join(repr(cluster.name) for cluster in self._clusters)
            raise IllegalStateError(
                f"unable to connect to any of the clusters {names}, the last reason is: {failure}"
            ) from failure

    async def _failure_of_current(self) -> HazelcastError | None:
        """Return why the current cluster cannot be used, or None if the client is connected to it."""
        try:
            await self._find_cluster()
        except HazelcastError as error:
            if self._phase is Phase.CLOSED:
                raise
            _logger.warning("Cannot connect to the cluster %r: %s", self._clusters[self._current].name, error)
            return error
        return None

    async def _find_cluster(self) -> None:
        limit = self._settings.backoff.timeout
        timer = asyncio.timeout(limit if limit > 0 else None)  # 0 allows one round of attempts
        try:
            async with timer:
                await self._search_rounds()
        except TimeoutError:
            if not timer.expired():
                raise
            if not self._connections:
                raise self._not_found() from None

    async def _search_rounds(self) -> None:
        self._last_failure = None
        backoff = Backoff(self._settings.backoff, time.monotonic())
        while self._phase is not Phase.CLOSED:
            if self._connections:
                return
            failure = self._last_failure = await self._try_candidates()
            if self._connections:
                return
            if isinstance(failure, _REFUSALS) and self._phase is Phase.STARTING:
                raise failure  # it would be refused again
            pause = backoff.next_pause(time.monotonic())
            if pause is None:
                # The text of a failed connection says it all; an error of user code needs its traceback.
                raise self._not_found() from (None if isinstance(failure, HazelcastIOError) else failure)
            await self._runtime.sleep(pause)
        raise IllegalStateError("the client is being shut down")

    def _not_found(self) -> IllegalStateError:
        reason = _reason(self._last_failure) if self._last_failure is not None else self._unfinished
        return IllegalStateError(
            f"unable to connect to any cluster in {self._settings.backoff.timeout} s; "
            f"the log has the reason for each address, the last one is: {reason}"
        )

    async def _try_candidates(self) -> Exception | None:
        """Try each candidate until one works.

        Returns:
            None if one works. Otherwise the error of one that refused the client, or else of the last one.
        """
        self._unfinished = "the address provider has not responded"
        try:
            async with self._provider_limit():
                candidates = await self._addresses.candidates(self._services.members.members.values())
        except TimeoutError:
            return HazelcastIOError(f"{self._unfinished} in {self._connector.timeout} s")
        failure: Exception | None = self._addresses.failure
        if not candidates and failure is None:
            failure = HazelcastIOError("the address provider returned no address")
        for address in candidates:
            if self._phase is Phase.CLOSED:
                break
            self._unfinished = f"connecting to {address.to_string()} has not ended"
            try:
                async with self._provider_limit():
                    translated = await self._addresses.translate(address)
                await self._open(translated)
            except (ClientNotAllowedInClusterError, InvalidConfigurationError):
                raise
            except (
                Exception
            ) as error:  # also errors of the user's address provider: other addresses may still work
                _logger.warning("Cannot connect to %s: %s", address.to_string(), _reason(error))
                self.failures[address] = _reason(error)
                self._last_failure = failure = failure if isinstance(failure, _REFUSALS) else error
            else:
                return None
        return failure

    def _provider_limit(self) -> asyncio.Timeout:
        """Return the limit of one question to the address provider, if no other limit ends the search."""
        one_round = self._settings.backoff.timeout == 0
        return asyncio.timeout(self._connector.timeout if one_round else None)

    # ------------------------------------------------------------------------------ one connection

    async def _open(self, address: Address) -> MemberConnection:
        _logger.info("Trying to connect to %s", address.to_string())
        connector = self._connector
        connection, reply = await connector.open(address, self._connection_closed)
        try:
            if connector is not self._connector:
                raise HazelcastIOError("the client is looking for another cluster meanwhile")
            # One connection to a member at a time. If two were prepared at once, and the superfluous one
            # closed, the member would forget the listener of the client for backups: it knows only one.
            async with self._entry_of(connection.member_uuid):
                return await self._enter(connection, reply)
        except BaseException as error:
            connection.close(f"it cannot be used: {error}", error if isinstance(error, Exception) else None)
            raise

    def _entry_of(self, uuid: UUID | None) -> asyncio.Lock:
        lock = self._entries.get(uuid)
        if lock is None:
            self._entries[uuid] = lock = asyncio.Lock()
        return lock

    async def _enter(self, connection: MemberConnection, reply: Reply) -> MemberConnection:
        """Prepare an authenticated connection and take it into use, unless there is one already."""
        existing = self._connections.get(connection.member_uuid) if connection.member_uuid else None
        if existing is not None and existing.alive:
            connection.close(f"there is a connection to member {connection.member_uuid} already")
            return existing
        self._check_cluster(connection, reply)
        async with asyncio.timeout(self._connector.timeout):
            await self._prepare(connection)
        self._check_cluster(connection, reply)  # the client may have moved meanwhile
        self._take_into_use(connection, reply)
        return connection

    def _check_cluster(self, connection: MemberConnection, reply: Reply) -> None:
        """Check that the member belongs to the client's cluster, or move to the member's cluster."""
        if reply.cluster_id == self._cluster_id or self._cluster_id is None:
            self._services.partitions.check_count(reply.partition_count)
        elif self._connections:
            raise HazelcastIOError(
                f"{connection.address.to_string()} is of another cluster ({reply.cluster_id})"
            )
        else:
            _logger.warning("Switching from cluster %s to %s", self._cluster_id, reply.cluster_id)
            self._cluster_id = reply.cluster_id
            self._has_moved = True
            self._on_cluster_change()
            self._services.members.clear()
            self._services.partitions.reset()
            self._services.partitions.check_count(reply.partition_count)

    async def _prepare(self, connection: MemberConnection) -> None:
        """Register and send what the member must have before calls use the connection."""
        await self._services.invocations.listen_for_backups(connection)
        if self._phase is Phase.DISCONNECTED:
            await self._services.schemas.send_all(self._services.invocations, connection)

    def _take_into_use(self, connection: MemberConnection, reply: Reply) -> None:
        uuid = connection.member_uuid
        if self._phase is Phase.CLOSED or not connection.alive or uuid is None:
            raise connection.close_reason or IllegalStateError("the client is being shut down")
        if uuid in self._connections:
            raise IllegalStateError(f"there is a connection to member {uuid} already")
        self.failures.clear()
        self._connections[uuid] = connection
        self._services.router.connections[uuid] = connection
        self._cluster_id = connection.cluster_id
        self._take_first_view(connection, reply)
        self._take_first_groups(reply)
        if not connection.alive:
            raise connection.close_reason or HazelcastIOError("the member is of another partition group")
        self._retry_at.pop(uuid, None)
        _logger.info(
            "Connected to member %s at %s, version %s",
            uuid,
            connection.address.to_string(),
            connection.server_version,
        )
        self._check_data_members()
        self._services.view.connection_opened(connection)
        if connection in self.reporting():
            self._services.listeners.connection_opened(connection)  # before calls that wait for a connection
        if not connection.alive:
            raise connection.close_reason or IllegalStateError("the client is being shut down")
        if self._phase is not Phase.CONNECTED:
            self._phase = self._phase.to(Phase.CONNECTED)
            self._members_changed.set()  # the other members may have been lost too
            self._services.invocations.go_on()
            self._services.lifecycle.fire(LifecycleState.CONNECTED)
            self._note_support(reply)
            if self._has_moved:
                self._has_moved = False
                self._runtime.spawn(self._on_new_cluster(), "new-cluster")

    def _note_support(self, reply: Reply) -> None:
        if not self._support_is_known:
            self._support_is_known = True
            if not reply.failover_supported:
                _logger.info("The members do not claim to support failover; the client fails over anyway")

    def _take_first_view(self, connection: MemberConnection, reply: Reply) -> None:
        """Take members and partitions from the response, if the member sends them (since 5.4)."""
        if reply.member_infos and reply.member_list_version > self._services.members.version:
            self._services.members.update(reply.member_list_version, reply.member_infos)
        if reply.partitions and not self._services.partitions.owners:
            self._services.partitions.update(
                connection.connection_id, reply.partition_list_version, reply.partitions
            )

    def _take_first_groups(self, reply: Reply) -> None:
        """Take the partition groups from the response (Enterprise members since 5.5)."""
        if not self._settings.one_group:
            return
        text = (reply.key_value_pairs or {}).get("memberGroups")
        if self._groups.known:
            self._close_other_groups()
        elif text is not None:
            try:
                self.take_groups(read_groups(text))
            except ValueError as error:
                _logger.warning("Waiting for the next report of the members: %s", error)
        elif len(self._connections) == 1:
            _logger.warning(
                "The members report no partition groups, as only Enterprise members do: "
                "the client connects to all members"
            )

    def take_groups(self, groups: Sequence[Sequence[UUID]]) -> None:
        """Take the partition groups that a member reports, and close the connections to other groups.

        Args:
            groups: The members of each group.
        """
        if self._settings.one_group:
            self._groups.update(groups, self._connections)
            self._close_other_groups()
            self._members_changed.set()

    def _close_other_groups(self) -> None:
        for uuid, connection in list(self._connections.items()):
            if not self._groups.allows(uuid):
                connection.close("the member is of another partition group")

    # --------------------------------------------------------------------------------- other members

    async def _connect_to_all_members(self) -> None:
        """Connect to all members at once. Failures are logged, and repeated later."""
        if self._settings.smart:
            await asyncio.gather(*(self._connect_to_member(member) for member in self._missing_members(0.0)))

    def _missing_members(self, now: float) -> list[MemberInfo]:
        return [
            member
            for uuid, member in self._services.members.members.items()
            if uuid not in self._connections
            and uuid not in self._connecting
            and self._groups.allows(uuid)
            and (now == 0.0 or self._retry_at.get(uuid, (0, 0.0))[1] <= now)
        ]

    async def _connect_to_member(self, member: MemberInfo) -> None:
        uuid = member.uuid
        assert uuid is not None
        self._connecting.add(uuid)
        try:
            connection = await self._open(await self._addresses.translate_member(member))
            if connection.member_uuid != uuid:
                raise HazelcastIOError(f"another member ({connection.member_uuid}) has that address")
        except Exception as error:
            if uuid in self._services.members.members and self._phase is not Phase.CLOSED:
                failures = self._retry_at.get(uuid, (0, 0.0))[0] + 1
                pause = _MEMBER_PAUSES.after(failures)
                self._retry_at[uuid] = (failures, time.monotonic() + pause)
                _logger.warning(
                    "Cannot connect to %s, next attempt in %.0f s: %s", member, pause, _reason(error)
                )
        finally:
            self._connecting.discard(uuid)
            self._members_changed.set()

    async def _keep_members_connected(self) -> None:
        while True:
            now = time.monotonic()
            if self._connections:
                for member in self._missing_members(now):
                    self._runtime.spawn(self._connect_to_member(member), "connect-member")
            self._members_changed.clear()
            try:
                async with asyncio.timeout(self._until_next_attempt(now)):
                    await self._members_changed.wait()
            except TimeoutError:
                pass

    def _until_next_attempt(self, now: float) -> float | None:
        """Return the seconds until the next member is due. None if something must happen first.

        Members that are due already are being tried. All wait while the client looks for the cluster.
        """
        later = (
            at - now for uuid, (_, at) in self._retry_at.items() if uuid in self._services.members.members
        )
        return min((wait for wait in later if wait > 0), default=None) if self._connections else None

    def _members_have_changed(self, change: MembershipChange) -> None:
        for member in change.removed:
            if member.uuid is None:
                continue
            self._retry_at.pop(member.uuid, None)
            connection = self._connections.get(member.uuid)
            if connection is not None:
                connection.close(f"{member} left the cluster")
        self._check_data_members()
        self._members_changed.set()

    def _check_data_members(self) -> None:
        members = self._services.members.members
        connected = bool(members) and all(
            uuid in self._connections or member.lite_member for uuid, member in members.items()
        )
        self._services.invocations.data_members_connected(connected)

    # ------------------------------------------------------------------------------------------ loss

    def traffic(self) -> tuple[int, int]:
        """Return the bytes sent and received over all connections that were ever authenticated."""
        sent, received = self._ended_traffic
        for connection in self._connections.values():
            sent += connection.bytes_written
            received += connection.bytes_read
        return sent, received

    def _connection_closed(self, connection: MemberConnection) -> None:
        uuid = connection.member_uuid
        if uuid is None or self._connections.get(uuid) is not connection:
            _logger.debug("Closed: %s", connection.close_reason)
            return
        sent, received = self._ended_traffic
        self._ended_traffic = sent + connection.bytes_written, received + connection.bytes_read
        log = _logger.debug if self._phase is Phase.CLOSED else _logger.warning
        log("Closed: %s", connection.close_reason)
        carried = connection in self.reporting()
        del self._connections[uuid]
        self._services.router.connections.pop(uuid, None)
        self._services.listeners.connection_closed(connection)
        if carried and self._settings.one_group:
            for successor in self.reporting():
                self._services.listeners.connection_opened(successor)
        self._services.invocations.backups.hurry()
        self._check_data_members()
        if self._phase is Phase.CLOSED:
            return
        self._services.view.connection_closed(connection)
        self._members_changed.set()
        if not self._connections and self._phase is Phase.CONNECTED:
            self._all_connections_lost()

    def _all_connections_lost(self) -> None:
        self._phase = self._phase.to(Phase.DISCONNECTED)
        self._groups.forget()
        self._services.invocations.suspend(self._offline)
        self._services.lifecycle.fire(LifecycleState.DISCONNECTED)
        if self._settings.reconnect_mode == ReconnectMode.OFF:
            _logger.info("The last connection is lost and reconnecting is off: the client shuts down")
            self._runtime.spawn(self._shut_client_down(), "shutdown")
        else:
            self._runtime.spawn(self._connect_or_shut_down(), "reconnect")

    def _offline(self) -> Exception:
        """Return the error for calls while there is no connection."""
        asynchronous = (
            self._settings.async_start
            if self._phase is Phase.STARTING
            else self._settings.reconnect_mode == ReconnectMode.ASYNC
        )
        return (
            ClientOfflineError()
            if asynchronous
            else HazelcastIOError("the client is not connected to a cluster")
        )

    def close(self) -> None:
        """Close all connections, and open none from now on."""
        was, self._phase = self._phase, self._phase.to(Phase.CLOSED)
        for connection in self.connections():
            connection.close("the client is shut down")
        self._services.view.take_groups = len
        if was is Phase.CONNECTED:
            self._services.lifecycle.fire(LifecycleState.DISCONNECTED)


def _reason(error: Exception) -> str:
    """Return the text of an error for the log, with its class if the text is not ours."""
    return str(error) if isinstance(error, HazelcastError) else repr(error)
