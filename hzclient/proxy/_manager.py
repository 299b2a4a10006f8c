"""Proxies of one client: one for each structure, until the structure is destroyed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from hzclient._codec import client as codec
from hzclient._runtime.base import Runtime
from hzclient._runtime.getters import Faces
from hzclient._services.invocation import InvocationService
from hzclient.core import DistributedObjectInfo
from hzclient.future import OperationFuture
from hzclient.proxy.base import ProxyContext, ProxyOperations

_logger = logging.getLogger("hzclient.proxy")

A = TypeVar("A", bound=ProxyOperations)
F = TypeVar("F")


Kind = tuple[Callable[[str, str, ProxyContext], A], Callable[[A], F]]
"""What makes the asyncio face of a kind of structure, and what makes the Future face from that."""


class Structure(NamedTuple, Generic[A, F]):
    """A kind of structure.

    Attributes:
        service_name: Name of the members' service for it.
        load: Imports what makes its faces.
    """

    service_name: str
    load: Callable[[], Kind[A, F]]

    @property
    def operations(self) -> Callable[[str, str, ProxyContext], A]:
        """What makes the asyncio face."""
        return self.load()[0]

    @property
    def future_face(self) -> Callable[[A], F]:
        """What makes the Future face."""
        return self.load()[1]


class ProxyManager:
    """Creates proxies, and destroys structures. Used on the loop, except for `find`.

    Args:
        runtime: Runtime of the client.
        invocations: Sends the requests.
    """

    def __init__(self, runtime: Runtime, invocations: InvocationService) -> None:
        self._runtime = runtime
        self._invocations = invocations
        self._known: dict[tuple[str, str], Faces[Any, Any]] = {}
        self._listed: set[tuple[str, str]] = set()
        self._being_made: dict[tuple[str, str], OperationFuture[Faces[Any, Any]]] = {}

    def find(self, structure: Structure[A, F], name: str) -> Faces[A, F] | None:
        """Return the proxy of a structure that this client uses already. May be called from any thread."""
        return self._known.get((structure.service_name, name))

    async def get(
        self, structure: Structure[A, F], name: str, context: ProxyContext, *, exists: bool = False
    ) -> Faces[A, F]:
        """Return the proxy of a structure, and create the structure in the cluster if it is new.

        Concurrent callers get the same proxy.

        Args:
            structure: Kind of the structure.
            name: Name of the structure.
            context: What the proxy uses of the client.
            exists: True if the structure is known to exist in the cluster.

        Returns:
            The proxy, in both of its faces.
        """
        key = (structure.service_name, name)
        if (known := self._known.get(key)) is not None:
            return known
        if (being_made := self._being_made.get(key)) is None:
            being_made = OperationFuture(self._make(structure, name, context, exists))
            self._being_made[key] = being_made
            being_made.add_done_callback(lambda _: self._being_made.pop(key, None))
        # Not awaited itself: a caller who gives up waiting would cancel it for the others.
        await self._runtime.first_of(being_made)
        return being_made.outcome()

    async def _make(
        self, structure: Structure[A, F], name: str, context: ProxyContext, exists: bool
    ) -> Faces[A, F]:
        operations = structure.operations(structure.service_name, name, context)
        if not exists:
            await self._invocations.invoke(codec.CREATE_PROXY.encode(name, structure.service_name))
        await operations.on_created()
        known = Faces(operations, structure.future_face(operations))
        self._known[structure.service_name, name] = known
        return known

    async def destroy(self, service_name: str, name: str) -> bool:
        """Destroy a structure in the cluster, and forget its proxy.

        Args:
            service_name: Name of the members' service.
            name: Name of the structure.

        Returns:
            False if there is no such proxy, or no longer.
        """
        key = (service_name, name)
        known = self._known.pop(key, None)
        self._listed.discard(key)
        if known is None:
            return False
        await known.operations.on_destroyed()
        await self._invocations.invoke(codec.DESTROY_PROXY.encode(name, service_name))
        return True

    async def distributed_objects(self) -> list[DistributedObjectInfo]:
        """Return the structures that exist in the cluster, and forget the proxies of those that are gone."""
        infos = await self._invocations.invoke(codec.GET_DISTRIBUTED_OBJECTS.encode())
        existing = {(info.service_name, info.name) for info in infos}
        # A structure that was never listed may be too new for the member that was asked.
        for key in [key for key in self._known if key in self._listed and key not in existing]:
            await self._known.pop(key).operations.on_destroyed()
        self._listed = existing
        return infos

    def forget_cluster(self) -> None:
        """Make all proxies forget what belongs to the cluster that the client has left."""
        self._listed.clear()
        for known in list(self._known.values()):
            known.operations.forget_cluster()

    async def create_again(self) -> None:
        """Create the structures of all proxies in the cluster that the client has moved to."""
        for service_name, name in list(self._known):
            await self._invocations.invoke(codec.CREATE_PROXY.encode(name, service_name))

    def forget_in_child(self) -> None:
        """Notify all proxies that this is a child process, in which they cannot be used."""
        for known in list(self._known.values()):
            known.operations.forget_in_child()

    async def close(self) -> None:
        """Notify all proxies that the client shuts down."""
        for known in list(self._known.values()):
            try:
                await known.operations.on_destroyed()
            except Exception:
                _logger.exception("%r cannot be closed", known.operations)
        self._known.clear()
