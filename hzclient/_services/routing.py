"""Which connection a call takes."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from hzclient._services.call import Target
from hzclient._services.partitions import PartitionTable
from hzclient._services.ports import Connection
from hzclient.core import MemberInfo
from hzclient.errors import HazelcastIOError, TargetNotMemberError


class MemberChooser(Protocol):
    """The part of a load balancer that is asked for each call without a target."""

    def next(self) -> MemberInfo | None:
        """The member for the next call; None where it knows of none."""


class Router:
    """Chooses the connection of a call; read from any thread.

    Attributes:
        connections: The authenticated connections by member, in the order they were opened.
        smart: Whether calls go to the member that owns their partition. Otherwise all go to the
            one connection there is, and its member forwards them.
    """

    def __init__(self, partitions: PartitionTable, smart: bool) -> None:
        self.connections: dict[UUID, Connection] = {}
        self.smart = smart
        self._partitions = partitions
        self._owners: dict[int, Connection] = {}
        partitions.on_change(self._forget_owners)
        self._balancer: MemberChooser | None = None

    def use_load_balancer(self, balancer: MemberChooser) -> None:
        """Lets `balancer` choose for calls without a target from now on."""
        self._balancer = balancer

    def for_partition(self, partition_id: int) -> Connection:
        """The connection to the owner of a partition; any other where it is not connected."""
        connection = self._owners.get(partition_id)
        if connection is not None and connection.alive:
            return connection
        return self._find_owner(partition_id) or self.any()

    def owner(self, partition_id: int) -> UUID | None:
        """The member that calls for a partition go to; None where it is not known, or does not matter."""
        return self._partitions.owners.get(partition_id) if self.smart else None

    def member_of(self, target: Target) -> UUID | None:
        """The member that a call goes to. None if that is unknown, or if any member will do."""
        if isinstance(target, int):
            return self.owner(target)
        return target if isinstance(target, UUID | None) else target.member_uuid

    def _find_owner(self, partition_id: int) -> Connection | None:
        if not self.smart:
            return None
        # Taken before the table is read: what an older table says must not get into a newer dict.
        owners = self._owners
        owner = self._partitions.owners.get(partition_id)
        connection = self.connections.get(owner) if owner is not None else None
        if connection is None or not connection.alive:
            return None
        owners[partition_id] = connection
        return connection

    def _forget_owners(self) -> None:
        self._owners = {}

    def for_member(self, uuid: UUID) -> Connection:
        """The connection to a member; any other where it is not connected, which forwards."""
        connection = self.connections.get(uuid)
        if connection is not None and connection.alive:
            return connection
        return self.any()

    def exactly(self, uuid: UUID) -> Connection:
        """The connection to a member, and to no other.

        Raises:
            TargetNotMemberError: There is no connection to it.
        """
        connection = self.connections.get(uuid)
        if connection is None or not connection.alive:
            raise TargetNotMemberError(f"there is no connection to member {uuid}")
        return connection

    def any(self) -> Connection:
        """A connection of the load balancer's choice.

        Raises:
            HazelcastIOError: There is no open connection; calls that may be are retried.
        """
        connection = self.find_any()
        if connection is None:
            raise HazelcastIOError("there is no open connection to the cluster")
        return connection

    def find_any(self) -> Connection | None:
        """As `any`, but None where there is no open connection."""
        connections = self.connections
        if self.smart and self._balancer is not None:
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
        """Whether a call of this number waits for its answer on any connection."""
        return any(correlation_id in connection.calls for connection in tuple(self.connections.values()))

    def calls_in_flight(self) -> int:
        """How many calls wait for their answers."""
        return sum(len(connection.calls) for connection in tuple(self.connections.values()))
