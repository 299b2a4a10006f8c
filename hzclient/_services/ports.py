"""What the core needs of the network: the seam at which tests put their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from hzclient._protocol.message import Message
from hzclient._runtime.pending import Waiter
from hzclient.core import Address


class Connection(Protocol):
    """An open connection to one member.

    Attributes:
        connection_id: Counts the connections of this client.
        alive: False from the moment it is being closed.
        congested: True while the member reads more slowly than we write.
        calls: The calls that wait for an answer on this connection, by correlation id.
        event_handlers: What takes the events of the registrations made by it, by correlation id.
        member_uuid: The member at the other end; None before authentication.
        address: What the member calls itself; what was dialled, before authentication.
        close_reason: The error for calls that were waiting when it was closed.
    """

    connection_id: int
    alive: bool
    congested: bool
    calls: dict[int, Waiter[Message]]
    event_handlers: dict[int, Callable[[Message], None]]
    member_uuid: UUID | None
    address: Address
    close_reason: Exception | None

    def send(self, head: bytes, body: bytes) -> None:
        """Queues one message; the loop's next turn writes it."""

    def writable(self) -> Waiter[None]:
        """A result that is set when `congested` ends."""
        ...

    def close(self, reason: str, cause: Exception | None = None) -> None:
        """Closes it and fails the calls that wait for it. Called on the loop; twice does nothing."""
