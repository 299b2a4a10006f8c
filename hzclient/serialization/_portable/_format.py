"""Portable data: the class of each pair of ids, and whole objects."""

import struct
from collections.abc import Callable
from typing import Any, Final

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import Buffer, invalid, qualified_name, short
from hzclient.serialization._input import Input
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._order import BIG_ENDIAN, LITTLE_ENDIAN
from hzclient.serialization._output import Output
from hzclient.serialization._portable._layout import Layout, Layouts
from hzclient.serialization._portable._reader import BodyReader, Header
from hzclient.serialization._portable._record import PortableRecord, read_record, write_record
from hzclient.serialization._portable._types import PositionedArrays, item_formats, value_formats
from hzclient.serialization._portable._writer import BodyWriter, ClassIds, DefinitionWriter
from hzclient.serialization.api import Portable
from hzclient.serialization.portable.classdef import NESTED_TYPES, ClassDefinition, FieldDefinition, FieldType
from hzclient.serialization.serialization_const import CONSTANT_TYPE_PORTABLE
from hzclient.util import get_portable_version


class PortableFormat:
    """Writes and reads portable data.

    Args:
        options: The factories, class definitions, default version, and byte order.

    Raises:
        HazelcastSerializationError: If class definitions contradict each other.

    Attributes:
        prefix: Byte order.
        packs: For each type, the function that packs a value, or an item if it is an array of positions.
        unpacks: For each type, the function that returns the same at a position, and its end.
        arrays: Writes and reads arrays that hold positions.
    """

    type_id: Final = CONSTANT_TYPE_PORTABLE

    def __init__(self, options: SerializationOptions) -> None:
        order = BIG_ENDIAN if options.is_big_endian else LITTLE_ENDIAN
        formats = {**value_formats(order), **item_formats(order)}
        self.prefix: Final = order.prefix
        self.packs: Final[tuple[Callable[[Any], bytes], ...]] = tuple(
            [formats[field_type].pack if field_type in formats else _no_pack for field_type in FieldType]
        )
        self.unpacks: Final[tuple[Callable[[Buffer, int], tuple[Any, int]], ...]] = tuple(
            [formats[field_type].unpack if field_type in formats else _no_unpack for field_type in FieldType]
        )
        self.arrays: Final = PositionedArrays(order)
        self._ids = struct.Struct(order.prefix + "ii")
        self._factories = options.portable_factories
        self._version = options.portable_version
        self._layouts = Layouts(order.prefix)
        self._layouts.register_all(
            options.class_definitions, options.portable_version, options.check_class_definition_errors
        )

    def handles(self, cls: type[Any]) -> bool:
        """Return whether objects of the class are portable."""
        return issubclass(cls, (Portable, PortableRecord))

    def handles_by_default(self, cls: type[Any]) -> bool:
        """Return False: no class is portable on its own."""
        return False

    def write(self, out: Output, obj: Any) -> None:
        """Append ids and body of an object."""
        out.buffer += self.pack_ids(self.ids_of(obj))
        self._write_body(out, obj)

    def read(self, inp: Input) -> Any:
        """Read ids and body, and build the object: a generic record if its class is unknown."""
        if len(inp.buffer) - inp.pos < self._ids.size:
            raise short(inp.buffer, inp.pos, "portable object", self._ids.size)
        ids = self.read_ids(inp.buffer, inp.pos)
        inp.pos += self._ids.size
        return self._read_body(inp, ids)

    def ids_of(self, obj: object) -> ClassIds:
        """Return factory and class id of an object."""
        if isinstance(obj, PortableRecord):
            return obj.definition.factory_id, obj.definition.class_id
        if not isinstance(obj, Portable):
            raise HazelcastSerializationError(f"a {qualified_name(type(obj))} is not portable")
        if obj.get_class_id() == 0:
            raise HazelcastSerializationError(
                f"the class number of {qualified_name(type(obj))} must not be 0"
            )
        return obj.get_factory_id(), obj.get_class_id()

    def pack_ids(self, ids: ClassIds) -> bytes:
        """Return factory and class id as bytes."""
        return self._ids.pack(*ids)

    def read_ids(self, buffer: Buffer, position: int) -> ClassIds:
        """Return factory and class id at a position, at which there are enough bytes."""
        factory_id, class_id = self._ids.unpack_from(buffer, position)
        return factory_id, class_id

    def write_nested(self, out: Output, obj: Any) -> None:
        """Append the body of an object within another one."""
        out.descend()
        try:
            self._write_body(out, obj)
        finally:
            out.ascend()

    def read_nested(self, inp: Input, position: int, ids: ClassIds) -> tuple[Any, int]:
        """Return the object whose body is at a position, and its end."""
        before = inp.pos
        inp.pos = position
        inp.descend()
        try:
            return self._read_body(inp, ids), inp.pos
        finally:
            inp.ascend()
            inp.pos = before

    def reader(self, inp: Input, ids: ClassIds) -> BodyReader:
        """Return a reader of the body at the position of an input."""
        header = Header(inp, self.prefix)
        layout = self._layouts.find(*ids, header.version)
        if layout is None:
            layout = self._layouts.register(self._definition_of_data(inp.buffer, ids, header))
        return BodyReader(self, layout, header, inp)

    def _write_body(self, out: Output, obj: Any) -> None:
        if isinstance(obj, PortableRecord):
            write_record(obj, self, self._layouts.register(obj.definition), out)
            return
        layout = self._layouts.find(
            *self.ids_of(obj), get_portable_version(obj, self._version)
        ) or self._learn(out, obj)
        writer = BodyWriter(self, layout, out)
        obj.write_portable(writer)
        writer.finish()

    def _learn(self, out: Output, obj: Any) -> Layout:
        definition = ClassDefinition(*self.ids_of(obj), get_portable_version(obj, self._version))
        obj.write_portable(DefinitionWriter(self, definition, out.detached()))
        return self._layouts.register(definition)

    def _read_body(self, inp: Input, ids: ClassIds) -> Any:
        reader = self.reader(inp, ids)
        make = self._factories.get(ids[0], {}).get(ids[1])
        if make is None:
            obj: Any = read_record(reader, self.prefix)
        else:
            obj = make()
            reader.class_version = get_portable_version(obj, self._version)
            obj.read_portable(reader)
        inp.pos = reader.header.end
        return obj

    def _definition_of_data(self, buffer: Buffer, ids: ClassIds, header: Header) -> ClassDefinition:
        """Learn the fields of a class from an object of it."""
        definition = ClassDefinition(*ids, header.version)
        for index, position in enumerate(header.positions):
            name, field_type, start = read_head(buffer, position, header.end, self.prefix)
            nested: ClassIds = (0, 0)
            if field_type in NESTED_TYPES:
                # After the flag of a single object, or the length of an array.
                start += 1 if field_type == FieldType.PORTABLE else 4
                if header.end - start < self._ids.size:
                    raise short(buffer, start, f"portable field {name!r}", self._ids.size)
                nested = self.read_ids(buffer, start)
            definition.add_field_def(FieldDefinition(index, name, field_type, header.version, *nested))
        return definition


def read_head(buffer: Buffer, position: int, end: int, prefix: str) -> tuple[str, FieldType, int]:
    """Read what precedes the value of a field.

    Args:
        buffer: The data.
        position: Offset of the field, 0 if it was not written.
        end: Offset after the object.
        prefix: Byte order.

    Returns:
        Name and type of the field, and the offset of its value.
    """
    if not position:
        raise HazelcastSerializationError("a field of an unknown portable class was not written")
    if end - position < 3:
        raise short(buffer, position, "portable field", 3)
    (length,) = struct.unpack_from(prefix + "h", buffer, position)
    type_at = position + 2 + length
    if length < 0 or type_at >= end:
        raise invalid(position, "portable field", f"a name of {length} bytes does not fit")
    try:
        field_type = FieldType(buffer[type_at])
    except ValueError as error:
        raise invalid(type_at, "portable field", error) from error
    return str(buffer[position + 2 : type_at], "latin-1"), field_type, type_at + 1


def _no_pack(value: Any) -> bytes:
    raise AssertionError("portable objects are written by the format")


def _no_unpack(buffer: Buffer, position: int) -> tuple[Any, int]:
    raise AssertionError("portable objects are read by the format")
