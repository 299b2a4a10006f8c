"""Compact schemas on their way between this client and the cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from uuid import UUID

from hzclient._codec import client as codec
from hzclient._codec import custom
from hzclient._runtime.base import Runtime
from hzclient._services.invocation import InvocationService
from hzclient._services.ports import Connection
from hzclient.errors import HazelcastSerializationError, IllegalStateError
from hzclient.serialization._schema import Schema, SchemaRegistry

_logger = logging.getLogger("hzclient.compact")

_ATTEMPTS = 100
"""Times a schema is sent before it is given up that every member gets it."""


class SchemaService:
    """Sends the schemas of this client to the members, and fetches those that others wrote.

    May be called from any thread, inside operations.

    Attributes:
        registry: The schemas that are known here.
    """

    def __init__(
        self,
        runtime: Runtime,
        invocations: InvocationService,
        registry: SchemaRegistry,
        members: Callable[[], Collection[UUID]],
        pause: float,
    ) -> None:
        """Args:
        runtime: Makes the pauses.
        invocations: Sends the messages.
        registry: The schemas that are known here.
        members: The members that must have a schema.
        pause: Seconds between attempts.
        """
        self._runtime = runtime
        self._invocations = invocations
        self.registry = registry
        self._members = members
        self._pause = pause

    async def replicate(self) -> None:
        """Sends the schemas that the cluster does not have yet.

        Raises:
            IllegalStateError: Some member does not get them.
        """
        for schema in tuple(self.registry.unreplicated.values()):
            await self._replicate(schema)

    async def _replicate(self, schema: Schema) -> None:
        request = codec.SEND_SCHEMA.encode(_on_the_wire(schema))
        for attempt in range(_ATTEMPTS):
            if attempt:
                await self._runtime.sleep(self._pause)
            have_it = await self._invocations.invoke(request, urgent=True)
            if have_it.issuperset(self._members()):
                self.registry.mark_replicated(schema)
                return
        raise IllegalStateError(
            f"{schema!r} cannot be replicated: some members do not have it after {_ATTEMPTS} attempts"
        )

    async def fetch(self, schema_id: int) -> None:
        """Asks the cluster for a schema that is not known here.

        Raises:
            HazelcastSerializationError: The cluster does not know it either.
        """
        _logger.debug("Fetching schema %s", schema_id)
        schema = await self._invocations.invoke(codec.FETCH_SCHEMA.encode(schema_id), urgent=True)
        if schema is None:
            raise HazelcastSerializationError(f"the cluster has no compact schema with the id {schema_id}")
        self.registry.mark_replicated(
            Schema(schema.type_name, [(field.field_name, field.kind) for field in schema.fields])
        )

    async def send_all(self, connection: Connection) -> None:
        """Sends all schemas again: the client is back, and the cluster may have lost them."""
        schemas = [*self.registry.replicated.values()]
        if schemas:
            request = codec.SEND_ALL_SCHEMAS.encode(_on_the_wire(schema) for schema in schemas)
            await self._invocations.invoke(request, connection=connection, urgent=True)


def _on_the_wire(schema: Schema) -> custom.Schema:
    return custom.Schema(
        schema.type_name, [custom.FieldDescriptor(name, int(kind)) for name, kind in schema.fields]
    )
