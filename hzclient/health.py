"""How a client is: the result of `client.health()`, for readiness probes. Beyond the official API."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("ClientHealth",)


@dataclass(frozen=True, slots=True)
class ClientHealth:
    """State of a client at one moment. No member is asked for it.

    Attributes:
        state: `"STARTING"` before the first connection, `"CONNECTED"`, `"DISCONNECTED"` after the loss of the
            last connection, `"CLOSED"` after the shutdown.
        members: Number of members in the member list.
        connections: Number of open connections to members.
        oldest_missing_heartbeat: Seconds for which a member has not answered a ping, the longest if there are
            several; None if no ping waits for a response. At `heartbeat_timeout`, the connection is closed.
        in_flight: Number of requests that wait for a response, pings included.
    """

    state: str
    members: int
    connections: int
    oldest_missing_heartbeat: float | None
    in_flight: int

    @property
    def is_ready(self) -> bool:
        """True if the client is connected, so that calls can be sent."""
        return self.state == "CONNECTED" and self.connections > 0
