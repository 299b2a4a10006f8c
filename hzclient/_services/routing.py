"""Choice of the connection for a call."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from hzclient._services.call import Target
from hzclient._services.partitions import PartitionTable
from hzclient._services.ports import Connection
from hzclient._speed import Owners
from hzclient.core import MemberInfo
from hzclient.errors import HazelcastIOError, TargetNotMemberError

_CHOICES = 8
"""How often the load balancer is asked if it may choose members outside the group that is connected."""


class MemberChooser(Protocol):
    """The part of a load balancer that calls without a target need."""

    def next(self) -> MemberInfo | None:
        """Return the member for the next call, or None if it knows of none."""


class Router(Owners):
    """Chooses the connection of a call. May be used from any thread.

    Attributes:
        connections: The authenticated connections by member, in order of opening.
        smart: True if calls go to the member that owns their partition. Otherwise all calls go over the
            single connection, and its member forwards them.
        all_members: Whether the client connects to all members, so that each reports its own events only.

    Args:
        partitions: The partition table.
        smart: As the attribute.
        balancer: Chooses the member for calls without a target. None takes the oldest connection.
        one_group: Whether the client connects to one partition group only.
    """

    def __init__(
        self,
        partitions: PartitionTable,
        smart: bool,
        balancer: MemberChooser | None = None,
        one_group: bool = False,
    ) -> None:
        self.connections: dict[UUID, Connection] = {}
        self.smart = smart
        self.all_members = smart and not one_group
        self._choices = 1 if self.all_members else _CHOICES
        self._partitions = partitions
        self._owners: dict[int, Connection] = {}
        partitions.on_change(self._forget_owners)
        self._balancer = balancer

    def for_partition(self, partition_id: int) -> Connection:
        """Return the connection to the owner of a partition, or any other if the owner is not connected."""
        connection = self._owners.get(partition_id)
        if connection is not None and connection.alive:
            return connection
        return self._find_owner(partition_id) or self.any()

    def owner(self, partition_id: int) -> UUID | None:
        """Return the member that calls for a partition go to. None if it is unknown or does not matter."""
        return self._partitions.owners.get(partition_id) if self.smart else None

    def member_of(self, target: Target) -> UUID | None:
        """Return the member that a call goes to. None if it is unknown or any member will do."""
        if isinstance(target, int):
            return self.owner(target)
        return target if isinstance(target, UUID | None) else target.member_uuid

    def _find_owner(self, partition_id: int) -> Connection | None:
        if not self.smart:
            return None
        # Take the dict before reading the table: a change replaces the dict, so an owner from an older
        # table can only get into the old dict.
        owners = self._owners
        owner = self._partitions.owners.get(partition_id)
        connection = self.connections.get(owner) if owner is not None else None
        if connection is None or not connection.alive:
            return None
        owners[partition_id] = connection
        return connection

    def _forget_owners(self) -> None:
        self._owners = {}

    def unlink(self) -> None:
        """Forget the connections: the client has been shut down."""
        self.connections.clear()
        self._forget_owners()

    def for_member(self, uuid: UUID) -> Connection:
        """Return the connection to a member, or if it is not connected any other, which forwards."""
        connection = self.connections.get(uuid)
        if connection is not None and connection.alive:
            return connection
        return self.any()

    def exactly(self, uuid: UUID) -> Connection:
        """Return the connection to a member, and to no other.

        Args:
            uuid: The member.

        Returns:
            The connection.

        Raises:
            TargetNotMemberError: The member is not connected.
        """
        connection = self.connections.get(uuid)
        if connection is None or not connection.alive:
            raise TargetNotMemberError(f"there is no connection to member {uuid}")
        return connection

    def any(self) -> Connection:
        """Return a connection of the load balancer's choice.

        Returns:
            The connection.

        Raises:
            HazelcastIOError: There is no open connection.
        """
        connection = self.find_any()
        if connection is None:
            raise HazelcastIOError("there is no open connection to the cluster")
        return connection

    def find_any(self) -> Connection | None:
        """Return a connection of the load balancer's choice, or None if there is no open connection."""
        connections = self.connections
        if self.smart and self._balancer is not None:
            for _ in range(self._choices):
                member = self._balancer.next()
                if member is not None and member.uuid is not None:
                    connection = connections.get(member.uuid)
                    if connection is not None and connection.alive:
                        return connection
        for connection in tuple(connections.values()):
            if connection.alive:
                return connection
        return None

    def in_flight(self, correlation_id: int) -> bool:
        """Return whether a call with this number waits for its response on any connection."""
        return any(correlation_id in connection.calls for connection in tuple(self.connections.values()))

    def calls_in_flight(self) -> int:
        """Return the number of calls that wait for their responses."""
        return sum(len(connection.calls) for connection in tuple(self.connections.values()))
