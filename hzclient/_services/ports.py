"""What the services need of the network, as protocols that tests can implement."""

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
        connection_id: Number of the connection in this client.
        alive: False from the moment it is being closed.
        congested: True while a call must ask for its turn before it is sent.
        calls: The calls that wait for a response here, by correlation id. Only the connection changes it.
        member_uuid: The member at the other end; None before authentication.
        address: Address that the member reports; before authentication the dialled one.
        close_reason: Error for the calls that were waiting when it was closed; None while it is open.
    """

    connection_id: int
    alive: bool
    congested: bool
    calls: dict[int, Waiter[Message]]
    member_uuid: UUID | None
    address: Address
    close_reason: Exception | None

    def send(
        self,
        correlation_id: int,
        waiter: Waiter[Message],
        head: bytes,
        body: bytes,
        on_event: Callable[[Message], None] | None = None,
        registers: bool = False,
    ) -> None:
        """Queue one request, whose response or error `waiter` receives."""

    def forget(self, correlation_id: int) -> None:
        """Drop a call that its caller has given up, and the events of its registration."""

    def drop_events(self, on_event: Callable[[Message], None]) -> None:
        """Drop the events of a registration that is removed."""

    def turn(self, *, urgent: bool = False, registers: bool = False) -> Waiter[None]:
        """Return a result that is set when a call may be sent, or when the connection is closed."""
        ...

    def close(self, reason: str, cause: Exception | None = None) -> None:
        """Close it and fail the calls that wait for it. Called on the loop. Closing twice does nothing."""
