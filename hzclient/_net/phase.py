"""Life cycle of a client's connection to its cluster: the phases and the moves between them."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from hzclient.errors import IllegalStateError


class Phase(Enum):
    """Where a client stands towards its cluster."""

    STARTING = auto()
    """It has never been connected, and looks for a member."""

    CONNECTED = auto()
    """At least one member is connected, and calls may be sent."""

    DISCONNECTED = auto()
    """The last connection was lost. It looks for a member again, unless reconnecting is off."""

    CLOSED = auto()
    """It is shut down, for good."""

    def to(self, phase: Phase) -> Phase:
        """Return `phase`, if the client may go there from here.

        Args:
            phase: Where to go.

        Returns:
            The phase.

        Raises:
            IllegalStateError: There is no such move.
        """
        if phase not in _MOVES[self]:
            raise IllegalStateError(f"a client that is {self.name} cannot become {phase.name}")
        return phase


_MOVES: Final = {
    Phase.STARTING: {Phase.CONNECTED, Phase.CLOSED},
    Phase.CONNECTED: {Phase.DISCONNECTED, Phase.CLOSED},
    Phase.DISCONNECTED: {Phase.CONNECTED, Phase.CLOSED},
    Phase.CLOSED: {Phase.CLOSED},
}
