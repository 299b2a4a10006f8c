"""One client: the only place that wires the services together."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
import time
import uuid
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from hzclient._codec import client as codec
from hzclient._net.addresses import AddressBook, address_provider_of
from hzclient._net.authentication import ClientIdentity, Credentials
from hzclient._net.backoff import BackoffSettings
from hzclient._net.connector import Connector, TransportSettings
from hzclient._net.heartbeat import Heartbeat
from hzclient._net.manager import Cluster, ConnectionManager, ManagerSettings, Services
from hzclient._net.phase import Phase
from hzclient._net.tls import TLSSettings
from hzclient._runtime.attached import foreign_loop_error
from hzclient._runtime.base import Runtime
from hzclient._runtime.fork import forked_error, renew, track
from hzclient._runtime.getters import Faces
from hzclient._services.cluster_view import ClusterView
from hzclient._services.cp_leaders import CPLeaders
from hzclient._services.events import EventDispatcher
from hzclient._services.in_flight import InFlight
from hzclient._services.invocation import InvocationService
from hzclient._services.lifecycle import Lifecycle
from hzclient._services.listeners import ListenerService
from hzclient._services.members import MemberList
from hzclient._services.partitions import PartitionTable
from hzclient._services.retry import Policy
from hzclient._services.routing import Router
from hzclient._services.schemas import SchemaService
from hzclient._starting import Reminder
from hzclient._version import __version__
from hzclient.cluster import ClusterService
from hzclient.config import Config, InFlightPolicy
from hzclient.config.failover import clusters_of
from hzclient.core import DistributedObjectEvent, MemberInfo
from hzclient.discovery import AddressProvider
from hzclient.errors import HazelcastError, InvalidConfigurationError
from hzclient.health import ClientHealth
from hzclient.lifecycle import LifecycleService, LifecycleState
from hzclient.near_cache import NearCacheManager
from hzclient.observation import ClientInfo, observer_of
from hzclient.partition import AsyncPartitionService
from hzclient.proxy._manager import ProxyManager, Structure
from hzclient.proxy.base import ProxyContext, ProxyOperations
from hzclient.serialization._options import SerializationConfig, SerializationOptions
from hzclient.serialization._service import SerializationService
from hzclient.util import LoadBalancer, RoundRobinLB

if TYPE_CHECKING:
    from hzclient.proxy.cp._manager import CPProxies
    from hzclient.statistics import Statistics

_logger = logging.getLogger("hzclient.client")

A = TypeVar("A", bound=ProxyOperations)
F = TypeVar("F")

_LISTENER_SECONDS = 5.0
"""Seconds that the start and the shutdown wait for lifecycle listeners."""

_GOODBYE_SECONDS = 5.0
"""Seconds that the shutdown waits for members. They notice the lost connections anyway."""

_FIRST_MEMBERS_SECONDS = 5.0
"""How long the start of a client waits for the first member list."""

_FAILOVER_SECONDS = 120.0
"""How long one of several clusters is tried, unless the options say so."""

_client_ids = itertools.count()


class _Balancer:
    """The user's load balancer. It is asked only after the start: before, it has not seen the members.

    Args:
        balancer: The load balancer.
    """

    def __init__(self, balancer: LoadBalancer) -> None:
        self._balancer = balancer
        self._started = False

    def start(self, cluster_service: ClusterService) -> None:
        """Show the members to the load balancer, and ask it from now on."""
        self._balancer.init(cluster_service)
        self._started = True

    def next(self) -> MemberInfo | None:
        """Return the member for the next call, or None if there is no choice."""
        return self._balancer.next() if self._started else None


class _Weakly:
    """Calls a method of an object, and does not keep the object alive.

    Args:
        method: The method.
    """

    def __init__(self, method: Callable[[], Any]) -> None:
        self._method = weakref.WeakMethod(method)

    def call(self) -> None:
        """Call the method if its object is still there."""
        if (method := self._method()) is not None:
            method()

    async def run(self) -> None:
        """Run the coroutine method if its object is still there."""
        if (method := self._method()) is not None:
            await method()


class _Destroyer:
    """Destroys structures in the cluster. Structures refer to it, and so to the engine, until that has ended.

    Args:
        engine: The engine.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine: Engine | None = engine
        self._runtime = engine.runtime
        self._proxies = engine.proxies

    def __call__(self, service_name: str, name: str) -> Coroutine[Any, Any, bool]:
        """Destroy a structure, and forget its proxy."""
        return self._runtime.on_loop_do(self._proxies.destroy(service_name, name))

    def unlink(self) -> None:
        """Refer to the engine no longer."""
        self._engine = None


