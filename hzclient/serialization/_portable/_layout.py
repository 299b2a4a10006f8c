"""Class definitions that the client knows, and what reading and writing by them takes."""

import itertools
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

from hzclient._locks import new_lock
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._primitives import Prefix
from hzclient.serialization.portable.classdef import (
    NESTED_TYPES,
    ClassDefinition,
    FieldDefinition,
    FieldType,
    type_name,
)

FIXED_TYPES: Final[dict[int, str]] = {
    FieldType.BYTE: "b",
    FieldType.BOOLEAN: "?",
    FieldType.SHORT: "h",
    FieldType.INT: "i",
    FieldType.LONG: "q",
    FieldType.FLOAT: "f",
    FieldType.DOUBLE: "d",
}
"""Types of a fixed size, with their struct codes."""

FieldIndex = dict[str, tuple[int, bytes]]
"""Index of a field in its definition, and the bytes before its value, by its name."""


class Run(NamedTuple):
    """Neighbours in a definition whose values have fixed sizes. They are read together.

    They are, if they were written in the order of the definition.

    Attributes:
        first: Index of the first field.
        items: Bytes before the value and value of each field in turn.
        heads: The bytes before the values.
    """

    first: int
    items: struct.Struct
    heads: tuple[bytes, ...]


class Layout:
    """A class definition, made ready for one byte order.

    Args:
        definition: The definition.
        prefix: Byte order.

    Attributes:
        definition: The definition.
        prefix: Byte order.
        fields: The fields of the definition, in its order.
        by_type: For each field type, its fields.
        heads: For each field, the bytes before its value: name and type.
        header: What a body starts with: version, end, number of fields, positions of fields and raw data.
        nests: True if some fields hold portable objects.
        runs: For each field, the run that it belongs to.
    """

    __slots__ = ("by_type", "definition", "fields", "header", "heads", "nests", "prefix", "runs")

    def __init__(self, definition: ClassDefinition, prefix: Prefix) -> None:
        self.definition: Final = definition
        self.prefix: Final = prefix
        self.fields: Final = tuple(definition.field_defs.values())
        self.heads: Final = tuple([_head(field, prefix) for field in self.fields])
        self.by_type: Final[tuple[FieldIndex, ...]] = tuple([{} for _ in range(30)])
        for index, field in enumerate(self.fields):
            self.by_type[field.field_type][field.field_name] = index, self.heads[index]
        self.header: Final = struct.Struct(f"{prefix}{4 + len(self.fields)}i")
        self.nests: Final = any(field.field_type in NESTED_TYPES for field in self.fields)
        self.runs: Final = self._find_runs()

    def _find_runs(self) -> tuple[Run | None, ...]:
        runs: list[Run | None] = []
        for fixed, group in itertools.groupby(self.fields, lambda field: field.field_type in FIXED_TYPES):
            members = list(group)
            heads = tuple([self.heads[field.index] for field in members])
            codes = [f"{len(self.heads[f.index])}s{FIXED_TYPES[f.field_type]}" for f in members if fixed]
            run = Run(members[0].index, struct.Struct(self.prefix + "".join(codes)), heads) if fixed else None
            runs += [run] * len(members)
        return tuple(runs)

    def describe(self, field: FieldDefinition) -> str:
        """Name a field for a message."""
        return f"the {type_name(field.field_type)} field {field.field_name!r} of {self.definition.describe()}"


def _head(field: FieldDefinition, prefix: Prefix) -> bytes:
    # The format has one byte for each UTF-16 unit of a name; Java keeps the low one of higher characters.
    units = field.field_name.encode("utf-16-le", "surrogatepass")
    return struct.pack(prefix + "h", len(units) // 2) + units[::2] + bytes([field.field_type])


class Layouts:
    """Layouts of all class definitions that were registered, written or met. Safe to use from any thread.

    Args:
        prefix: Byte order.
    """

    def __init__(self, prefix: Prefix) -> None:
        self._prefix: Final[Prefix] = prefix
        self._lock = new_lock()
        self._layouts: dict[tuple[int, int, int], Layout] = {}

    def find(self, factory_id: int, class_id: int, version: int) -> Layout | None:
        """Return the layout of a version of a class, None if its definition is not known."""
        return self._layouts.get((factory_id, class_id, version))

    def register(self, definition: ClassDefinition) -> Layout:
        """Add a definition, and return its layout.

        Args:
            definition: The definition.

        Returns:
            The layout.

        Raises:
            HazelcastSerializationError: If there is another definition of the same version.
        """
        key = definition.factory_id, definition.class_id, definition.version
        with self._lock:
            layout = self._layouts.get(key)
            if layout is None:
                layout = self._layouts[key] = Layout(definition, self._prefix)
        if definition is not layout.definition and not _same_fields(definition, layout.definition):
            raise HazelcastSerializationError(
                f"two definitions of {definition.describe()} differ: "
                f"{layout.definition!r} and {definition!r}; "
                "change the version of the class when its fields change"
            )
        return layout

    def register_all(self, definitions: Iterable[ClassDefinition], version: int, check_nested: bool) -> None:
        """Add the definitions of a configuration.

        Args:
            definitions: The definitions.
            version: Version of those that have none.
            check_nested: True if a nested class must have a definition too.

        Raises:
            HazelcastSerializationError: If a class has two definitions, or a nested class none.
        """
        known: dict[tuple[int, int], ClassDefinition] = {}
        for definition in definitions:
            if known.setdefault((definition.factory_id, definition.class_id), definition) is not definition:
                raise HazelcastSerializationError(f"there are two definitions of {definition.describe()}")
            definition.set_version_if_not_set(version)
        for definition in known.values():
            layout = self.register(definition)
            for field in layout.fields:
                nested = field.factory_id, field.class_id
                if check_nested and field.field_type in NESTED_TYPES and nested not in known:
                    raise HazelcastSerializationError(
                        f"{layout.describe(field)} holds the class {nested[0]}/{nested[1]},"
                        " which has no definition"
                    )


def _same_fields(first: ClassDefinition, second: ClassDefinition) -> bool:
    # Versions of nested classes are no part of the data, so definitions that were read do not know them.
    def keys(definition: ClassDefinition) -> list[tuple[str, int, int, int]]:
        return [
            (f.field_name, f.field_type, f.factory_id, f.class_id) for f in definition.field_defs.values()
        ]

    return keys(first) == keys(second)
