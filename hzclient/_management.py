"""What members report about themselves and their clients, as Management Center reads it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from hzclient._codec import client as client_codec
from hzclient._codec import mc
from hzclient._runtime.threads import block_until_done
from hzclient._services.metric_reader import Reading, decompress
from hzclient.errors import HazelcastError

if TYPE_CHECKING:
    from hzclient._engine import Engine
    from hzclient._net.connection import MemberConnection
    from hzclient._runtime.owned import OwnedRuntime
    from hzclient.client import HazelcastClient

_SECONDS: Final = 3.0
"""How long one member may take to report."""

_PAUSE: Final = 0.02
"""Seconds between looks whether all members are connected."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReport:
    """What one member reported.

    Attributes:
        uuid: The member.
        address: Address that the client is connected to.
        round_trip: Seconds that a ping took; None if it was not answered.
        state: The member's state, as JSON objects. Empty if the member did not report it.
        collected_at: When the member collected its metrics, in milliseconds since 1970; 0 if there are none.
        readings: The metrics.
        problem: Why something is missing; None if nothing is.
    """

    uuid: UUID
    address: str
    round_trip: float | None = None
    state: Mapping[str, Any] = field(default_factory=dict[str, Any])
    collected_at: int = 0
    readings: list[Reading] = field(default_factory=list[Reading])
    problem: str | None = None


class Management:
    """Asks the members that a client is connected to.

    Args:
        client: The client.
    """

    def __init__(self, client: HazelcastClient) -> None:
        runtime = client._owner.runtime  # pyright: ignore[reportPrivateUsage]
        assert runtime is not None
        self._runtime: OwnedRuntime = runtime
        self._engine: Engine = client._engine  # pyright: ignore[reportPrivateUsage]
        self._next: dict[UUID, int] = {}
        self._is_first = True

    @property
    def client_uuid(self) -> UUID:
        """Identifier of the client itself, which members report too."""
        return self._engine.uuid

    def reports(self) -> list[MemberReport]:
        """Ask all members at once. A member that does not respond in time has an entry that says so.

        Returns:
            One report per member. That of a member without a connection has a problem only.
        """
        return self._run(self._reports)

    def backup_counts(self, map_name: str) -> tuple[int, int]:
        """Return how many backups a map is configured to have.

        Args:
            map_name: Name of the map.

        Returns:
            The numbers of synchronous and of asynchronous backups.

        Raises:
            HazelcastError: The members refuse to say.
        """
        config = self._run(lambda: self._ask(mc.GET_MAP_CONFIG.encode(map_name)))
        return config.backup_count, config.async_backup_count

    async def _ask(self, request: Any) -> Any:
        return await self._engine.invocations.invoke(request)

    def _run(self, service: Callable[[], Coroutine[Any, Any, T]]) -> T:
        call = self._runtime.start_call(service)
        try:
            block_until_done(call, None)
        except BaseException:
            call.cancel()
            raise
        return call.outcome()

    async def _reports(self) -> list[MemberReport]:
        await self._wait_for_connections()
        connections = [each for each in self._engine.manager.connections() if each.alive]
        reports = list(await asyncio.gather(*(self._report(each) for each in connections)))
        present = {each.uuid for each in reports}
        for uuid, member in list(self._engine.members.members.items()):
            if uuid not in present:
                reports.append(
                    MemberReport(uuid=uuid, address=member.address.to_string(), problem="not connected")
                )
        return reports

    async def _wait_for_connections(self) -> None:
        """Wait before the first reports, because a client connects to some members after its start only."""
        if not self._is_first:
            return
        self._is_first = False
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                while len(self._engine.manager.connections()) < self._expected():  # noqa: ASYNC110 - no event says it
                    await asyncio.sleep(_PAUSE)

    def _expected(self) -> int:
        config = self._engine.config
        everybody = config.smart_routing and not config.partition_group_routing
        return len(self._engine.members.members) if everybody else 1

    async def _report(self, connection: MemberConnection) -> MemberReport:
        uuid = connection.member_uuid
        assert uuid is not None
        found: dict[str, Any] = {"uuid": uuid, "address": connection.address.to_string()}
        try:
            async with asyncio.timeout(_SECONDS):
                started = time.perf_counter()
                await self._invoke(client_codec.PING.encode(), connection)
                found["round_trip"] = time.perf_counter() - started
                found["state"] = await self._state(connection)
                found["collected_at"], found["readings"] = await self._metrics(connection, uuid)
        except TimeoutError:
            found["problem"] = f"no response in {_SECONDS:.0f} s"
        except (HazelcastError, ValueError) as error:
            found["problem"] = f"{type(error).__name__}: {error}"
        return MemberReport(**found)

    async def _invoke(self, request: Any, connection: MemberConnection) -> Any:
        return await self._engine.invocations.invoke(request, connection=connection)

    async def _state(self, connection: MemberConnection) -> Mapping[str, Any]:
        text: str | None = await self._invoke(mc.GET_TIMED_MEMBER_STATE.encode(), connection)
        state: Mapping[str, Any] = json.loads(text)["timedMemberState"] if text else {}
        return state

    async def _metrics(self, connection: MemberConnection, uuid: UUID) -> tuple[int, list[Reading]]:
        """Read the latest collection. Members keep one; asking for a later one would wait for it."""
        response = await self._invoke(
            mc.READ_METRICS.encode(uuid, max(0, self._next.get(uuid, 0) - 1)), connection
        )
        self._next[uuid] = response.next_sequence
        if not response.elements:
            return 0, []
        collected_at, blob = response.elements[-1]
        return collected_at, decompress(bytes(blob))
