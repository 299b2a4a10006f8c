"""What the core needs of the network: the seam at which tests put their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from hzclient._protocol.message import Message
from hzclient._runtime.pending import Waiter
from hzclient.core import Address


class Connection(Protocol):
    """An open connection to one member.

    Attributes:
        connection_id: Counts the connections of this client.
        alive: False from the moment it is being closed.
        congested: True while a call must ask for its turn before it is sent.
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

    def turn(self, *, urgent: bool = False, registers: bool = False) -> Waiter[None]:
        """Return a result that is set when a call may be sent, or when the connection is closed."""
        ...

    def hold_until(self, registered: Waiter[Any]) -> None:
        """Hold back the calls that follow until the response to a registration has arrived."""

    def close(self, reason: str, cause: Exception | None = None) -> None:
        """Closes it and fails the calls that wait for it. Called on the loop; twice does nothing."""
