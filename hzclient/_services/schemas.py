"""Compact schemas on their way between this client and the cluster."""

from __future__ import annotations

import logging

from hzclient._codec import client as codec
from hzclient._codec import custom
from hzclient._runtime.base import Runtime
from hzclient._services.call import URGENT, Invoker
from hzclient._services.members import MemberList
from hzclient._services.ports import Connection
from hzclient.errors import HazelcastSerializationError, IllegalStateError
from hzclient.serialization._schema import Schema, SchemaRegistry

_logger = logging.getLogger("hzclient.compact")

_ATTEMPTS = 100
"""Times a schema is sent before it is given up that every member gets it."""


class SchemaService:
    """Sends the schemas of this client to the members, and fetches those that others wrote.

    May be called from any thread, inside operations. Calls need schemas and schemas need calls, so
    every method takes the invoker to call with instead of holding one.

    Attributes:
        registry: The schemas that this client knows.

    Args:
        runtime: Makes the pauses.
        registry: The schemas that this client knows.
        members: The members that must have a schema.
        pause: Seconds between attempts.
    """

    def __init__(self, runtime: Runtime, registry: SchemaRegistry, members: MemberList, pause: float) -> None:
        self._runtime = runtime
        self.registry = registry
        self._members = members
        self._pause = pause

    async def replicate(self, invoker: Invoker) -> None:
        """Send the schemas that the cluster does not have yet.

        Args:
            invoker: What to call with.

        Raises:
            IllegalStateError: Some member did not get a schema.
        """
        for schema in tuple(self.registry.unreplicated.values()):
            await self._replicate(invoker, schema)

    async def _replicate(self, invoker: Invoker, schema: Schema) -> None:
        request = codec.SEND_SCHEMA.encode(_on_the_wire(schema))
        for attempt in range(_ATTEMPTS):
            if attempt:
                await self._runtime.sleep(self._pause)
            have_it = await invoker.invoke(request, terms=URGENT)
            if have_it.issuperset(self._members.members.keys()):
                self.registry.mark_replicated(schema)
                return
        raise IllegalStateError(
            f"{schema!r} cannot be replicated: some members do not have it after {_ATTEMPTS} attempts"
        )

    async def fetch(self, invoker: Invoker, schema_id: int) -> None:
        """Ask the cluster for an unknown schema.

        Args:
            invoker: What to call with.
            schema_id: Id of the schema.

        Raises:
            HazelcastSerializationError: The cluster does not have it either.
        """
        _logger.debug("Fetching schema %s", schema_id)
        schema = await invoker.invoke(codec.FETCH_SCHEMA.encode(schema_id), terms=URGENT)
        if schema is None:
            raise HazelcastSerializationError(f"the cluster has no compact schema with the id {schema_id}")
        self.registry.mark_replicated(
            Schema(schema.type_name, [(field.field_name, field.kind) for field in schema.fields])
        )

    async def send_all(self, invoker: Invoker, connection: Connection) -> None:
        """Send all known schemas again after a reconnect: a restarted cluster has lost them.

        Args:
            invoker: What to call with.
            connection: Where to send them.
        """
        schemas = [*self.registry.replicated.values()]
        if schemas:
            request = codec.SEND_ALL_SCHEMAS.encode(_on_the_wire(schema) for schema in schemas)
            await invoker.invoke(request, connection=connection, terms=URGENT)


def _on_the_wire(schema: Schema) -> custom.Schema:
    return custom.Schema(
        schema.type_name, [custom.FieldDescriptor(name, int(kind)) for name, kind in schema.fields]
    )
