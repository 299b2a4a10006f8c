"""Compact data: the class of each type name, and whole records."""

import logging
import weakref
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from hzclient.errors import HazelcastSerializationError, IllegalArgumentError
from hzclient.serialization._buffer import Buffer
from hzclient.serialization._compact._dataclasses import DataclassBinding, class_plan
from hzclient.serialization._compact._hints import UnmappableError
from hzclient.serialization._compact._kinds import ItemArrays, value_formats
from hzclient.serialization._compact._layout import Layout
from hzclient.serialization._compact._names import find_dataclass, is_declared, type_name_of
from hzclient.serialization._compact._reader import RecordReader
from hzclient.serialization._compact._record import CompactRecord, read_record, write_record
from hzclient.serialization._compact._writer import RecordWriter, SchemaWriter
from hzclient.serialization._input import Input
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._order import BIG_ENDIAN, LITTLE_ENDIAN
from hzclient.serialization._output import Output
from hzclient.serialization._schema import Schema, SchemaRegistry
from hzclient.serialization.api import CompactSerializer, FieldKind
from hzclient.serialization.serialization_const import TYPE_COMPACT

_log = logging.getLogger("hzclient.compact")


class Binding(Protocol):
    """How the objects of a class are written as records, and read."""

    def write(self, out: Output, obj: Any) -> Schema:
        """Append schema id and record, and return the schema."""
        ...

    def read(self, reader: RecordReader) -> Any:
        """Build an object from the fields of a record."""
        ...


class CompactFormat:
    """Writes and reads compact data.

    Args:
        options: The serializers, and the byte order.
        schemas: Receives the schemas of written records, and knows those of records to read.

    Raises:
        IllegalArgumentError: If there are two serializers for a class or a type name.

    Attributes:
        prefix: Byte order.
        packs: For each kind outside the fixed section, the function that packs a value other than None.
        unpacks: For each of these kinds, the function that returns the value at a position and its end.
        arrays: Writes and reads arrays of records.
        origin: Identifies this format in the records that it read.
    """

    type_id: Final = TYPE_COMPACT

    def __init__(self, options: SerializationOptions, schemas: SchemaRegistry) -> None:
        order = BIG_ENDIAN if options.is_big_endian else LITTLE_ENDIAN
        formats = value_formats(order)
        self.prefix: Final = order.prefix
        self.packs: Final[tuple[Callable[[Any], bytes], ...]] = tuple(
            [formats[kind].pack if kind in formats else _no_pack for kind in FieldKind]
        )
        self.unpacks: Final[tuple[Callable[[Buffer, int], tuple[Any, int]], ...]] = tuple(
            [formats[kind].unpack if kind in formats else _no_unpack for kind in FieldKind]
        )
        self.arrays: Final = ItemArrays(order.prefix)
        self.origin: Final = object()
        self._schemas = schemas
        self._layouts: dict[int, Layout] = {}
        self._records = _RecordBinding(self)
        self._by_class: dict[type, Binding] = {CompactRecord: self._records}
        self._by_name: dict[str, Binding] = {}
        self._explicit: dict[str, type] = {}
        for serializer in options.compact_serializers:
            self._register(serializer)

    def handles(self, cls: type) -> bool:
        """Return whether there is a serializer for exactly this class."""
        return cls is CompactRecord or cls in self._explicit.values()

    def handles_by_default(self, cls: type) -> bool:
        """Return whether the class is a dataclass whose fields all have a compact kind."""
        return is_declared(cls) or self._is_mappable(cls, set())

    def write(self, out: Output, obj: Any) -> None:
        """Append schema id and record of an object."""
        self._binding_of(obj).write(out, obj)

    def write_nested(self, out: Output, obj: Any) -> Schema:
        """Append an object within another one, and return its schema."""
        out.descend()
        try:
            return self._binding_of(obj).write(out, obj)
        finally:
            out.ascend()

    def read(self, inp: Input) -> Any:
        """Read schema id and record, and build the object: a generic record if its class is unknown.

        Args:
            inp: Stream at the schema id.

        Returns:
            The object.

        Raises:
            SchemaNotFoundError: If the schema is not known here.
        """
        schema_id = inp.read_long()
        layout = self._layouts.get(schema_id) or self.layout(self._schemas.get(schema_id))
        # `_binding_of_name()` inlined: it runs once per record.
        binding = self._by_name.get(layout.schema.type_name) or self._resolve(layout.schema.type_name)
        return binding.read(RecordReader(self, layout, inp))

    def read_nested(self, inp: Input, position: int) -> tuple[Any, int]:
        """Read the record at a position, and return its object and its end."""
        before = inp.pos
        inp.pos = position
        inp.descend()
        try:
            return self.read(inp), inp.pos
        finally:
            inp.ascend()
            inp.pos = before

    def layout(self, schema: Schema) -> Layout:
        """Return the layout of a schema that is known to the registry."""
        layout = self._layouts[schema.schema_id] = Layout(schema, self.prefix)
        return layout

    def layout_of_records(self, schema_id: int) -> Layout | None:
        """Return the layout of a schema; None if its data is read as objects of a class.

        Args:
            schema_id: Id of the schema.

        Returns:
            The layout.

        Raises:
            SchemaNotFoundError: If the schema is not known here.
        """
        layout = self._layouts.get(schema_id) or self.layout(self._schemas.get(schema_id))
        return layout if self._binding_of_name(layout.schema.type_name) is self._records else None

    def new_layout(self, schema: Schema) -> Layout:
        """Return the layout of a schema that something here is going to be written with."""
        return self._layouts.get(schema.schema_id) or self.layout(self._schemas.register(schema))

    def _register(self, serializer: CompactSerializer[Any]) -> None:
        cls, type_name = serializer.get_class(), serializer.get_type_name()
        if cls in self._by_class:
            raise IllegalArgumentError(f"there are two compact serializers for the class {cls.__qualname__}")
        if type_name in self._by_name:
            raise IllegalArgumentError(f"there are two compact serializers for the type name {type_name!r}")
        self._explicit[type_name] = cls
        self._by_class[cls] = self._by_name[type_name] = _SerializerBinding(self, serializer, type_name)

    def _binding_of(self, obj: object) -> Binding:
        return self._binding(type(obj))

    def _binding(self, cls: type) -> Binding:
        return self._by_class.get(cls) or self._bind(cls)

    def _bind(self, cls: type) -> Binding:
        type_name = type_name_of(cls)
        try:
            binding = DataclassBinding(weakref.proxy(self), cls, type_name or "")
            self._check_nested(cls)
        except UnmappableError as error:
            raise HazelcastSerializationError(
                f"{cls.__module__}.{cls.__qualname__} cannot be written as compact data without a serializer"
                f" in compact_serializers: {error}"
            ) from error
        if type_name in self._explicit:
            raise HazelcastSerializationError(
                f"the type name {type_name!r} of the dataclass {cls.__qualname__} belongs to"
                f" {self._explicit[type_name].__qualname__}, which has a compact serializer"
            )
        # The latest class of a name wins: a module may be loaded again.
        self._by_class[cls] = self._by_name[type_name or ""] = binding
        return binding

    def _check_nested(self, cls: type) -> None:
        for nested in class_plan(cls).nested:
            if not self._is_mappable(nested, {cls}):
                raise UnmappableError(f"it holds objects of {nested.__qualname__}, which cannot either")

    def _is_mappable(self, cls: type, seen: set[type]) -> bool:
        if cls in self._by_class or cls in seen:
            return True
        try:
            plan = class_plan(cls)
        except UnmappableError as error:
            _log.debug("%s is not written as compact data: %s", cls.__qualname__, error)
            return False
        seen.add(cls)
        return all(self._is_mappable(nested, seen) for nested in plan.nested)

    def _binding_of_name(self, type_name: str) -> Binding:
        return self._by_name.get(type_name) or self._resolve(type_name)

    def _resolve(self, type_name: str) -> Binding:
        cls = find_dataclass(type_name)
        return self._records if cls is None or not self.handles_by_default(cls) else self._binding(cls)


