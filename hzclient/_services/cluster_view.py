"""The listeners by which one member tells the client about the cluster."""

from __future__ import annotations

import logging

from hzclient._codec import client as codec
from hzclient._protocol.message import Message
from hzclient._runtime.base import Runtime
from hzclient._services.call import Terms
from hzclient._services.cp_leaders import CPLeaders
from hzclient._services.invocation import CALL_FAILURES, InvocationService
from hzclient._services.members import MemberList
from hzclient._services.partitions import PartitionTable
from hzclient._services.ports import Connection
from hzclient._services.routing import Router

_logger = logging.getLogger("hzclient.cluster")

_PAUSE = 1.0
"""Seconds before a member that refused is asked again."""


class ClusterView:
    """Keeps the listeners on exactly one connection. Used on the loop only."""

    def __init__(
        self,
        runtime: Runtime,
        invocations: InvocationService,
        router: Router,
        members: MemberList,
        partitions: PartitionTable,
        cp_leaders: CPLeaders | None,
    ) -> None:
        """Args:
        runtime: Where registering goes on.
        invocations: Sends the requests.
        router: Knows the connection to move to.
        members: Takes the member list.
        partitions: Takes the partition table.
        cp_leaders: Takes the leaders of CP groups; None where nobody wants to know them.
        """
        self._runtime = runtime
        self._invocations = invocations
        self._router = router
        self._members = members
        self._partitions = partitions
        self._cp_leaders = cp_leaders
        self._carrier: Connection | None = None

    def connection_opened(self, connection: Connection) -> None:
        """Registers the listeners there, where no other connection carries them."""
        if self._carrier is None:
            self._carrier = connection
            self._runtime.spawn(self._register(connection), "cluster-view")
            if self._cp_leaders is not None:
                self._runtime.spawn(self._ask_for_leaders(connection, self._cp_leaders), "cp-leaders")

    def connection_closed(self, connection: Connection) -> None:
        """Moves the listeners to another connection, where this one carried them."""
        if self._carrier is connection:
            self._carrier = None
            successor = self._router.find_any()
            if successor is not None:
                self.connection_opened(successor)

    async def _register(self, connection: Connection) -> None:
        while connection.alive:
            try:
                await self._register_once(connection)
                return
            except CALL_FAILURES as error:
                if connection.alive:  # else its loss has been logged, and another one is the carrier
                    _logger.warning(
                        "The cluster view listener cannot be registered on %s: %s", connection, error
                    )
                    await self._runtime.sleep(_PAUSE)

    async def _register_once(self, connection: Connection) -> None:
        def on_event(message: Message) -> None:
            self._take(connection, message)

        # Versions count per member, so the list of another one is taken whatever its version.
        self._members.expect_new_source()
        await self._invocations.invoke(
            codec.ADD_CLUSTER_VIEW_LISTENER.encode(),
            connection=connection,
            terms=Terms(urgent=True, on_event=on_event),
        )

    def _take(self, connection: Connection, message: Message) -> None:
        event = codec.ADD_CLUSTER_VIEW_LISTENER.decode_event(message)
        match event:
            case codec.MembersViewEvent():
                self._members.update(event.version, event.member_infos)
            case codec.PartitionsViewEvent():
                self._partitions.update(connection.connection_id, event.version, event.partitions)
            case _:
                pass  # member groups and the cluster's version are nobody's concern here

    async def _ask_for_leaders(self, connection: Connection, leaders: CPLeaders) -> None:
        def on_event(message: Message) -> None:
            event = codec.ADD_CP_GROUP_VIEW_LISTENER.decode_event(message)
            if event is not None:
                leaders.update(connection.connection_id, event)

        try:
            await self._invocations.invoke(
                codec.ADD_CP_GROUP_VIEW_LISTENER.encode(),
                connection=connection,
                terms=Terms(urgent=True, on_event=on_event),
            )
        except CALL_FAILURES as error:
            if connection.alive:
                _logger.warning(
                    "Calls to CP groups take any member, since %s does not tell their leaders: %s",
                    connection.address,
                    error,
                )
