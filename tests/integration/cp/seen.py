"""The CP subsystem of a client, through one of its faces."""

from __future__ import annotations

from typing import Any

from hzclient._codec import mc
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
        return self._sessions.in_use(structure.target.get_group_id())  # type: ignore[no-any-return]

    async def lose_session(self, structure: Seen) -> None:
        """Ends the client's session with the group of a structure, as if it had expired there."""
        group_id = structure.target.get_group_id()
        request = mc.FORCE_CLOSE_CP_SESSION.encode(group_id.name, self._sessions.session_id(group_id))
        engine = self.owner._engine
        call = engine.invocations.invoke(request)
        if self.name == "asyncio":
            assert await call
        else:
            from hzclient.future import OperationFuture

            assert await OperationFuture(call)

    @property
    def _sessions(self) -> Any:
        return self.owner._engine.cp_proxies.context.sessions