async def _already_ended() -> None:
    """Take the place of what shuts a client down, once that has happened."""


class Engine:
    """The services of one client, of either kind, wired together. Starts and ends them.

    Dropped clients. The client, its structures, transactions and SQL results refer to the engine. What the
    loop runs (connections, timers, tasks of services) does not, except through `_Weakly`. An engine that
    nobody uses any more is therefore garbage, although its services still run, and its finalizer shuts them
    down. A call in progress and a listener of a structure refer to the structure, so they count as users.
    So do lifecycle and membership listeners that were added to a running client. Listeners of the
    configuration do not: they are a part of the client.

    Closed clients. The services refer to each other. `_unlink` cuts these cycles when the client has been
    shut down, so that it is freed with its last user and need not wait for the garbage collector.

    Attributes:
        name: Name of the client.
        config: Options of the client.
        runtime: Runtime of the client.
        context: What proxies use of the client.
        lifecycle_service: The public lifecycle service.
        cluster_service: The public cluster service.
        partition_service: The public partition service.
        closers: Awaited on the loop when the client shuts down, while calls can still be sent.

    Args:
        config: Options of the client.
        make_runtime: Creates the runtime from the name of the client.
        shut_client_down: Called on the loop when the client gives up. Defaults to `shutdown`.

    Raises:
        IllegalStateError: Options exclude each other.
        ValueError: An address or a serializer is invalid.
    """

    def __init__(
        self,
        config: Config,
        make_runtime: Callable[[str], Runtime],
        shut_client_down: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        configs = clusters_of(config)
        try_count = config.try_count
        self.config = config = configs[0]
        if config.partition_group_routing and not config.smart_routing:
            raise InvalidConfigurationError(
                "partition_group_routing needs smart_routing, without which there is one connection only"
            )
        number = next(_client_ids)  # clients with a name of their own count too
        self.name = config.client_name or f"hz.client_{number}"
        self.uuid = uuid.uuid4()
        clusters = [(each, address_provider_of(each), TLSSettings.of(each)) for each in configs]
        self.serialization = SerializationService(SerializationOptions.of(cast(SerializationConfig, config)))
        self.runtime = runtime = make_runtime(self.name)
        self.partitions = PartitionTable()
        self.members = MemberList()
        self.cp_leaders = CPLeaders()
        self._to_cp_leaders = config.cp_direct_to_leader_routing and config.smart_routing
        self._balancer = _Balancer(config.load_balancer or RoundRobinLB())
        self.router = Router(
            self.partitions, config.smart_routing, self._balancer, config.partition_group_routing
        )
        self.schemas = SchemaService(
            runtime, self.serialization.schemas, self.members, config.invocation_retry_pause
        )
        self.invocations = self._make_invocations()
        self.dispatcher = EventDispatcher(runtime, config.event_queue_capacity, self.invocations.with_schemas)
        self.lifecycle = Lifecycle(self.dispatcher, self.name, __version__)
        managers: list[ConnectionManager] = []  # not `self.manager`: the loop must not refer to the engine
        self.listeners = ListenerService(runtime, self.invocations, lambda: managers[0].reporting())
        self._shut_client_down = shut_client_down or self.shutdown
        self.manager = self._make_manager(clusters, try_count)
        managers.append(self.manager)
        self.proxies = ProxyManager(runtime, self.invocations)
        self.near_caches = NearCacheManager(config.near_caches, self.serialization)
        self._let_observe()
        self._destroyer = _Destroyer(self)
        self.context = self._make_context()
        self._cp_proxies: CPProxies | None = None
        self.closers: list[Callable[[], Coroutine[Any, Any, object]]] = []
        self.lifecycle_service = LifecycleService(self.lifecycle)
        self.cluster_service = ClusterService(self.members, self.dispatcher)
        self.partition_service = AsyncPartitionService(self.partitions, self.serialization.encode)
        self._heartbeat: Heartbeat | None = None
        self._end: asyncio.Task[None] | None = None
        self._forked = False
        self._loop_gone = False
        track(self)
        for listener in config.lifecycle_listeners:
            self.lifecycle.add_listener(listener)
        for added, removed in config.membership_listeners:
            self.cluster_service.add_first_listener(added, removed)

    def _let_observe(self) -> None:
        """Introduce the client to the instrumentation, if there is any."""
        caches = self.near_caches
        info = ClientInfo(
            self.name,
            self.config.cluster_name,
            lambda: {cache.name: cache.get_statistics() for cache in caches.list_near_caches()},
            self.dispatcher.queued,
        )
        observer = observer_of(info)
        if observer is not None:
            self.lifecycle.add_listener(observer.changed_state)
            self.invocations.observer = observer
            self.dispatcher.counted = True

    def _make_invocations(self) -> InvocationService:
        config = self.config
        return InvocationService(
            runtime=self.runtime,
            router=self.router,
            schemas=self.schemas,
            policy=Policy(config.redo_operation, config.invocation_retry_pause),
            timeout=config.invocation_timeout,
            backup_aware=config.backup_ack_to_client_enabled and config.smart_routing,
            backup_timeout=config.operation_backup_timeout,
            fail_on_indeterminate_state=config.fail_on_indeterminate_operation_state,
            in_flight=self._make_in_flight(),
        )

    def _make_in_flight(self) -> InFlight | None:
        config = self.config
        if not config.max_in_flight_invocations:
            return None
        may_wait = config.in_flight_policy == InFlightPolicy.WAIT
        wait_seconds = config.invocation_timeout if may_wait else None
        return InFlight(self.runtime, config.max_in_flight_invocations, wait_seconds)

    def _make_cluster(
        self, config: Config, provider: AddressProvider, tls: TLSSettings | None, next_id: Callable[[], int]
    ) -> Cluster:
        identity = ClientIdentity(
            cluster_name=config.cluster_name,
            client_uuid=self.uuid,
            client_name=self.name,
            labels=list(dict.fromkeys(config.labels)),
            version=__version__,
            smart=config.smart_routing,
            one_group=config.partition_group_routing,
            to_cp_leaders=self._to_cp_leaders,
            credentials=Credentials(config.creds_username, config.creds_password, config.token_provider),
        )
        transport = TransportSettings(
            config.connection_timeout, config.socket_options, tls.make_context if tls is not None else None
        )
        return Cluster(
            config.cluster_name,
            Connector(
                self.runtime,
                settings=transport,
                identity=identity,
                invocations=self.invocations,
                next_id=next_id,
            ),
            AddressBook(self.runtime, provider, config.shuffle_member_list, config.use_public_ip),
        )

    def _make_manager(
        self, clusters: Sequence[tuple[Config, AddressProvider, TLSSettings | None]], try_count: int
    ) -> ConnectionManager:
        config = self.config
        next_id = itertools.count(1).__next__
        timeout = config.cluster_connect_timeout
        backoff = BackoffSettings(
            initial=config.retry_initial_backoff,
            maximum=config.retry_max_backoff,
            multiplier=config.retry_multiplier,
            jitter=config.retry_jitter,
            timeout=_FAILOVER_SECONDS if len(clusters) > 1 and timeout < 0 else timeout,
        )
        view = ClusterView(
            runtime=self.runtime,
            invocations=self.invocations,
            router=self.router,
            members=self.members,
            partitions=self.partitions,
            cp_leaders=self.cp_leaders if self._to_cp_leaders else None,
        )
        return ConnectionManager(
            runtime=self.runtime,
            settings=ManagerSettings(
                config.smart_routing,
                config.async_start,
                config.reconnect_mode,
                backoff,
                try_count,
                config.partition_group_routing,
            ),
            clusters=[self._make_cluster(*cluster, next_id) for cluster in clusters],
            services=Services(
                invocations=self.invocations,
                router=self.router,
                members=self.members,
                partitions=self.partitions,
                view=view,
                listeners=self.listeners,
                schemas=self.schemas,
                lifecycle=self.lifecycle,
            ),
            on_cluster_change=_Weakly(self._forget_cluster).call,
            on_new_cluster=_Weakly(self._create_structures_again).run,
            shut_client_down=_Weakly(self._give_up).run,
        )

    def _make_context(self) -> ProxyContext:
        return ProxyContext(
            runtime=self.runtime,
            invocations=self.invocations,
            serialization=self.serialization,
            partitions=self.partitions,
            members=self.members,
            listeners=self.listeners,
            dispatcher=self.dispatcher,
            config=self.config,
            destroy=self._destroyer,
            next_reference_id=itertools.count(1).__next__,
            near_caches=self.near_caches,
        )

    # ----------------------------------------------------------------------------------- start and end

    def refuse_until_started(self, error: Callable[[], Exception]) -> None:
        """Fail every call with an error until `start()` is called.

        Args:
            error: Makes the error.
        """
        self.invocations.suspend(error)

    def reminder(self) -> Reminder:
        """Return what warns while no member responds to `start()`."""
        return Reminder(self.name, self.config, lambda: self.manager.failures)

    async def start(self) -> None:
        """Start the client. Await it on the loop. If it fails, it shuts the client down again.

        Raises:
            IllegalStateError: No member could be reached in time.
            AuthenticationError: The members refused the client.
        """
        _logger.info(
            "HazelcastClient %s starts, hzclient %s, cluster %r",
            self.name,
            __version__,
            self.config.cluster_name,
        )
        try:
            self.lifecycle.fire(LifecycleState.STARTING)
            self.lifecycle.running = True
            self.lifecycle.fire(LifecycleState.STARTED)
            self._heartbeat = self._make_heartbeat()
            self.runtime.spawn(self._heartbeat.run(), "heartbeat")
            if self.config.statistics_enabled:
                self._statistics().start()
            await self.manager.start()
            if not self.config.async_start:
                await self._first_members()
            self._balancer.start(self.cluster_service)
            await self._listeners_notified()
            # From now on, whoever adds a listener is a user of the client; the load balancer is none.
            self.lifecycle.user = self.cluster_service.user = weakref.ref(self)
        except BaseException:
            await self.shutdown()
            raise
        _logger.info("HazelcastClient %s has started", self.name)

    def health(self) -> ClientHealth:
        """Return how the client is. May be called from any thread."""
        connections = [each for each in self.manager.connections() if each.alive]
        heartbeat = self._heartbeat
        return ClientHealth(
            state=Phase.CLOSED.name if self.ended else self.manager.phase.name,
            members=len(self.members.members),
            connections=len(connections),
            oldest_missing_heartbeat=heartbeat.oldest_missing(time.monotonic()) if heartbeat else None,
            in_flight=sum(len(each.calls) for each in connections),
        )

    def _make_heartbeat(self) -> Heartbeat:
        return Heartbeat(
            runtime=self.runtime,
            invocations=self.invocations,
            connections=self.manager.connections,
            interval=self.config.heartbeat_interval,
            timeout=self.config.heartbeat_timeout,
        )

    def _statistics(self) -> Statistics:
        from hzclient.statistics import Statistics

        return Statistics(
            self.runtime,
            self.invocations,
            near_caches=self.near_caches,
            client_name=self.name,
            client_version=__version__,
            period=self.config.statistics_period,
            connections=self.manager.connections,
            traffic=self.manager.traffic,
        )

    async def shutdown(self) -> None:
        """Shut the client down. Await it on the loop; several callers may do so.

        Calls that wait for a response fail with `HazelcastClientNotActiveError`.
        """
        if self._forked or self._loop_gone:
            return
        if asyncio.get_running_loop() is not self.runtime.loop and not (self._end and self._end.done()):
            self._let_go_of_closed_loop()
            return
        if self._end is None:
            self._end = self.runtime.loop.create_task(self._shut_down(), name="hzclient-shutdown")
        # A caller that gives up waiting does not stop it half way.
        await asyncio.shield(self._end)

    async def _give_up(self) -> None:
        """Shut the client down, because it may not or cannot connect again."""
        await self._shut_client_down()

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        """Shut the services of a dropped client down, from whichever thread collects the garbage.

        Args:
            is_finalizing: Bound here, because modules lose their names before the last objects end.
        """
        if is_finalizing() or getattr(self, "_heartbeat", None) is None or self.ended:
            return  # the process ends, or nothing was started: the runtime ends itself
        track(self)  # it is in use again
        if self.runtime.loop.is_closed() or not self.runtime.end(self._shut_down_dropped):
            self._let_go_of_closed_loop()

    async def _shut_down_dropped(self) -> None:
        _logger.warning("HazelcastClient %s was dropped without shutdown(), and is shut down now", self.name)
        await self.shutdown()

    def _let_go_of_closed_loop(self) -> None:
        """End the client whose loop was closed before: nothing can be sent to the members any more.

        Raises:
            RuntimeError: The loop is not closed.
        """
        if not self.runtime.loop.is_closed():
            raise foreign_loop_error(self.runtime.loop)
        self._loop_gone = True
        self.lifecycle.running = False
        self.runtime.closed = True
        for connection in self.manager.connections():
            connection.close_without_loop()
        self.near_caches.forget_in_child()
        self.proxies.forget_in_child()

    @property
    def ended(self) -> bool:
        """True if there is nothing left to shut down in this process."""
        return self._end is not None or self._forked or self._loop_gone

    def abandon(self) -> None:
        """Make every call fail in a child process: loop and connections belong to the parent."""
        self._forked = True
        self.lifecycle.running = False
        renew(self.runtime.lock)
        self.runtime.closed = True
        self.runtime.inactive = forked_error
        self.invocations.abandon(forked_error)
        for connection in self.manager.connections():
            connection.abandon()
        self.near_caches.forget_in_child()
        self.proxies.forget_in_child()

    async def _shut_down(self) -> None:
        self.lifecycle.fire(LifecycleState.SHUTTING_DOWN)
        self.lifecycle.running = False
        await self._say_goodbye()
        self.invocations.close()
        self.manager.close()
        self.runtime.wake_sleepers()
        await self.runtime.cancel_tasks()
        self.serialization.destroy()
        self.lifecycle.fire(LifecycleState.SHUTDOWN)
        await self._listeners_notified()
        self._unlink()

    def _unlink(self) -> None:
        """Cut the cycles of references among the services."""
        self._shut_client_down = _already_ended
        self._destroyer.unlink()
        self.lifecycle.unlink()
        self.cluster_service.unlink()
        self.listeners.unlink()
        self.members.unlink()
        self.partitions.unlink()
        self.router.unlink()
        self.invocations.unlink()

    async def _say_goodbye(self) -> None:
        """Let proxies and services end what they have on the members that can be reached."""
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self.proxies.close()
                await asyncio.gather(*(close() for close in self.closers))
        except Exception as error:
            _logger.warning("Not everything could be ended on the members: %r", error)

    async def _listeners_notified(self) -> None:
        """Wait until lifecycle and membership listeners have been notified, but not for one that blocks."""
        try:
            async with asyncio.timeout(_LISTENER_SECONDS):
                await self.lifecycle.drained()
                # `CONNECTED` comes before the first members, whichever the client has learned first.
                self.cluster_service.open_first_listeners()
                await self.cluster_service.drained()
        except TimeoutError:
            _logger.warning("A lifecycle or membership listener blocks; the client continues without it")
        finally:
            self.cluster_service.open_first_listeners()

    async def _first_members(self) -> None:
        """Wait for the first member list, which members before 5.4 send after the authentication."""
        first = asyncio.Event()
        self.members.on_change(lambda _: first.set())
        if self.members.members:
            return
        try:
            async with asyncio.timeout(_FIRST_MEMBERS_SECONDS):
                await first.wait()
        except TimeoutError:
            _logger.warning("The cluster has not sent its member list; the client continues without it")

    def _forget_cluster(self) -> None:
        """Forget what belongs to the previous cluster."""
        self.near_caches.clear_near_caches()
        self.cp_leaders.forget()
        if self._cp_proxies is not None:
            self._cp_proxies.forget_cluster()
        self.proxies.forget_cluster()

    async def _create_structures_again(self) -> None:
        """Create the structures in use in the cluster that the client has moved to."""
        try:
            await self.proxies.create_again()
        except HazelcastError as error:
            _logger.warning("Not all structures could be created in the new cluster: %s", error)

    # ------------------------------------------------------------------------------------- structures

    @property
    def cp_proxies(self) -> CPProxies:
        """What creates the proxies of CP structures. May be used from any thread."""
        if self._cp_proxies is None:
            from hzclient._services.cp_sessions import CPSessions
            from hzclient.proxy.cp._base import CPContext
            from hzclient.proxy.cp._manager import CPProxies

            with self.runtime.lock:
                if self._cp_proxies is None:
                    sessions = CPSessions(
                        self.runtime,
                        invocations=self.invocations,
                        leaders=self.cp_leaders,
                        client_name=self.name,
                    )
                    self.closers.append(sessions.close)
                    self._cp_proxies = CPProxies(CPContext(self.context, sessions, self.cp_leaders))
        return self._cp_proxies

    async def structure(self, structure: Structure[A, F], name: str) -> Faces[A, F]:
        """Return a structure, which is created in the cluster if it is new; an operation.

        Args:
            structure: The kind of structure.
            name: Name of the structure.

        Returns:
            The faces of the structure.

        Raises:
            TypeError: The name is not a str.
        """
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"the name of a structure must be a str, not {name!r}")
        known = self.proxies.find(structure, name)
        if known is None:
            structure.load()  # imports in the caller's thread, rather than on the loop
            known = await self.runtime.on_loop_do(self.proxies.get(structure, name, self.context))
        return known

    async def distributed_objects(self, kinds: Mapping[str, Structure[Any, Any]]) -> list[Faces[Any, Any]]:
        """Return the structures of the cluster, with both faces; an operation.

        Args:
            kinds: The kinds of structures by service name. Others are left out.

        Returns:
            The structures.
        """
        return await self.runtime.on_loop_do(self._adopt_all(kinds))

    async def _adopt_all(self, kinds: Mapping[str, Structure[Any, Any]]) -> list[Faces[Any, Any]]:
        return [
            await self.proxies.get(kinds[info.service_name], info.name, self.context, exists=True)
            for info in await self.proxies.distributed_objects()
            if info.service_name in kinds
        ]

    async def add_distributed_object_listener(
        self, listener_func: Callable[[DistributedObjectEvent], object]
    ) -> str:
        """Register a listener of structures that are created and destroyed; an operation.

        Args:
            listener_func: Called with each event.

        Returns:
            The registration id.
        """

        def report(event: codec.DistributedObjectEvent) -> object:
            return listener_func(
                DistributedObjectEvent(
                    event.name, event.service_name, event.event_type, event.source or UUID(int=0)
                )
            )

        queue = self.dispatcher.queue("a distributed object listener", report)
        return await self.listeners.register(
            codec.ADD_DISTRIBUTED_OBJECT_LISTENER.encode(self.router.all_members),
            codec.REMOVE_DISTRIBUTED_OBJECT_LISTENER.encode,
            queue.put,
            settled=queue.settled,
        )

    async def remove_distributed_object_listener(self, registration_id: str) -> bool:
        """Remove a listener; an operation.

        Args:
            registration_id: As returned when it was registered.

        Returns:
            False if no listener has this id.
        """
        return await self.listeners.deregister(registration_id)
