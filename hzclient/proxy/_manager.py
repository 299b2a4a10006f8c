"""The proxies of one client: made once for each structure, and forgotten when it is destroyed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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


@dataclass(frozen=True, slots=True)
class Structure(Generic[A, F]):
    """A kind of structure.

    Attributes:
        service_name: The member's service that holds it.
        operations: Its asyncio face.
        future_face: The face whose operations each give a `Future`.
    """

    service_name: str
    operations: Callable[[str, str, ProxyContext], A]
    future_face: Callable[[A], F]


class ProxyManager:
    """Makes proxies and destroys structures. Used on the loop, but for `find`."""

    def __init__(self, runtime: Runtime, invocations: InvocationService) -> None:
        self._runtime = runtime
        self._invocations = invocations
        self._known: dict[tuple[str, str], Faces[Any, Any]] = {}
        self._listed: set[tuple[str, str]] = set()
        self._being_made: dict[tuple[str, str], OperationFuture[Faces[Any, Any]]] = {}

    def find(self, structure: Structure[A, F], name: str) -> Faces[A, F] | None:
        """The proxy of a structure that this client has used already. May be called from any thread."""
        return self._known.get((structure.service_name, name))

    async def get(
        self, structure: Structure[A, F], name: str, context: ProxyContext, *, exists: bool = False
    ) -> Faces[A, F]:
        """The proxy of a structure, which is created in the cluster where it is new.

        Who asks while another is being told gets the same proxy.

        Args:
            structure: The kind.
            name: Its name.
            context: What the proxy uses of the client.
            exists: Whether it is known to exist in the cluster.
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
        """Destroys a structure in the cluster and forgets its proxy.

        Returns:
            False where there is no such proxy (any more).
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
        """The structures that exist in the cluster. Proxies of those that are gone are forgotten."""
        infos = await self._invocations.invoke(codec.GET_DISTRIBUTED_OBJECTS.encode())
        existing = {(info.service_name, info.name) for info in infos}
        # One that was never listed is too young: the member that was asked has not heard of it yet.
        for key in [key for key in self._known if key in self._listed and key not in existing]:
            await self._known.pop(key).operations.on_destroyed()
        self._listed = existing
        return infos

    def forget_in_child(self) -> None:
        """Tells all proxies that this is a child process, where they cannot be used."""
        for known in list(self._known.values()):
            known.operations.forget_in_child()

    async def close(self) -> None:
        """Tells all proxies that the client shuts down."""
        for known in list(self._known.values()):
            try:
                await known.operations.on_destroyed()
            except Exception:
                _logger.exception("%r cannot be closed", known.operations)
        self._known.clear()
