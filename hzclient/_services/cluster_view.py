"""The listeners through which one member reports the state of the cluster.

Every member could report members and partitions, but their versions count per member: the list of one
cannot be compared with that of another. So exactly one connection carries these listeners. Three races
follow from that:

* The carrier is lost. Another connection takes over, and its first list is accepted whatever its
  version (`MemberList.expect_new_source`). The members that left meanwhile show up as a difference.
* The authentication response brings a list too (since 5.4), possibly after the listener's first event.
  It is taken only if its version is newer.
* The partition table changes while a call looks up its owner. The router fills the dict that it took
  before it read the table, and a change replaces that dict (`Router._find_owner`), so an owner from an
  older table never gets into a newer dict. Members forward misrouted calls anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

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
    """Keeps the listeners on exactly one connection. Used on the loop only.

    Attributes:
        take_groups: Receives the partition groups of the members.

    Args:
        runtime: Runs the registrations.
        invocations: Sends the requests.
        router: Knows the connection to move to.
        members: Receives the member list.
        partitions: Receives the partition table.
        cp_leaders: Receives the leaders of CP groups. None to not ask for them.
    """

    def __init__(
        self,
        *,
        runtime: Runtime,
        invocations: InvocationService,
        router: Router,
        members: MemberList,
        partitions: PartitionTable,
        cp_leaders: CPLeaders | None,
    ) -> None:
        self._runtime = runtime
        self._invocations = invocations
        self._router = router
        self._members = members
        self._partitions = partitions
        self._cp_leaders = cp_leaders
        self.take_groups: Callable[[list[list[UUID]]], object] = len
        self._carrier: Connection | None = None

    def connection_opened(self, connection: Connection) -> None:
        """Register the listeners on this connection unless another one carries them."""
        if self._carrier is None:
            self._carrier = connection
            self._runtime.spawn(self._register(connection), "cluster-view")
            if self._cp_leaders is not None:
                self._runtime.spawn(self._ask_for_leaders(connection, self._cp_leaders), "cp-leaders")

    def connection_closed(self, connection: Connection) -> None:
        """Move the listeners to another connection if this one carried them."""
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
                if connection.alive:  # otherwise its loss has been logged, and another one carries them
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
            case codec.MemberGroupsViewEvent():
                self.take_groups(event.member_groups)
            case _:
                pass  # the cluster version is not used

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
                    "%s does not report the leaders of CP groups, so calls to them go to any member: %s",
                    connection.address.to_string(),
                    error,
                )
