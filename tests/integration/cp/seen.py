"""The CP subsystem of a client, through one of its faces."""

from __future__ import annotations

from typing import Any

from hzclient._codec import cp_session
from hzclient.future import OperationFuture
from tests.integration.faces import Face, Seen


class CPFace(Face):
    """As `Face`, for the structures of the CP subsystem.

    Attributes:
        owner: The client itself.
    """

    def __init__(self, name: str, owner: Any) -> None:
        super().__init__(name, owner.cp_subsystem)
        self.owner = owner

    def sessions_in_use(self, structure: Seen) -> int:
        """How many uses the client's session with the group of a structure counts."""
        return self._sessions.in_use(structure.target.get_group_id())

    async def lose_session(self, structure: Seen) -> None:
        """Ends the client's session with the group of a structure, as if it had expired there."""
        group_id = structure.target.get_group_id()
        request = cp_session.CLOSE_SESSION.encode(group_id, self._sessions.session_id(group_id))
        call = self.owner._engine.invocations.invoke(request)
        assert await (call if self.name == "asyncio" else OperationFuture(call))

    async def leave_nothing(self, structure: Seen) -> None:
        """Ends the client's session with the group of a structure, if that is in use still."""
        group_id = structure.target.get_group_id()
        if self.sessions_in_use(structure):
            await self.lose_session(structure)
            self._sessions.invalidate(group_id, self._sessions.session_id(group_id))

    @property
    def _sessions(self) -> Any:
        return self.owner._engine.cp_proxies.context.sessions
