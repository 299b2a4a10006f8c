"""What a `Portable` writes to: first to learn its class definition, then for bytes."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import unfit
from hzclient.serialization._declare import implemented
from hzclient.serialization._output import Output
from hzclient.serialization._portable._layout import Layout
from hzclient.serialization._portable._types import METHOD_TYPES, POSITIONED_TYPES, PositionedArrays
from hzclient.serialization._primitives import PACK_ERRORS
from hzclient.serialization.api import PortableWriter
from hzclient.serialization.portable.classdef import (
    ClassDefinition,
    FieldDefinition,
    FieldType,
    type_name,
)

ClassIds = tuple[int, int]


class ValueWriters(Protocol):
    """What a body writer asks of the format."""

    @property
    def packs(self) -> Sequence[Callable[[Any], bytes]]:
        """For each type, what packs a value, or an item if it is an array of positions."""
        ...

    @property
    def arrays(self) -> PositionedArrays:
        """Writes arrays that hold positions."""
        ...

    def ids_of(self, obj: Any) -> ClassIds:
        """Return factory and class id of a portable object."""
        ...

    def pack_ids(self, ids: ClassIds) -> bytes:
        """Return factory and class id as bytes."""
        ...

    def write_nested(self, out: Output, obj: Any) -> None:
        """Append the body of a portable object."""
        ...


class DefinitionWriter(PortableWriter):
    """Takes note of the fields, and ignores the values.

    Args:
        values: The format.
        definition: Gets the fields.
        raw: Gets the raw data.
    """

    __slots__ = ("_definition", "_raw", "format")

    def __init__(self, values: ValueWriters, definition: ClassDefinition, raw: Output) -> None:
        self.format = values
        self._definition = definition
        self._raw = raw

    def add(self, field_name: str, field_type: FieldType, ids: ClassIds = (0, 0)) -> None:
        """Add a field to the definition."""
        definition = self._definition
        field = FieldDefinition(len(definition.field_defs), field_name, field_type, definition.version, *ids)
        definition.add_field_def(field)

    def write_portable(self, field_name: str, portable: Any) -> None:
        """Add a nested object."""
        if portable is None:
            raise self.class_unknown(field_name, "None (write_null_portable names it)")
        self.add(field_name, FieldType.PORTABLE, self.format.ids_of(portable))

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        """Add a nested object that is absent."""
        self.add(field_name, FieldType.PORTABLE, (factory_id, class_id))

    def get_raw_data_output(self) -> Output:
        """Return a stream that nobody reads."""
        return self._raw

    def class_unknown(self, field_name: str, value: str) -> HazelcastSerializationError:
        """Build the error for a field of a class that no value names."""
        return HazelcastSerializationError(
            f"the class of the portable field {field_name!r} of {self._definition.describe()} "
            f"is not known, since the value is {value}; give a definition to class_definitions"
        )


def _collector(field_type: FieldType) -> Callable[..., None]:
    def write(self: DefinitionWriter, field_name: str, value: object) -> None:
        self.add(field_name, field_type)

    return write


def _collect_array(self: DefinitionWriter, field_name: str, values: Sequence[Any] | None) -> None:
    if not values:
        raise self.class_unknown(field_name, "None or empty")
    self.add(field_name, FieldType.PORTABLE_ARRAY, self.format.ids_of(values[0]))


implemented(
    {
        **{f"write_{name}": _collector(field_type) for name, field_type in METHOD_TYPES.items()},
        "write_portable_array": _collect_array,
    }
)(DefinitionWriter)


class BodyWriter(PortableWriter):
    """Appends the body of a portable object to an output.

    Args:
        values: The format.
        layout: Layout of its class definition.
        out: Stream to append to.
    """

    __slots__ = ("_start", "buffer", "format", "layout", "out", "positions", "raw_position")

    def __init__(self, values: ValueWriters, layout: Layout, out: Output) -> None:
        self.format = values
        self.layout = layout
        self.out = out
        self.buffer = out.buffer
        self.positions = [0] * len(layout.fields)
        self.raw_position = 0
        self._start = len(self.buffer)
        self.buffer += bytes(layout.header.size)

    def finish(self) -> None:
        """Fill the header after the last field."""
        layout, buffer = self.layout, self.buffer
        header = (
            layout.definition.version,
            len(buffer),
            len(self.positions),
            *self.positions,
            self.raw_position,
        )
        layout.header.pack_into(buffer, self._start, *header)

    def begin(self, field_type: FieldType, field_name: str) -> FieldDefinition:
        """Append what precedes the value of a field."""
        known = self.layout.by_type[field_type].get(field_name)
        if known is None or self.positions[known[0]] or self.raw_position:
            raise self.refuse(field_type, field_name)
        index, head = known
        self.positions[index] = len(self.buffer)
        self.buffer += head
        return self.layout.fields[index]

    def write_portable(self, field_name: str, portable: Any) -> None:
        """Append a nested object."""
        field = self.begin(FieldType.PORTABLE, field_name)
        ids = field.factory_id, field.class_id
        self.buffer += (b"\1" if portable is None else b"\0") + self.format.pack_ids(ids)
        if portable is not None:
            self.check_class(field, portable)
            self.format.write_nested(self.out, portable)

    def write_null_portable(self, field_name: str, factory_id: int, class_id: int) -> None:
        """Append a nested object that is absent."""
        field = self.begin(FieldType.PORTABLE, field_name)
        if (factory_id, class_id) != (field.factory_id, field.class_id):
            raise self._wrong_class(field, (factory_id, class_id))
        self.buffer += b"\1" + self.format.pack_ids((factory_id, class_id))

    def get_raw_data_output(self) -> Output:
        """Return the output itself, and refuse named fields from now on."""
        self.raw_position = self.raw_position or len(self.buffer)
        return self.out

    def check_class(self, field: FieldDefinition, portable: Any) -> None:
        """Raise if an object is not of the class that a field holds."""
        ids = self.format.ids_of(portable)
        if ids != (field.factory_id, field.class_id):
            raise self._wrong_class(field, ids)

    def _wrong_class(self, field: FieldDefinition, ids: ClassIds) -> HazelcastSerializationError:
        return HazelcastSerializationError(
            f"{self.layout.describe(field)} holds the class {field.factory_id}/{field.class_id},"
            f" and cannot hold {ids[0]}/{ids[1]}"
        )

    def refuse(self, field_type: FieldType, field_name: str) -> HazelcastSerializationError:
        """Build the error for a field that cannot be written, or not now."""
        definition = self.layout.definition
        field = definition.get_field(field_name)
        if self.raw_position:
            reason = "after the raw data, which must come last"
        elif field is None:
            reason = "but the class definition has no such field"
        elif field.field_type != field_type:
            reason = f"but the class definition has it as {type_name(field.field_type)}"
        else:
            reason = "a second time"
        return HazelcastSerializationError(
            f"the field {field_name!r} of {definition.describe()} is written as {field_type.name}, {reason}"
        )


def _value_writer(field_type: FieldType) -> Callable[..., None]:
    code = int(field_type)  # a plain int is a much faster index than a member of an enum

    def write(self: BodyWriter, field_name: str, value: Any) -> None:
        known = self.layout.by_type[code].get(field_name)
        if known is None or self.positions[known[0]] or self.raw_position:
            raise self.refuse(field_type, field_name)
        index, head = known
        buffer = self.buffer
        self.positions[index] = len(buffer)
        try:
            buffer += head + self.format.packs[code](value)
        except PACK_ERRORS as error:
            raise unfit(self.layout.describe(self.layout.fields[index]), value, error) from error

    return write


def _array_writer(field_type: FieldType) -> Callable[..., None]:
    def write(self: BodyWriter, field_name: str, values: Sequence[Any] | None) -> None:
        field = self.begin(field_type, field_name)
        pack = self.format.packs[field_type]

        def write_item(item: Any) -> None:
            self.buffer += pack(item)

        try:
            self.format.arrays.write(self.buffer, values, write_item)
        except PACK_ERRORS as error:
            raise unfit(self.layout.describe(field), values, error) from error

    return write


def _write_portables(self: BodyWriter, field_name: str, values: Sequence[Any] | None) -> None:
    field = self.begin(FieldType.PORTABLE_ARRAY, field_name)

    def write_item(item: Any) -> None:
        if item is None:
            raise unfit(self.layout.describe(field), values, "an item is None")
        self.check_class(field, item)
        self.format.write_nested(self.out, item)

    ids = self.format.pack_ids((field.factory_id, field.class_id))
    self.format.arrays.write(self.buffer, values, write_item, ids)


def _writer(field_type: FieldType) -> Callable[..., None]:
    return _array_writer(field_type) if field_type in POSITIONED_TYPES else _value_writer(field_type)


implemented(
    {
        **{f"write_{name}": _writer(field_type) for name, field_type in METHOD_TYPES.items()},
        "write_portable_array": _write_portables,
    }
)(BodyWriter)
