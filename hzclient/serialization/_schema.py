"""Schemas of compact data, and what the client knows about them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from hzclient._locks import new_lock
from hzclient.errors import HazelcastError, HazelcastSerializationError, IllegalStateError
from hzclient.serialization._fingerprint import name_order, schema_fingerprint
from hzclient.serialization.api import FieldKind

__all__ = ["FieldDescriptor", "Schema", "SchemaNotFoundError", "SchemaNotReplicatedError", "SchemaRegistry"]

# Kinds that the format numbers but compact data never holds.
_UNUSABLE: Final = frozenset(
    {
        FieldKind.NOT_AVAILABLE,
        FieldKind.CHAR,
        FieldKind.ARRAY_OF_CHAR,
        FieldKind.PORTABLE,
        FieldKind.ARRAY_OF_PORTABLE,
    }
)
_KINDS: Final = {int(kind): kind for kind in FieldKind if kind not in _UNUSABLE}


class FieldDescriptor(NamedTuple):
    """Name and kind of a field."""

    field_name: str
    kind: FieldKind


class Schema:
    """Names and kinds of the fields of a compact type. Immutable; equal schemas have equal ids.

    Args:
        type_name: Name that all languages share for the type.
        fields: Name and kind of each field, in any order.

    Raises:
        HazelcastSerializationError: If a name comes twice, or a kind is unknown or not for compact data.

    Attributes:
        type_name: Name of the type.
        fields: The fields sorted by name, in Java's order of strings.
        schema_id: Fingerprint of name and fields, a signed 64-bit number.
    """

    __slots__ = ("fields", "kinds", "schema_id", "type_name")

    def __init__(self, type_name: str, fields: Iterable[tuple[str, int]]) -> None:
        described = [FieldDescriptor(name, _field_kind(type_name, name, kind)) for name, kind in fields]
        described.sort(key=lambda field: name_order(field.field_name))
        self.type_name: Final = type_name
        self.fields: Final = tuple(described)
        self.kinds: Final[Mapping[str, FieldKind]] = dict(described)
        self.schema_id: Final = schema_fingerprint(type_name, described)
        if len(self.kinds) != len(described):
            names = [field.field_name for field in described]
            twice = next(name for name in names if names.count(name) > 1)
            raise HazelcastSerializationError(f"the field {twice!r} of {type_name!r} comes twice")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schema):
            return NotImplemented
        return self.type_name == other.type_name and self.fields == other.fields

    def __hash__(self) -> int:
        return self.schema_id

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}: {kind.name}" for name, kind in self.fields)
        return f"<Schema {self.type_name!r} id={self.schema_id} ({fields})>"


def _field_kind(type_name: str, field_name: str, kind: int) -> FieldKind:
    try:
        return _KINDS[kind]
    except KeyError:
        raise HazelcastSerializationError(
            f"the field {field_name!r} of {type_name!r} has the kind {kind}, which compact data cannot hold"
        ) from None


class SchemaNotFoundError(HazelcastError):
    """Compact data refers to a schema that this client has not fetched yet.

    Args:
        schema_id: Id of the schema.
    """

    def __init__(self, schema_id: int) -> None:
        super().__init__(f"the schema {schema_id} is not known here")
        self.schema_id = schema_id


class SchemaNotReplicatedError(HazelcastError):
    """The members could not be given a schema.

    Args:
        schema: The schema.
        clazz: Class whose objects it describes.
    """

    def __init__(self, schema: Schema, clazz: type[Any]) -> None:
        super().__init__(
            f"the schema {schema.schema_id} of {schema.type_name!r} is not replicated in the cluster"
        )
        self.schema = schema
        self.clazz = clazz


for _error in (SchemaNotFoundError, SchemaNotReplicatedError):
    _error.__module__ = "hzclient.serialization.compact"


class SchemaRegistry:
    """Schemas that the client knows, and whether the cluster has them. Safe to use from any thread.

    Attributes:
        unreplicated: By id, the schemas that must be sent before any data that refers to them. Empty
            nearly always, and replaced rather than changed, so the check on the way of each call is `if`.
        replicated: By id, the schemas that the cluster was seen to have; all must be sent again when
            the client reaches a cluster that may have lost them.
    """

    def __init__(self) -> None:
        self._lock = new_lock()
        self._known: dict[int, Schema] = {}
        self.unreplicated: Mapping[int, Schema] = MappingProxyType({})
        self.replicated: Mapping[int, Schema] = MappingProxyType({})

    def get(self, schema_id: int) -> Schema:
        """Return a schema.

        Args:
            schema_id: Id of the schema.

        Returns:
            The schema.

        Raises:
            SchemaNotFoundError: If it is not known here.
        """
        try:
            return self._known[schema_id]
        except KeyError:
            raise SchemaNotFoundError(schema_id) from None

    def register(self, schema: Schema) -> Schema:
        """Add a schema that the cluster may not have.

        Args:
            schema: The schema.

        Returns:
            The schema with this id: the one that was known already, if any.

        Raises:
            IllegalStateError: If another schema has the same id.
        """
        with self._lock:
            known = self._add(schema)
            while known.schema_id not in self.replicated:
                before = self.unreplicated
                added = MappingProxyType({**before, known.schema_id: known})
                if self.unreplicated is before:  # else a signal handler or finalizer has added a schema
                    self.unreplicated = added
                    break
            return known

    def mark_replicated(self, schema: Schema) -> None:
        """Note that the cluster has a schema, whether it was sent or fetched.

        Args:
            schema: The schema.

        Raises:
            IllegalStateError: If another schema has the same id.
        """
        with self._lock:
            known = self._add(schema)
            while known.schema_id not in self.replicated:
                replicated = self.replicated
                added = MappingProxyType({**replicated, known.schema_id: known})
                if self.replicated is replicated:
                    self.replicated = added
            while known.schema_id in self.unreplicated:
                before = self.unreplicated
                rest = MappingProxyType(
                    {key: value for key, value in before.items() if key != known.schema_id}
                )
                if self.unreplicated is before:
                    self.unreplicated = rest

    def _add(self, schema: Schema) -> Schema:
        known = self._known.setdefault(schema.schema_id, schema)
        if known != schema:
            raise IllegalStateError(f"two schemas have the id {schema.schema_id}: {known!r} and {schema!r}")
        return known