class _SerializerBinding:
    """Objects of a class with a serializer. The first one that is written makes the schema."""

    def __init__(self, values: CompactFormat, serializer: CompactSerializer[Any], type_name: str) -> None:
        self._format = _weakly(values)
        self._serializer = serializer
        self._type_name = type_name
        self._layout: Layout | None = None

    def write(self, out: Output, obj: Any) -> Schema:
        layout = self._layout or self._learn(obj)
        writer = RecordWriter(self._format(), layout, out)
        self._serializer.write(writer, obj)
        writer.finish()
        return layout.schema

    def read(self, reader: RecordReader) -> Any:
        return self._serializer.read(reader)

    def _learn(self, obj: Any) -> Layout:
        collector = SchemaWriter()
        self._serializer.write(collector, obj)
        self._layout = self._format().new_layout(Schema(self._type_name, collector.fields))
        return self._layout


class _RecordBinding:
    """Records without a class."""

    def __init__(self, values: CompactFormat) -> None:
        self._format = _weakly(values)

    def write(self, out: Output, obj: CompactRecord) -> Schema:
        values = self._format()
        write_record(obj, values, values.new_layout(obj.schema), out)
        return obj.schema

    def read(self, reader: RecordReader) -> CompactRecord:
        values = self._format()
        return read_record(reader, values.prefix, values.origin)


def _weakly(values: CompactFormat) -> Callable[[], CompactFormat]:
    """Return what gives the format to one of its own bindings, without a cycle of references."""
    return cast(Callable[[], CompactFormat], weakref.ref(values))  # bindings are reached through it only


def _no_pack(value: Any) -> bytes:
    raise AssertionError("a kind of the fixed section, or a record")


def _no_unpack(buffer: Buffer, position: int) -> tuple[Any, int]:
    raise AssertionError("a kind of the fixed section, or a record")
